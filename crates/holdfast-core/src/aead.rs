//! ChaCha20-Poly1305 (RFC 8439) and XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha), the tag at the end of the ciphertext.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, XChaCha20Poly1305};

use crate::{Error, Result};

pub const KEY_BYTES: usize = 32;
pub const TAG_BYTES: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// 12-byte nonce: at most 2^32 messages per key when nonces are random.
    ChaCha20Poly1305,
    /// 24-byte nonce: random nonces are safe for any number of messages.
    XChaCha20Poly1305,
}

impl Algorithm {
    pub const fn nonce_bytes(self) -> usize {
        match self {
            Self::ChaCha20Poly1305 => 12,
            Self::XChaCha20Poly1305 => 24,
        }
    }
}

/// `plaintext.len() + 16` bytes.
pub fn seal(algorithm: Algorithm, key: &[u8; 32], nonce: &[u8], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>> {
    let payload = Payload { msg: plaintext, aad };
    check_nonce(algorithm, nonce)?;
    match algorithm {
        Algorithm::ChaCha20Poly1305 => ChaCha20Poly1305::new(key.into()).encrypt(nonce.into(), payload),
        Algorithm::XChaCha20Poly1305 => XChaCha20Poly1305::new(key.into()).encrypt(nonce.into(), payload),
    }
    .map_err(|_| Error::LimitExceeded)
}

/// The plaintext, or [`Error::AuthFailed`].
pub fn open(algorithm: Algorithm, key: &[u8; 32], nonce: &[u8], aad: &[u8], ciphertext: &[u8]) -> Result<Vec<u8>> {
    let payload = Payload { msg: ciphertext, aad };
    check_nonce(algorithm, nonce)?;
    match algorithm {
        Algorithm::ChaCha20Poly1305 => ChaCha20Poly1305::new(key.into()).decrypt(nonce.into(), payload),
        Algorithm::XChaCha20Poly1305 => XChaCha20Poly1305::new(key.into()).decrypt(nonce.into(), payload),
    }
    .map_err(|_| Error::AuthFailed)
}

fn check_nonce(algorithm: Algorithm, nonce: &[u8]) -> Result<()> {
    (nonce.len() == algorithm.nonce_bytes())
        .then_some(())
        .ok_or(Error::InvalidArgument)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8439 §2.8.2.
    #[test]
    fn seals_the_rfc_example() {
        let key: [u8; 32] = std::array::from_fn(|i| 0x80 + i as u8);
        let nonce = hex::decode("070000004041424344454647").unwrap();
        let aad = hex::decode("50515253c0c1c2c3c4c5c6c7").unwrap();
        let plaintext = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
        let sealed = seal(Algorithm::ChaCha20Poly1305, &key, &nonce, &aad, plaintext).unwrap();
        assert_eq!(
            hex::encode(&sealed[plaintext.len()..]),
            "1ae10b594f09e26a7e902ecbd0600691"
        );
        assert_eq!(
            open(Algorithm::ChaCha20Poly1305, &key, &nonce, &aad, &sealed).unwrap(),
            plaintext
        );
    }

    #[test]
    fn refuses_every_flipped_bit_and_every_truncation() {
        for algorithm in [Algorithm::ChaCha20Poly1305, Algorithm::XChaCha20Poly1305] {
            let nonce = vec![9; algorithm.nonce_bytes()];
            let sealed = seal(algorithm, &[7; 32], &nonce, b"aad", b"plaintext").unwrap();
            for bit in 0..sealed.len() * 8 {
                let mut damaged = sealed.clone();
                damaged[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(
                    open(algorithm, &[7; 32], &nonce, b"aad", &damaged),
                    Err(Error::AuthFailed)
                );
            }
            for length in 0..sealed.len() {
                assert_eq!(
                    open(algorithm, &[7; 32], &nonce, b"aad", &sealed[..length]),
                    Err(Error::AuthFailed)
                );
            }
            assert_eq!(
                seal(algorithm, &[7; 32], &nonce[1..], b"", b""),
                Err(Error::InvalidArgument)
            );
        }
    }
}
