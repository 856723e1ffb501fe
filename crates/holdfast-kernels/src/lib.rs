//! What must be fast, and is built for speed alone: ciphers, hashes, curves. The rest of the core is built small.
//!
//! Nothing here draws randomness or allocates on a hot path. Whatever reaches into `holdfast-core`'s API is re-exported
//! there; this crate is not to be used on its own.
#![cfg_attr(not(test), no_std)]

extern crate alloc;

pub mod aead;
pub mod argon2id;
pub mod base64;
pub mod blake2b;
pub mod blake3;
pub mod cbor_integers;
mod chacha20;
mod error;
pub mod gzip;
mod lanes;
mod poly1305;
mod rolled;
mod salsa20;
pub mod scrypt;
pub mod secretbox;
mod stream;
#[cfg(any(test, feature = "test-support"))]
#[doc(hidden)]
pub mod test_support;
mod wipe;
pub mod x25519;

pub use error::{Error, Result};
