//! ChaCha20 (RFC 8439 §2.1–2.4) and HChaCha20 (draft-irtf-cfrg-xchacha-03 §2.2), on four lanes.
//!
//! *Vertical*, for bulk: lane j holds block j of four, register i holds word i of the state; see [`crate::stream`].
//! The four quarter rounds of a round advance together, step by step: one after the other they are half as fast, for
//! each waits on itself. *Horizontal*, for small messages and short ends: a register holds a row of the state of one block, and a
//! diagonal round is a column round between turning the rows.
//!
//! Constant time: additions, exclusive ors and rotations by constants; nothing branches on, or indexes by, the state.

use zeroize::Zeroize;

use crate::lanes::{ByteRotations, U32x4};
use crate::stream::{Cipher, State};

#[cfg(test)]
pub(crate) mod reference;

/// "expand 32-byte k".
pub(crate) const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];

pub(crate) struct ChaCha20;

type QuarterRounds = [[usize; 4]; 4];
const COLUMNS: QuarterRounds = [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15]];
const DIAGONALS: QuarterRounds = [[0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]];

impl Cipher for ChaCha20 {
    const COUNTER: usize = 12;

    #[inline(always)]
    fn first_half(x: &mut [U32x4; 16], by: ByteRotations) {
        quarter_rounds(x, COLUMNS, by);
    }

    #[inline(always)]
    fn second_half(x: &mut [U32x4; 16], by: ByteRotations) {
        quarter_rounds(x, DIAGONALS, by);
    }

    /// Wraps: the callers' limit on the length keeps it from getting there.
    #[inline(always)]
    fn advance(state: &mut [u32; 16]) {
        state[Self::COUNTER] = state[Self::COUNTER].wrapping_add(4);
    }

    const TWO_BLOCKS: Option<fn(&mut State, &mut [U32x4; 8])> = Some(two_blocks);
}

#[inline(always)]
fn quarter_rounds(x: &mut [U32x4; 16], together: QuarterRounds, by: ByteRotations) {
    for [a, b, _, d] in together {
        x[a] = x[a] + x[b];
        x[d] = (x[d] ^ x[a]).rotate_left_16();
    }
    for [_, b, c, d] in together {
        x[c] = x[c] + x[d];
        x[b] = (x[b] ^ x[c]).rotate_left::<12>();
    }
    for [a, b, _, d] in together {
        x[a] = x[a] + x[b];
        x[d] = by.rotate_left_8(x[d] ^ x[a]);
    }
    for [_, b, c, d] in together {
        x[c] = x[c] + x[d];
        x[b] = (x[b] ^ x[c]).rotate_left::<7>();
    }
}

/// The state before block 0 (RFC 8439 §2.3).
#[inline(always)]
pub(crate) fn start(state: &mut State, key: &[u8; 32], nonce: &[u8; 12]) {
    state.0[..4].copy_from_slice(&CONSTANTS);
    state.set_words(4, key);
    state.0[ChaCha20::COUNTER] = 0;
    state.set_words(13, nonce);
}

/// Blocks 0 and 1 in one go, as rows of 16 bytes in the order of the keystream; advances the counter by two.
#[inline(always)]
fn two_blocks(state: &mut State, keystream: &mut [U32x4; 8]) {
    let [a, b, c, d] = rows(&state.0);
    let next = d + U32x4::from_array(&[1, 0, 0, 0]);
    let [first, second] = horizontal_rounds([[a, b, c, d], [a, b, c, next]]);
    state.0[ChaCha20::COUNTER] = state.0[ChaCha20::COUNTER].wrapping_add(2);
    *keystream = [
        first[0] + a,
        first[1] + b,
        first[2] + c,
        first[3] + d,
        second[0] + a,
        second[1] + b,
        second[2] + c,
        second[3] + next,
    ];
}

/// HChaCha20: the subkey of `key` and 16 bytes, the first and the last row after the rounds, nothing added back.
pub(crate) fn hchacha20(key: &[u8; 32], input: &[u8; 16]) -> [u8; 32] {
    let mut state = State::default();
    state.0[..4].copy_from_slice(&CONSTANTS);
    state.set_words(4, key);
    state.set_words(12, input);
    let [mut rounds] = horizontal_rounds([rows(&state.0)]);
    let mut subkey = [0; 32];
    let (halves, _) = subkey.as_chunks_mut::<16>();
    rounds[0].store(&mut halves[0]);
    rounds[3].store(&mut halves[1]);
    rounds.zeroize();
    subkey
}

#[inline(always)]
fn rows(state: &[u32; 16]) -> [U32x4; 4] {
    let (rows, _) = state.as_chunks::<4>();
    core::array::from_fn(|i| U32x4::from_array(&rows[i]))
}

#[inline(always)]
fn horizontal_rounds<const N: usize>(mut blocks: [[U32x4; 4]; N]) -> [[U32x4; 4]; N] {
    let by = ByteRotations::new();
    for _ in 0..10 {
        horizontal_round(&mut blocks, by);
        for [_, b, c, d] in &mut blocks {
            (*b, *c, *d) = (b.turn_1(), c.turn_2(), d.turn_3());
        }
        horizontal_round(&mut blocks, by);
        for [_, b, c, d] in &mut blocks {
            (*b, *c, *d) = (b.turn_3(), c.turn_2(), d.turn_1());
        }
    }
    blocks
}

#[inline(always)]
fn horizontal_round<const N: usize>(blocks: &mut [[U32x4; 4]; N], by: ByteRotations) {
    for [a, b, _, d] in &mut *blocks {
        *a = *a + *b;
        *d = (*d ^ *a).rotate_left_16();
    }
    for [_, b, c, d] in &mut *blocks {
        *c = *c + *d;
        *b = (*b ^ *c).rotate_left::<12>();
    }
    for [a, b, _, d] in &mut *blocks {
        *a = *a + *b;
        *d = by.rotate_left_8(*d ^ *a);
    }
    for [_, b, c, d] in &mut *blocks {
        *c = *c + *d;
        *b = (*b ^ *c).rotate_left::<7>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// draft-irtf-cfrg-xchacha-03 §2.2.1.
    #[test]
    fn hchacha20_gives_the_drafts_subkey() {
        let key = std::array::from_fn(|i| i as u8);
        let input = hex::decode("000000090000004a0000000031415927")
            .unwrap()
            .try_into()
            .unwrap();
        assert_eq!(
            hex::encode(hchacha20(&key, &input)),
            "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"
        );
    }

    /// RFC 8439 §2.3.2.
    #[test]
    fn the_reference_gives_the_rfcs_block() {
        let key = std::array::from_fn(|i| i as u8);
        let nonce = hex::decode("000000090000004a00000000").unwrap().try_into().unwrap();
        assert_eq!(
            hex::encode(reference::block(&key, 1, &nonce)),
            "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e\
             d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"
        );
    }

    #[test]
    fn two_blocks_are_the_references_first_two() {
        let (key, nonce) = ([7; 32], [9; 12]);
        let mut state = State::default();
        start(&mut state, &key, &nonce);
        let mut rows = [U32x4::default(); 8];
        two_blocks(&mut state, &mut rows);
        let mut keystream = [[0; 16]; 8];
        for (row, place) in rows.into_iter().zip(&mut keystream) {
            row.store(place);
        }
        let expected = [reference::block(&key, 0, &nonce), reference::block(&key, 1, &nonce)].concat();
        assert_eq!(keystream.as_flattened(), expected);
        assert_eq!(state.0[12], 2);
    }
}
