//! Holdfast's core: what is bulk or hot, as pure functions over bytes.
//!
//! Nothing here draws randomness, reads a clock or touches a file: ephemeral keys, nonces and times are arguments.
//! Every refusal is an [`Error`] whose code is the same word that the TypeScript engines use.

pub mod aead;
mod argon2id;
pub mod base64;
mod blake2b;
mod blake3;
mod chacha20;
mod error;
pub mod hash;
pub mod kdf;
mod lanes;
mod poly1305;
mod salsa20;
pub mod sealed_box;
pub mod secretbox;
mod stream;
#[cfg(test)]
mod test_support;
pub mod turtl;
pub mod world;
pub mod x25519;

pub use error::{Error, Result};
