//! Holdfast's core: what is bulk or hot, as pure functions over bytes.
//!
//! Nothing here draws randomness, reads a clock or touches a file: ephemeral keys, nonces and times are arguments.
//! Every refusal is an [`Error`] whose code is the same word that the TypeScript engines use.
#![cfg_attr(not(test), no_std)]

extern crate alloc;

pub mod hash;
pub mod kdf;
pub mod sealed_box;
pub mod turtl;
pub mod world;

pub use holdfast_kernels::{aead, base64, secretbox, x25519, Error, Result};
