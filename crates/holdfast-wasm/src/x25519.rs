use core::slice;

use holdfast_core::{x25519, Error};

use crate::memory::{clean, BATCH};

/// Writes the public key of each of `count` secret keys, 32 bytes each.
#[no_mangle]
pub unsafe extern "C" fn x25519_derive_public_keys(
    secrets: *const [u8; 32],
    publics: *mut [u8; 32],
    count: usize,
) -> u32 {
    clean::<BATCH>(|| {
        x25519::derive_public_keys(
            slice::from_raw_parts(secrets, count),
            slice::from_raw_parts_mut(publics, count),
        );
        Ok(())
    })
}

/// Writes the shared secret of each of `count` pairs, 32 bytes each, and its refusal or 0 to `codes`.
#[no_mangle]
pub unsafe extern "C" fn x25519_shared_secrets(
    secrets: *const [u8; 32],
    publics: *const [u8; 32],
    shared: *mut [u8; 32],
    codes: *mut u32,
    count: usize,
) -> u32 {
    clean::<BATCH>(|| {
        let codes = slice::from_raw_parts_mut(codes, count);
        codes.fill(0);
        x25519::shared_secrets(
            slice::from_raw_parts(secrets, count),
            slice::from_raw_parts(publics, count),
            slice::from_raw_parts_mut(shared, count),
            |index| codes[index] = Error::WeakPublicKey as u32,
        );
        Ok(())
    })
}
