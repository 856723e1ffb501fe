use chacha20poly1305::aead::{AeadInPlace, KeyInit};

use super::*;
use crate::chacha20::reference::block;
use crate::poly1305::reference::tag as poly1305;
use crate::test_support::{lengths, Seeded};

/// RFC 8439 §2.8, step by step: the ciphertext and the tag.
fn reference(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], plaintext: &[u8]) -> (Vec<u8>, [u8; 16]) {
    let keystream = (1..).flat_map(|counter| block(key, counter, nonce));
    let ciphertext: Vec<u8> = plaintext.iter().zip(keystream).map(|(byte, pad)| byte ^ pad).collect();
    let mut input = Vec::new();
    for part in [aad, &ciphertext] {
        input.extend(part);
        input.resize(input.len().next_multiple_of(16), 0);
    }
    input.extend((aad.len() as u64).to_le_bytes());
    input.extend((ciphertext.len() as u64).to_le_bytes());
    let one_time_key = block(key, 0, nonce)[..32].try_into().unwrap();
    (ciphertext, poly1305(&one_time_key, &input))
}

fn rust_crypto(algorithm: Algorithm, key: &[u8; 32], nonce: &[u8], aad: &[u8], message: &mut [u8]) -> [u8; 16] {
    match algorithm {
        Algorithm::ChaCha20Poly1305 => {
            chacha20poly1305::ChaCha20Poly1305::new(key.into()).encrypt_in_place_detached(nonce.into(), aad, message)
        }
        Algorithm::XChaCha20Poly1305 => {
            chacha20poly1305::XChaCha20Poly1305::new(key.into()).encrypt_in_place_detached(nonce.into(), aad, message)
        }
    }
    .unwrap()
    .into()
}

/// RFC 8439 §2.8.2.
#[test]
fn seals_the_rfc_example() {
    let key: [u8; 32] = std::array::from_fn(|i| 0x80 + i as u8);
    let nonce = hex::decode("070000004041424344454647").unwrap();
    let aad = hex::decode("50515253c0c1c2c3c4c5c6c7").unwrap();
    let plaintext = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
    let mut message = *plaintext;
    let tag = seal_in_place(Algorithm::ChaCha20Poly1305, &key, &nonce, &aad, &mut message).unwrap();
    assert_eq!(hex::encode(tag), "1ae10b594f09e26a7e902ecbd0600691");
    assert_eq!(
        reference(&key, nonce[..].try_into().unwrap(), &aad, plaintext),
        (message.to_vec(), tag)
    );
    open_in_place(Algorithm::ChaCha20Poly1305, &key, &nonce, &aad, &mut message, &tag).unwrap();
    assert_eq!(&message, plaintext);
}

#[test]
fn seals_as_the_references_do_at_every_length_and_opens_again() {
    let mut random = Seeded::new(1);
    for length in lengths() {
        let (key, nonce) = (random.array(), random.array::<24>());
        let plaintext = random.bytes(length);
        let aads = if length <= 300 {
            &[0, 1, 15, 16, 17, 64, 300][..]
        } else {
            &[0, 17]
        };
        for aad in aads.iter().map(|&length| random.bytes(length)) {
            for algorithm in [Algorithm::ChaCha20Poly1305, Algorithm::XChaCha20Poly1305] {
                let nonce = &nonce[..algorithm.nonce_bytes()];
                let mut message = plaintext.clone();
                let tag = seal_in_place(algorithm, &key, nonce, &aad, &mut message).unwrap();
                let mut expected = plaintext.clone();
                let expected_tag = rust_crypto(algorithm, &key, nonce, &aad, &mut expected);
                assert!(message == expected, "{algorithm:?}, {length} bytes");
                assert_eq!(tag, expected_tag, "{algorithm:?}, {length} bytes, aad {}", aad.len());
                if length <= 1400 && algorithm == Algorithm::ChaCha20Poly1305 {
                    let twin = reference(&key, nonce.try_into().unwrap(), &aad, &plaintext);
                    assert!(twin == (message.clone(), tag), "{length} bytes, aad {}", aad.len());
                }
                open_in_place(algorithm, &key, nonce, &aad, &mut message, &tag).unwrap();
                assert!(message == plaintext, "{algorithm:?}, {length} bytes");
            }
        }
    }
}

#[test]
fn a_changed_bit_of_tag_message_or_aad_leaves_zeros() {
    let mut random = Seeded::new(2);
    let (key, nonce) = (random.array(), random.array::<24>());
    for algorithm in [Algorithm::ChaCha20Poly1305, Algorithm::XChaCha20Poly1305] {
        let nonce = &nonce[..algorithm.nonce_bytes()];
        for length in [0, 1, 64, 65, 600] {
            let mut sealed = random.bytes(length);
            let aad = random.bytes(20);
            let tag = seal_in_place(algorithm, &key, nonce, &aad, &mut sealed).unwrap();
            let refuses = |mut message: Vec<u8>, aad: &[u8], tag: [u8; 16]| {
                let answer = open_in_place(algorithm, &key, nonce, aad, &mut message, &tag);
                assert_eq!(answer, Err(Error::AuthFailed));
                assert!(message.iter().all(|&byte| byte == 0), "{length} bytes");
            };
            for bit in 0..128 {
                let mut tag = tag;
                tag[bit / 8] ^= 1 << (bit % 8);
                refuses(sealed.clone(), &aad, tag);
            }
            for byte in 0..length {
                let mut message = sealed.clone();
                message[byte] ^= 1 << (byte % 8);
                refuses(message, &aad, tag);
            }
            for byte in 0..20 {
                let mut aad = aad.clone();
                aad[byte] ^= 0x80;
                refuses(sealed.clone(), &aad, tag);
            }
            refuses(sealed.clone(), &aad[1..], tag);
        }
    }
}

