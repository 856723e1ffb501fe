use holdfast_core::hash;

use crate::memory::{bytes, bytes_mut, clean, SMALL};

/// Writes `out_length` bytes of digest.
#[no_mangle]
pub unsafe extern "C" fn blake2b(
    message: *const u8,
    length: usize,
    key: *const u8,
    key_length: usize,
    out: *mut u8,
    out_length: usize,
) -> u32 {
    clean::<SMALL>(|| {
        let digest = hash::blake2b(bytes(message, length), out_length, bytes(key, key_length))?;
        bytes_mut(out, out_length).copy_from_slice(&digest);
        Ok(())
    })
}

/// Writes `out_length` bytes of digest.
#[no_mangle]
pub unsafe extern "C" fn blake3(message: *const u8, length: usize, out: *mut u8, out_length: usize) -> u32 {
    clean::<SMALL>(|| {
        let digest = hash::blake3(bytes(message, length), out_length)?;
        bytes_mut(out, out_length).copy_from_slice(&digest);
        Ok(())
    })
}
