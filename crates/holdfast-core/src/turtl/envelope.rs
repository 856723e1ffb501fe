//! Turtl v6 envelope (turtl §1):
//!
//! ```text
//! offset  size  field
//! 0       2     version, big-endian, always 6          ┐
//! 2       1     description length, always 1           │
//! 3       1     algorithm index, 0 = ChaCha20-Poly1305 │ the header is the AAD
//! 4       1     nonce length, always 12                │
//! 5       12    nonce                                  ┘
//! 17      n+16  ciphertext and tag
//! ```
//!
//! No identity of the object is authenticated: an envelope can be moved to another place that has the same key.

use alloc::vec::Vec;

use crate::aead::{self, Algorithm};
use crate::{Error, Result};

pub const HEADER_BYTES: usize = 17;
const PREFIX: [u8; 5] = [0, 6, 1, 0, 12];
/// Bytes an envelope is longer than its plaintext.
pub const OVERHEAD: usize = HEADER_BYTES + aead::TAG_BYTES;

pub fn seal(key: &[u8; 32], nonce: &[u8; 12], plaintext: &[u8]) -> Result<Vec<u8>> {
    let header = header(nonce);
    let ciphertext = aead::seal(Algorithm::ChaCha20Poly1305, key, nonce, &header, plaintext)?;
    Ok([&header[..], &ciphertext].concat())
}

/// The header of every envelope with this nonce: its first 17 bytes, and its associated data.
pub fn header(nonce: &[u8; 12]) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..PREFIX.len()].copy_from_slice(&PREFIX);
    header[PREFIX.len()..].copy_from_slice(nonce);
    header
}

/// Judges the structure from cheap to costly, then opens.
pub fn open(key: &[u8; 32], envelope: &[u8]) -> Result<Vec<u8>> {
    judge(envelope)?;
    let (header, ciphertext) = envelope.split_at(HEADER_BYTES);
    aead::open(Algorithm::ChaCha20Poly1305, key, &header[5..], header, ciphertext)
}

/// Whether `envelope` has the structure of one, before a key is used.
pub fn judge(envelope: &[u8]) -> Result<()> {
    let [version_high, version_low, description_length, algorithm, ..] = *envelope else {
        return Err(Error::Truncated);
    };
    if [version_high, version_low] != PREFIX[..2] {
        return Err(Error::UnsupportedVersion);
    }
    if envelope.len() <= 3 + usize::from(description_length) {
        return Err(Error::Truncated);
    }
    if description_length == 0 {
        return Err(Error::NoncanonicalHeader);
    }
    if algorithm != 0 {
        return Err(Error::UnsupportedAlgorithm);
    }
    if description_length != 1 || envelope[4] != 12 {
        return Err(Error::NoncanonicalHeader);
    }
    if envelope.len() < OVERHEAD {
        return Err(Error::Truncated);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// turtl §1.5.
    #[test]
    fn seals_the_worked_example() {
        let key: [u8; 32] = std::array::from_fn(|i| i as u8);
        let nonce: [u8; 12] = hex::decode("070000004041424344454647").unwrap().try_into().unwrap();
        let envelope = seal(&key, &nonce, "{\"title\":\"hello ☠\"}".as_bytes()).unwrap();
        assert_eq!(
            hex::encode(&envelope),
            "000601000c07000000404142434445464732ce054b652d09e2a3cb25521a1e228f77711df545dbeca79065d32c91e95b1d3d5eff1832"
        );
        assert_eq!(open(&key, &envelope).unwrap(), "{\"title\":\"hello ☠\"}".as_bytes());
        for length in 0..envelope.len() {
            assert!(open(&key, &envelope[..length]).is_err());
        }
    }

    #[test]
    fn tells_structure_errors_apart_before_the_key() {
        let envelope = seal(&[1; 32], &[2; 12], b"x").unwrap();
        let with = |at: usize, value: u8| {
            let mut changed = envelope.clone();
            changed[at] = value;
            open(&[1; 32], &changed).unwrap_err()
        };
        assert_eq!(with(1, 5), Error::UnsupportedVersion);
        assert_eq!(with(2, 0), Error::NoncanonicalHeader);
        assert_eq!(with(2, 255), Error::Truncated);
        assert_eq!(with(3, 1), Error::UnsupportedAlgorithm);
        assert_eq!(with(4, 11), Error::NoncanonicalHeader);
        assert_eq!(with(5, 3), Error::AuthFailed);
    }
}
