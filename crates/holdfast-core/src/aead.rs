//! ChaCha20-Poly1305 (RFC 8439) and XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha), the tag at the end of the ciphertext.

use chacha20poly1305::aead::{AeadInPlace, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, XChaCha20Poly1305};
use zeroize::Zeroize;

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

/// Seals `message` in place: it becomes the ciphertext, and the tag is the answer.
///
/// `nonce` must never repeat under one key.
pub fn seal_in_place(
    algorithm: Algorithm,
    key: &[u8; 32],
    nonce: &[u8],
    aad: &[u8],
    message: &mut [u8],
) -> Result<[u8; 16]> {
    check_nonce(algorithm, nonce)?;
    match algorithm {
        Algorithm::ChaCha20Poly1305 => {
            ChaCha20Poly1305::new(key.into()).encrypt_in_place_detached(nonce.into(), aad, message)
        }
        Algorithm::XChaCha20Poly1305 => {
            XChaCha20Poly1305::new(key.into()).encrypt_in_place_detached(nonce.into(), aad, message)
        }
    }
    .map(Into::into)
    .map_err(|_| Error::LimitExceeded)
}

/// Opens `message` in place: it becomes the plaintext. On [`Error::AuthFailed`] it is zeroed, never left as plaintext
/// that nobody vouches for.
pub fn open_in_place(
    algorithm: Algorithm,
    key: &[u8; 32],
    nonce: &[u8],
    aad: &[u8],
    message: &mut [u8],
    tag: &[u8; 16],
) -> Result<()> {
    check_nonce(algorithm, nonce)?;
    match algorithm {
        Algorithm::ChaCha20Poly1305 => {
            ChaCha20Poly1305::new(key.into()).decrypt_in_place_detached(nonce.into(), aad, message, tag.into())
        }
        Algorithm::XChaCha20Poly1305 => {
            XChaCha20Poly1305::new(key.into()).decrypt_in_place_detached(nonce.into(), aad, message, tag.into())
        }
    }
    .map_err(|_| {
        message.zeroize();
        Error::AuthFailed
    })
}

/// One message of a batch under ChaCha20-Poly1305: every one has its own key, nonce, length and associated data.
pub struct Job<'a> {
    pub key: &'a [u8; 32],
    pub nonce: &'a [u8; 12],
    pub aad: &'a [u8],
    /// Sealed or opened in place.
    pub message: &'a mut [u8],
    /// Written when sealing, compared when opening.
    pub tag: &'a mut [u8; 16],
}

/// Seals many messages; nothing is allocated.
pub fn seal_batch<'a>(jobs: impl Iterator<Item = Job<'a>>) {
    for job in jobs {
        if let Ok(tag) = seal_in_place(Algorithm::ChaCha20Poly1305, job.key, job.nonce, job.aad, job.message) {
            *job.tag = tag;
        }
    }
}

/// Opens many messages; nothing is allocated. `refused` hears the index of each that did not open; its message is zeroed.
pub fn open_batch<'a>(jobs: impl Iterator<Item = Job<'a>>, mut refused: impl FnMut(usize)) {
    for (index, job) in jobs.enumerate() {
        if open_in_place(
            Algorithm::ChaCha20Poly1305,
            job.key,
            job.nonce,
            job.aad,
            job.message,
            job.tag,
        )
        .is_err()
        {
            refused(index);
        }
    }
}

/// `plaintext.len() + 16` bytes.
pub fn seal(algorithm: Algorithm, key: &[u8; 32], nonce: &[u8], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>> {
    let mut sealed = Vec::with_capacity(plaintext.len() + TAG_BYTES);
    sealed.extend_from_slice(plaintext);
    let tag = seal_in_place(algorithm, key, nonce, aad, &mut sealed)?;
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

/// The plaintext, or [`Error::AuthFailed`].
pub fn open(algorithm: Algorithm, key: &[u8; 32], nonce: &[u8], aad: &[u8], ciphertext: &[u8]) -> Result<Vec<u8>> {
    check_nonce(algorithm, nonce)?;
    let (message, tag) = ciphertext.split_last_chunk::<TAG_BYTES>().ok_or(Error::AuthFailed)?;
    let mut message = message.to_vec();
    open_in_place(algorithm, key, nonce, aad, &mut message, tag)?;
    Ok(message)
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
