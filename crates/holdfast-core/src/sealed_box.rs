//! libsodium's `crypto_box_seal` (world-backup-client §2.1):
//!
//! ```text
//! offset  size  field
//! 0       32    ephemeral X25519 public key
//! 32      16    Poly1305 tag                 ┐ XSalsa20-Poly1305 under HSalsa20(shared secret),
//! 48      n     ciphertext                   ┘ nonce = BLAKE2b-192(ephemeral public || recipient public)
//! ```
//!
//! Anyone who knows the recipient's public key can make one: a sealed box proves nothing about its sender.

use crypto_secretbox::aead::{Aead, KeyInit};
use crypto_secretbox::XSalsa20Poly1305;
use salsa20::cipher::consts::U10;
use zeroize::Zeroizing;

use crate::x25519::{derive_public_key, shared_secret};
use crate::{Error, Result};

/// Bytes a sealed box is longer than its plaintext.
pub const OVERHEAD: usize = 48;

/// `ephemeral_secret` is 32 fresh random bytes for every box.
pub fn seal(public_key: &[u8; 32], ephemeral_secret: &[u8; 32], plaintext: &[u8]) -> Result<Vec<u8>> {
    let cipher = cipher(&*shared_secret(ephemeral_secret, public_key)?);
    let ephemeral_public = derive_public_key(ephemeral_secret);
    let nonce = nonce(&ephemeral_public, public_key);
    let ciphertext = cipher
        .encrypt((&nonce).into(), plaintext)
        .map_err(|_| Error::LimitExceeded)?;
    Ok([&ephemeral_public[..], &ciphertext].concat())
}

/// The plaintext, or [`Error::AuthFailed`]: also for a box too short, or an ephemeral key of low order.
pub fn open(public_key: &[u8; 32], secret_key: &[u8; 32], sealed: &[u8]) -> Result<Vec<u8>> {
    let (ephemeral_public, ciphertext) = sealed.split_first_chunk::<32>().ok_or(Error::AuthFailed)?;
    let shared = shared_secret(secret_key, ephemeral_public).map_err(|_| Error::AuthFailed)?;
    let nonce = nonce(ephemeral_public, public_key);
    cipher(&shared)
        .decrypt((&nonce).into(), ciphertext)
        .map_err(|_| Error::AuthFailed)
}

fn cipher(shared: &[u8; 32]) -> XSalsa20Poly1305 {
    let key = Zeroizing::new(<[u8; 32]>::from(salsa20::hsalsa::<U10>(
        shared.into(),
        &[0u8; 16].into(),
    )));
    XSalsa20Poly1305::new((&*key).into())
}

fn nonce(ephemeral_public: &[u8; 32], public_key: &[u8; 32]) -> [u8; 24] {
    let digest = blake2b_simd::Params::new()
        .hash_length(24)
        .to_state()
        .update(ephemeral_public)
        .update(public_key)
        .finalize();
    let mut nonce = [0; 24];
    nonce.copy_from_slice(digest.as_bytes());
    nonce
}

#[cfg(test)]
mod tests {
    use super::*;

    /// world-backup-client §14, `sealedBox`.
    #[test]
    fn seals_the_worked_example() {
        let factor: [u8; 32] = hex::decode("67a9b25d7cd2e11cba781af1d4be91c73d3561e5a8fbc2904cb6c2f274acae37")
            .unwrap()
            .try_into()
            .unwrap();
        let public = derive_public_key(&factor);
        let sealed = seal(&public, &[1; 32], &[2; 32]).unwrap();
        assert_eq!(
            hex::encode(&sealed),
            "a4e09292b651c278b9772c569f5fa9bb13d906b46ab68c9df9dc2b4409f8a2096c28813bfd2227d2c3dc1e4faf7d4543453305b6dd14ad7dbf187e7a30492a941ec79ded167011c0cde72b50ed84e5b5"
        );
        assert_eq!(open(&public, &factor, &sealed).unwrap(), [2; 32]);
    }

    #[test]
    fn refuses_what_was_damaged_cut_or_made_with_a_weak_key() {
        let public = derive_public_key(&[3; 32]);
        let sealed = seal(&public, &[4; 32], b"text").unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut damaged = sealed.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&public, &[3; 32], &damaged), Err(Error::AuthFailed));
        }
        for length in 0..sealed.len() {
            assert_eq!(open(&public, &[3; 32], &sealed[..length]), Err(Error::AuthFailed));
        }
        assert_eq!(seal(&[0; 32], &[4; 32], b""), Err(Error::WeakPublicKey));
        assert_eq!(open(&public, &[3; 32], &[0; 64]), Err(Error::AuthFailed));
    }
}
