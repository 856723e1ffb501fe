//! ChaCha20-Poly1305 (RFC 8439 §2.8) and XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03 §2), in place, the tag apart.
//!
//! ```text
//! block 0 of the keystream, bytes 0–31   one-time key of Poly1305
//! block 1 …                              exclusive-ored with the message
//! tag = Poly1305(aad, zeros to 16 | ciphertext, zeros to 16 | length of aad, length of ciphertext, 8 bytes each)
//! ```
//!
//! XChaCha20 is ChaCha20 under the subkey HChaCha20(key, nonce[0..16]) with the nonce 0000 ‖ nonce[16..24].
//!
//! Neither commits to its key: a ciphertext can be made that opens under two keys. Constant time: see `stream`,
//! `chacha20`, `poly1305`; tags are compared whole. State, keystream and one-time key are wiped before returning.

use alloc::vec::Vec;

use crate::chacha20::{self, ChaCha20};
use crate::poly1305::{equal_tags, Ending, Poly1305};
use crate::stream::{self, Direction, Kernels, Keystream, State};
use crate::wipe::wipe;
use crate::{Error, Result};

mod batch;
#[cfg(test)]
mod tests;

pub use batch::{open_batch, seal_batch, Job};

pub const KEY_BYTES: usize = 32;
pub const TAG_BYTES: usize = 16;
/// The block counter has 32 bits, and block 0 is not for the message (RFC 8439 §2.8): 64 bytes short of 256 GiB.
pub const MAX_MESSAGE_BYTES: u64 = (u32::MAX as u64) * 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// 12-byte nonce: at most 2^32 messages per key when nonces are random.
    ChaCha20Poly1305,
    /// 24-byte nonce: random nonces are safe for any number of messages.
    XChaCha20Poly1305,
}

impl Algorithm {
    pub const fn nonce_bytes(self) -> usize {
        match self {
            Self::ChaCha20Poly1305 => 12,
            Self::XChaCha20Poly1305 => 24,
        }
    }
}

/// Seals `message` in place: it becomes the ciphertext, and the tag is the answer.
///
/// `nonce` must never repeat under one key. Refuses a nonce of another length ([`Error::InvalidArgument`]) and a message
/// over [`MAX_MESSAGE_BYTES`] ([`Error::LimitExceeded`]), leaving `message` as it was.
pub fn seal_in_place(
    algorithm: Algorithm,
    key: &[u8; 32],
    nonce: &[u8],
    aad: &[u8],
    message: &mut [u8],
) -> Result<[u8; 16]> {
    check_length(message)?;
    let mut state = State::default();
    start(&mut state, algorithm, key, nonce)?;
    Ok(crypt_with(Direction::Seal, &mut state, aad, message))
}

/// Opens `message` in place: it becomes the plaintext. On [`Error::AuthFailed`] it is zeroed, never left as plaintext
/// that nobody vouches for.
///
/// Refuses a nonce of another length ([`Error::InvalidArgument`]), leaving `message` as it was.
pub fn open_in_place(
    algorithm: Algorithm,
    key: &[u8; 32],
    nonce: &[u8],
    aad: &[u8],
    message: &mut [u8],
    tag: &[u8; 16],
) -> Result<()> {
    let mut state = State::default();
    start(&mut state, algorithm, key, nonce)?;
    if check_length(message).is_err() {
        wipe(message);
        return Err(Error::AuthFailed);
    }
    if equal_tags(&crypt_with(Direction::Open, &mut state, aad, message), tag) {
        return Ok(());
    }
    wipe(message);
    Err(Error::AuthFailed)
}

/// The state before block 0.
#[inline(always)]
fn start(state: &mut State, algorithm: Algorithm, key: &[u8; 32], nonce: &[u8]) -> Result<()> {
    match algorithm {
        Algorithm::ChaCha20Poly1305 => {
            let nonce = nonce.try_into().map_err(|_| Error::InvalidArgument)?;
            chacha20::start(state, key, nonce);
        }
        Algorithm::XChaCha20Poly1305 => {
            let nonce: &[u8; 24] = nonce.try_into().map_err(|_| Error::InvalidArgument)?;
            start_extended(state, key, nonce);
        }
    }
    Ok(())
}

fn start_extended(state: &mut State, key: &[u8; 32], nonce: &[u8; 24]) {
    let mut input = [0; 16];
    input.copy_from_slice(&nonce[..16]);
    let mut rest = [0; 12];
    rest[4..].copy_from_slice(&nonce[16..]);
    let mut subkey = chacha20::hchacha20(key, &input);
    chacha20::start(state, &subkey, &rest);
    wipe(&mut subkey);
}

fn check_length(message: &[u8]) -> Result<()> {
    (message.len() as u64 <= MAX_MESSAGE_BYTES)
        .then_some(())
        .ok_or(Error::LimitExceeded)
}

/// The tag of what `message` is sealed to, or was opened from.
#[inline(never)]
fn crypt_with(direction: Direction, state: &mut State, aad: &[u8], message: &mut [u8]) -> [u8; 16] {
    let mut keystream = Keystream::default();
    let rows = ChaCha20.fill(&mut keystream, state, 64 + message.len());
    let mut poly = Poly1305::new(keystream.0[0].to_array(), keystream.0[1].to_array());
    if !aad.is_empty() {
        poly.part(aad, Ending::Zeros);
    }
    let first = &keystream.0[4..rows];
    stream::crypt(&ChaCha20, direction, state, &mut poly, first, message, Ending::Zeros);
    poly.lengths(aad.len(), message.len());
    poly.tag()
}

/// `plaintext.len() + 16` bytes.
pub fn seal(algorithm: Algorithm, key: &[u8; 32], nonce: &[u8], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>> {
    let mut sealed = Vec::with_capacity(plaintext.len() + TAG_BYTES);
    sealed.extend_from_slice(plaintext);
    let tag = seal_in_place(algorithm, key, nonce, aad, &mut sealed)?;
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

/// The plaintext, or [`Error::AuthFailed`].
pub fn open(algorithm: Algorithm, key: &[u8; 32], nonce: &[u8], aad: &[u8], ciphertext: &[u8]) -> Result<Vec<u8>> {
    if nonce.len() != algorithm.nonce_bytes() {
        return Err(Error::InvalidArgument);
    }
    let (message, tag) = ciphertext.split_last_chunk::<TAG_BYTES>().ok_or(Error::AuthFailed)?;
    let mut message = message.to_vec();
    open_in_place(algorithm, key, nonce, aad, &mut message, tag)?;
    Ok(message)
}
