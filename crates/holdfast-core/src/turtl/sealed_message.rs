//! Turtl's asymmetric format, version 3 (turtl §2): one version byte, not authenticated, before a sealed box.

use alloc::vec::Vec;

use crate::{sealed_box, Error, Result};

const VERSION: u8 = 3;
/// Bytes a sealed message is longer than its plaintext.
pub const OVERHEAD: usize = 1 + sealed_box::OVERHEAD;

pub fn open(public_key: &[u8; 32], secret_key: &[u8; 32], message: &[u8]) -> Result<Vec<u8>> {
    let (&version, sealed) = message.split_first().ok_or(Error::Truncated)?;
    if message.len() < OVERHEAD {
        return Err(Error::Truncated);
    }
    if version != VERSION {
        return Err(Error::UnsupportedVersion);
    }
    sealed_box::open(public_key, secret_key, sealed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x25519::derive_public_key;

    #[test]
    fn opens_what_was_sealed_and_judges_the_structure_first() {
        let public = derive_public_key(&[1; 32]);
        let message = [&[VERSION], &sealed_box::seal(&public, &[2; 32], b"invite").unwrap()[..]].concat();
        assert_eq!(open(&public, &[1; 32], &message).unwrap(), b"invite");
        assert_eq!(open(&public, &[1; 32], &message[..48]), Err(Error::Truncated));
        assert_eq!(open(&public, &[1; 32], &[4; 60]), Err(Error::UnsupportedVersion));
        assert_eq!(open(&public, &[3; 32], &message), Err(Error::AuthFailed));
    }
}