#[test]
fn a_nonce_of_another_length_is_refused_and_the_message_untouched() {
    for (algorithm, length) in [(Algorithm::ChaCha20Poly1305, 24), (Algorithm::XChaCha20Poly1305, 12)] {
        let mut message = [5; 3];
        let nonce = &[0; 24][..length];
        let sealed = seal_in_place(algorithm, &[0; 32], nonce, b"", &mut message);
        assert_eq!(sealed, Err(Error::InvalidArgument));
        let opened = open_in_place(algorithm, &[0; 32], nonce, b"", &mut message, &[0; 16]);
        assert_eq!(opened, Err(Error::InvalidArgument));
        assert_eq!(message, [5; 3]);
    }
}

#[test]
fn what_is_shorter_than_a_tag_does_not_open() {
    for length in 0..TAG_BYTES {
        let opened = open(Algorithm::ChaCha20Poly1305, &[0; 32], &[0; 12], b"", &vec![0; length]);
        assert_eq!(opened, Err(Error::AuthFailed));
    }
}

/// A batch of random messages, and what becomes of each one by itself.
struct Batch {
    keys: Vec<[u8; 32]>,
    nonces: Vec<[u8; 12]>,
    aads: Vec<Vec<u8>>,
    messages: Vec<Vec<u8>>,
    tags: Vec<[u8; 16]>,
}

impl Batch {
    fn random(random: &mut Seeded, count: usize, length: impl Fn(&mut Seeded) -> usize) -> Self {
        let mut batch = Self {
            keys: vec![],
            nonces: vec![],
            aads: vec![],
            messages: vec![],
            tags: vec![[0; 16]; count],
        };
        for _ in 0..count {
            let (aad, message) = (random.below(40), length(random));
            batch.keys.push(random.array());
            batch.nonces.push(random.array());
            batch.aads.push(random.bytes(aad));
            batch.messages.push(random.bytes(message));
        }
        batch
    }

    fn jobs(&mut self) -> impl Iterator<Item = Job<'_>> {
        let texts = self.messages.iter_mut().zip(&mut self.tags);
        let rest = self.keys.iter().zip(&self.nonces).zip(&self.aads);
        rest.zip(texts)
            .enumerate()
            .map(|(index, (((key, nonce), aad), (message, tag)))| Job {
                index,
                key,
                nonce,
                aad,
                message,
                tag,
            })
    }

    fn assert_is_sealed(&self, plaintexts: &[Vec<u8>]) {
        for (i, plaintext) in plaintexts.iter().enumerate() {
            let mut expected = plaintext.clone();
            let algorithm = Algorithm::ChaCha20Poly1305;
            let tag = rust_crypto(algorithm, &self.keys[i], &self.nonces[i], &self.aads[i], &mut expected);
            assert!(self.messages[i] == expected, "message {i} of {} bytes", plaintext.len());
            assert_eq!(self.tags[i], tag, "message {i} of {} bytes", plaintext.len());
        }
    }
}

#[test]
fn a_batch_is_each_of_its_messages_by_itself() {
    let mut random = Seeded::new(3);
    let mut messages = 0;
    for round in 0..7_500 {
        let count = random.below(if round % 50 == 0 { 400 } else { 24 });
        let longest = [1, 70, 300, 1_500][round % 4];
        let mut batch = Batch::random(&mut random, count, |random| random.below(longest));
        let plaintexts = batch.messages.clone();
        seal_batch(&mut batch.jobs());
        batch.assert_is_sealed(&plaintexts);
        open_batch(&mut batch.jobs(), &mut |index| panic!("message {index} did not open"));
        assert!(batch.messages == plaintexts, "round {round}");
        messages += count;
    }
    assert!(messages >= 100_000, "{messages}");
}

#[test]
fn a_batch_of_equal_lengths_is_each_of_its_messages_by_itself() {
    let mut random = Seeded::new(4);
    for length in (0..700).chain([1_023, 1_024, 1_025, 8_191, 8_192, 8_193, 20_000]) {
        let count = 8 + length % 8;
        let mut batch = Batch::random(&mut random, count, |_| length);
        let plaintexts = batch.messages.clone();
        seal_batch(&mut batch.jobs());
        batch.assert_is_sealed(&plaintexts);
        open_batch(&mut batch.jobs(), &mut |index| panic!("message {index} did not open"));
        assert!(batch.messages == plaintexts, "{length} bytes");
    }
}

#[test]
fn a_batch_names_each_forged_message_zeroes_it_and_opens_the_others() {
    let mut random = Seeded::new(5);
    for round in 0..400 {
        let mut batch = Batch::random(&mut random, 1 + round % 20, |random| match random.below(30) {
            0 => 9_000,
            _ => random.below(200),
        });
        let mut expected = batch.messages.clone();
        seal_batch(&mut batch.jobs());
        let mut forged = Vec::new();
        for (i, plaintext) in expected.iter_mut().enumerate() {
            if random.below(3) == 0 {
                batch.tags[i][i % 16] ^= 1 << (round % 8);
                plaintext.fill(0);
                forged.push(i);
            }
        }
        let mut refused = Vec::new();
        open_batch(&mut batch.jobs(), &mut |index| refused.push(index));
        refused.sort_unstable();
        assert_eq!(refused, forged);
        assert!(batch.messages == expected, "round {round}");
    }
}

#[test]
fn an_empty_batch_is_nothing_to_do() {
    seal_batch(&mut std::iter::empty());
    open_batch(&mut std::iter::empty(), &mut |_| panic!());
}
