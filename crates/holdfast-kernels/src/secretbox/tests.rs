use crypto_secretbox::aead::{AeadInPlace, KeyInit};
use crypto_secretbox::XSalsa20Poly1305;

use super::*;
use crate::poly1305::reference::tag as poly1305;
use crate::salsa20::reference::{block, hsalsa20};
use crate::test_support::{lengths, Seeded};

/// The ciphertext and the tag, step by step.
fn reference(key: &[u8; 32], nonce: &[u8; 24], plaintext: &[u8]) -> (Vec<u8>, [u8; 16]) {
    let subkey = hsalsa20(key, nonce[..16].try_into().unwrap());
    let mut keystream = (0..).flat_map(|counter| block(&subkey, counter, nonce[16..].try_into().unwrap()));
    let one_time_key = std::array::from_fn(|_| keystream.next().unwrap());
    let ciphertext: Vec<u8> = plaintext.iter().zip(keystream).map(|(byte, pad)| byte ^ pad).collect();
    let tag = poly1305(&one_time_key, &ciphertext);
    (ciphertext, tag)
}

#[test]
fn seals_as_the_references_do_at_every_length_and_opens_again() {
    let mut random = Seeded::new(6);
    for length in lengths() {
        let (key, nonce) = (random.array(), random.array());
        let plaintext = random.bytes(length);
        let mut message = plaintext.clone();
        let tag = seal_in_place(&key, &nonce, &mut message);
        let mut expected = plaintext.clone();
        let rust_crypto = XSalsa20Poly1305::new((&key).into());
        let expected_tag = rust_crypto.encrypt_in_place_detached((&nonce).into(), &[], &mut expected);
        assert!(message == expected, "{length} bytes");
        assert_eq!(tag[..], expected_tag.unwrap()[..], "{length} bytes");
        if length <= 1400 {
            assert!(
                reference(&key, &nonce, &plaintext) == (message.clone(), tag),
                "{length} bytes"
            );
        }
        open_in_place(&key, &nonce, &mut message, &tag).unwrap();
        assert!(message == plaintext, "{length} bytes");
    }
}

#[test]
fn a_changed_bit_of_tag_or_message_leaves_zeros() {
    let mut random = Seeded::new(7);
    let (key, nonce) = (random.array(), random.array());
    for length in [0, 1, 32, 224, 225, 600] {
        let mut sealed = random.bytes(length);
        let tag = seal_in_place(&key, &nonce, &mut sealed);
        let refuses = |mut message: Vec<u8>, tag: [u8; 16]| {
            assert_eq!(open_in_place(&key, &nonce, &mut message, &tag), Err(Error::AuthFailed));
            assert!(message.iter().all(|&byte| byte == 0), "{length} bytes");
        };
        for bit in 0..128 {
            let mut tag = tag;
            tag[bit / 8] ^= 1 << (bit % 8);
            refuses(sealed.clone(), tag);
        }
        for byte in 0..length {
            let mut message = sealed.clone();
            message[byte] ^= 1 << (byte % 8);
            refuses(message, tag);
        }
    }
}
