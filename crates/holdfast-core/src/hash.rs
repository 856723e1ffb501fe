//! BLAKE2b (RFC 7693) and BLAKE3 in their default modes.

use alloc::vec;
use alloc::vec::Vec;

use holdfast_kernels::blake2b::{Blake2b, Params};
use holdfast_kernels::blake3;

use crate::{Error, Result};

/// `length` 1 to 64, `key` 0 to 64 bytes.
pub fn blake2b(message: &[u8], length: usize, key: &[u8]) -> Result<Vec<u8>> {
    if !(1..=64).contains(&length) || key.len() > 64 {
        return Err(Error::InvalidArgument);
    }
    let mut hasher = Blake2b::new(&Params {
        key,
        ..Params::unkeyed(length)
    });
    hasher.update(message);
    let mut digest = vec![0; length];
    hasher.finish(&mut digest);
    Ok(digest)
}

/// `length` 1 to 65,536.
pub fn blake3(message: &[u8], length: usize) -> Result<Vec<u8>> {
    if !(1..=65_536).contains(&length) {
        return Err(Error::InvalidArgument);
    }
    let mut digest = vec![0; length];
    blake3::hash(message, &mut digest);
    Ok(digest)
}

/// The 32 bytes that manifests and file records carry.
pub fn checksum(message: &[u8]) -> [u8; 32] {
    let mut digest = [0; 32];
    blake3::hash(message, &mut digest);
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_published_answers() {
        assert!(hex::encode(blake2b(b"abc", 64, b"").unwrap()).starts_with("ba80a53f981c4d0d6a2797b69f12f6e9"));
        assert_eq!(
            hex::encode(blake3(b"", 32).unwrap()),
            "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
        );
        assert_eq!(blake2b(b"", 0, b""), Err(Error::InvalidArgument));
        assert_eq!(blake2b(b"", 32, &[0; 65]), Err(Error::InvalidArgument));
        assert_eq!(blake3(b"", 0), Err(Error::InvalidArgument));
    }
}
