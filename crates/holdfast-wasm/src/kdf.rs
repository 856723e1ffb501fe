use holdfast_core::kdf;

use crate::memory::{bytes, bytes_mut, clean, LARGE, SMALL};

/// Writes `out_length` bytes of subkey.
#[no_mangle]
pub unsafe extern "C" fn subkey(
    key: &[u8; 32],
    context: &[u8; 8],
    id: &[u8; 8],
    out: *mut u8,
    out_length: usize,
) -> u32 {
    clean::<SMALL>(|| {
        let derived = kdf::subkey(key, context, u64::from_le_bytes(*id), out_length)?;
        bytes_mut(out, out_length).copy_from_slice(&derived);
        Ok(())
    })
}

/// Writes `out_length` bytes of key.
#[no_mangle]
pub unsafe extern "C" fn scrypt(
    password: *const u8,
    length: usize,
    salt: &[u8; 32],
    ops_limit: f64,
    mem_limit: f64,
    out: *mut u8,
    out_length: usize,
) -> u32 {
    clean::<LARGE>(|| {
        let key = kdf::scrypt(
            bytes(password, length),
            salt,
            ops_limit as u64,
            mem_limit as u64,
            out_length,
        )?;
        bytes_mut(out, out_length).copy_from_slice(&key);
        Ok(())
    })
}

/// Writes `out_length` bytes of key.
#[no_mangle]
pub unsafe extern "C" fn argon2id(
    password: *const u8,
    length: usize,
    salt: &[u8; 16],
    ops_limit: f64,
    mem_limit: f64,
    out: *mut u8,
    out_length: usize,
) -> u32 {
    clean::<LARGE>(|| {
        let key = kdf::argon2id(
            bytes(password, length),
            salt,
            ops_limit as u64,
            mem_limit as u64,
            out_length,
        )?;
        bytes_mut(out, out_length).copy_from_slice(&key);
        Ok(())
    })
}
