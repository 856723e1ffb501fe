//! XSalsa20-Poly1305, NaCl's `crypto_secretbox` ("Cryptography in NaCl", sections 8–10), in place, the tag apart.
//!
//! ```text
//! subkey = HSalsa20(key, nonce[0..16]); the stream is Salsa20 under it with nonce[16..24]
//! keystream, bytes 0–31   one-time key of Poly1305
//!            bytes 32 …   exclusive-ored with the message
//! tag = Poly1305(ciphertext)
//! ```
//!
//! It does not commit to its key. Constant time: see `stream`, `salsa20`, `poly1305`; tags are compared whole. State,
//! subkey, keystream and one-time key are wiped before returning.

use crate::poly1305::{equal_tags, Ending, Poly1305};
use crate::salsa20::{self, Salsa20};
use crate::stream::{self, Direction, Kernels, Keystream, State};
use crate::wipe::wipe;
use crate::{Error, Result};

#[cfg(test)]
mod tests;

pub use crate::salsa20::hsalsa20;

pub const TAG_BYTES: usize = 16;

/// Rows of the first keystream that are Poly1305's key.
const KEY_ROWS: usize = 2;

/// Seals `message` in place: it becomes the ciphertext, and the tag is the answer.
///
/// `nonce` must never repeat under one key; random ones do not. The counter has 64 bits: no message is too long.
pub fn seal_in_place(key: &[u8; 32], nonce: &[u8; 24], message: &mut [u8]) -> [u8; 16] {
    crypt_in_place(Direction::Seal, key, nonce, message)
}

/// Opens `message` in place: it becomes the plaintext. On [`Error::AuthFailed`] it is zeroed, never left as plaintext
/// that nobody vouches for.
pub fn open_in_place(key: &[u8; 32], nonce: &[u8; 24], message: &mut [u8], tag: &[u8; 16]) -> Result<()> {
    if equal_tags(&crypt_in_place(Direction::Open, key, nonce, message), tag) {
        return Ok(());
    }
    wipe(message);
    Err(Error::AuthFailed)
}

#[inline(never)]
fn crypt_in_place(direction: Direction, key: &[u8; 32], nonce: &[u8; 24], message: &mut [u8]) -> [u8; 16] {
    let (mut state, mut keystream) = (State::default(), Keystream::default());
    start(&mut state, key, nonce);
    Salsa20.fill(&mut keystream, &mut state, 256);
    let mut poly = Poly1305::new(keystream.0[0].to_array(), keystream.0[1].to_array());
    let first = &keystream.0[KEY_ROWS..];
    stream::crypt(&Salsa20, direction, &mut state, &mut poly, first, message, Ending::One);
    poly.tag()
}

fn start(state: &mut State, key: &[u8; 32], nonce: &[u8; 24]) {
    let mut prefix = [0; 16];
    prefix.copy_from_slice(&nonce[..16]);
    let mut rest = [0; 8];
    rest.copy_from_slice(&nonce[16..]);
    let mut subkey = hsalsa20(key, &prefix);
    salsa20::start(state, &subkey, &rest);
    wipe(&mut subkey);
}
