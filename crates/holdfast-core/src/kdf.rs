//! Key derivation as libsodium has it: `crypto_kdf`, `crypto_pwhash_scryptsalsa208sha256`, `crypto_pwhash` (Argon2id 1.3).
//!
//! The memory that scrypt and Argon2id work in is the allocator's to wipe; the WASM core's zeroes whatever it frees.

use alloc::vec;
use alloc::vec::Vec;

use holdfast_kernels::blake2b::{Blake2b, Params};
use holdfast_kernels::{argon2id, scrypt};
use pbkdf2::pbkdf2_hmac;
use sha2::Sha256;

use crate::{Error, Result};

/// 1 GiB: what one derivation may ask for.
const MAX_MEMORY: u64 = 1 << 30;

/// `crypto_kdf_derive_from_key`: BLAKE2b keyed, the id as salt, the context as personalisation. `length` 16 to 64.
pub fn subkey(key: &[u8; 32], context: &[u8; 8], id: u64, length: usize) -> Result<Vec<u8>> {
    if !(16..=64).contains(&length) {
        return Err(Error::InvalidArgument);
    }
    let (mut salt, mut personal) = ([0; 16], [0; 16]);
    salt[..8].copy_from_slice(&id.to_le_bytes());
    personal[..8].copy_from_slice(context);
    let mut derived = vec![0; length];
    Blake2b::new(&Params {
        length,
        key,
        salt,
        personal,
    })
    .finish(&mut derived);
    Ok(derived)
}

/// `crypto_pwhash_scryptsalsa208sha256` with a 32-byte salt. Limits are checked before anything is allocated.
pub fn scrypt(password: &[u8], salt: &[u8; 32], ops_limit: u64, mem_limit: u64, length: usize) -> Result<Vec<u8>> {
    if !(32_768..1 << 32).contains(&ops_limit) || !(1 << 24..=MAX_MEMORY).contains(&mem_limit) {
        return Err(Error::InvalidArgument);
    }
    let (log_n, r, p) = pick_params(ops_limit, mem_limit);
    if p == 0 {
        return Err(Error::InvalidArgument);
    }
    let mut key = output(length)?;
    scrypt_into(password, salt, 1 << log_n, r as usize, p as usize, &mut key);
    Ok(key)
}

/// RFC 7914 §6.
fn scrypt_into(password: &[u8], salt: &[u8], n: usize, r: usize, p: usize, key: &mut [u8]) {
    let mut parts = vec![0; 128 * r * p];
    pbkdf2_hmac::<Sha256>(password, salt, 1, &mut parts);
    scrypt::mix(&mut parts, n, r);
    pbkdf2_hmac::<Sha256>(password, &parts, 1, key);
}

/// libsodium's choice of N, r and p for its two limits.
fn pick_params(ops_limit: u64, mem_limit: u64) -> (u8, u32, u32) {
    let r = 8;
    let log_of = |max_n: u64| (1..63).find(|log_n| 1u64 << log_n > max_n / 2).unwrap_or(63);
    if ops_limit < mem_limit / 32 {
        return (log_of(ops_limit / (r * 4)) as u8, r as u32, 1);
    }
    let log_n = log_of(mem_limit / (r * 128));
    let max_rp = ((ops_limit / 4) / (1 << log_n)).min(0x3fff_ffff);
    (log_n as u8, r as u32, (max_rp / r) as u32)
}

/// `crypto_pwhash` with `ALG_ARGON2ID13`: `ops_limit` passes over `mem_limit` bytes, one lane, 16-byte salt.
pub fn argon2id(password: &[u8], salt: &[u8; 16], ops_limit: u64, mem_limit: u64, length: usize) -> Result<Vec<u8>> {
    if !(8_192..=MAX_MEMORY).contains(&mem_limit) {
        return Err(Error::InvalidArgument);
    }
    let passes = u32::try_from(ops_limit).map_err(|_| Error::InvalidArgument)?;
    if passes == 0 {
        return Err(Error::InvalidArgument);
    }
    let mut key = output(length)?;
    argon2id::argon2id(password, salt, passes, (mem_limit / 1024) as u32, &mut key);
    Ok(key)
}

fn output(length: usize) -> Result<Vec<u8>> {
    (16..=1024)
        .contains(&length)
        .then(|| vec![0; length])
        .ok_or(Error::InvalidArgument)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// turtl §3.1: the interactive limits are N = 2^14, r = 8, p = 1.
    #[test]
    fn picks_libsodiums_parameters() {
        assert_eq!(pick_params(524_288, 16_777_216), (14, 8, 1));
        assert_eq!(pick_params(33_554_432, 1_073_741_824), (20, 8, 1));
        assert_eq!(pick_params(32_768, 16_777_216), (10, 8, 1));
    }

    /// RFC 7914 §12.
    #[test]
    fn gives_the_rfcs_keys() {
        let mut key = [0; 64];
        scrypt_into(b"", b"", 16, 1, 1, &mut key);
        assert!(hex::encode(key).starts_with("77d6576238657b203b19ca42c18a0497"));
        scrypt_into(b"password", b"NaCl", 1024, 8, 16, &mut key);
        assert!(hex::encode(key).starts_with("fdbabe1c9d3472007856e7190d01e9fe"));
    }

    #[test]
    fn gives_the_keys_of_the_crate_scrypt() {
        for (log_n, r, p, length) in [(1, 1, 1, 16), (2, 3, 2, 100), (5, 8, 1, 32), (7, 2, 5, 1)] {
            let (mut ours, mut theirs) = (vec![0; length], vec![0; length]);
            scrypt_into(b"password", &[7; 32], 1 << log_n, r, p, &mut ours);
            let params = ::scrypt::Params::new(log_n, r as u32, p as u32).unwrap();
            ::scrypt::scrypt(b"password", &[7; 32], &params, &mut theirs).unwrap();
            assert_eq!(ours, theirs, "{log_n} {r} {p}");
        }
    }

    /// The answers of libsodium, as `vectors/crypto.json` has them.
    #[test]
    fn derives_libsodiums_keys() {
        assert_eq!(
            hex::encode(scrypt(b"password", &[0x22; 32], 32_768, 16_777_216, 32).unwrap()),
            "c73585dc5d6747d8e9b8918a82f9c09c118fff01183d5a1bcf7456220dcaebea"
        );
        assert_eq!(
            hex::encode(argon2id(b"password", &[0x22; 16], 3, 1_048_576, 32).unwrap()),
            "2e679835b7be90a3ed06db5e5c906aabc051576d710bdcfe894097763834ef2d"
        );
        assert_eq!(
            hex::encode(subkey(&[0x11; 32], b"OXIDEKEY", 256, 32).unwrap()),
            "c8a32b0737dc71489d836247e84f9e05e0d6196b5451be0e66a0e30c131584db"
        );
    }

    #[test]
    fn refuses_limits_before_allocating() {
        assert_eq!(scrypt(b"", &[0; 32], 524_288, 1 << 40, 32), Err(Error::InvalidArgument));
        assert_eq!(argon2id(b"", &[0; 16], 1, 1 << 40, 32), Err(Error::InvalidArgument));
        assert_eq!(argon2id(b"", &[0; 16], 1, 8_192, 15), Err(Error::InvalidArgument));
        assert_eq!(subkey(&[0; 32], b"OXIDEKEY", 1, 15), Err(Error::InvalidArgument));
    }
}
