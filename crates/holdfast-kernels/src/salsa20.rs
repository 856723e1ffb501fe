//! Salsa20 and HSalsa20 (Bernstein, "The Salsa20 family of stream ciphers"; "Extending the Salsa20 nonce"), on four lanes:
//! lane j holds block j of four, register i holds word i of the state; see [`crate::stream`].
//!
//! Constant time: additions, exclusive ors and rotations by constants; nothing branches on, or indexes by, the state.

use crate::chacha20::CONSTANTS;
use crate::lanes::{ByteRotations, U32x4};
use crate::stream::{Cipher, Keystream, State};

#[cfg(test)]
pub(crate) mod reference;

pub(crate) struct Salsa20;

/// Four steps of a half round that do not wait for one another: word `to` takes in the sum of two others, rotated.
type Steps = [[usize; 3]; 4];
const COLUMNS: [Steps; 4] = [
    [[4, 0, 12], [9, 5, 1], [14, 10, 6], [3, 15, 11]],
    [[8, 4, 0], [13, 9, 5], [2, 14, 10], [7, 3, 15]],
    [[12, 8, 4], [1, 13, 9], [6, 2, 14], [11, 7, 3]],
    [[0, 12, 8], [5, 1, 13], [10, 6, 2], [15, 11, 7]],
];
const ROWS: [Steps; 4] = [
    [[1, 0, 3], [6, 5, 4], [11, 10, 9], [12, 15, 14]],
    [[2, 1, 0], [7, 6, 5], [8, 11, 10], [13, 12, 15]],
    [[3, 2, 1], [4, 7, 6], [9, 8, 11], [14, 13, 12]],
    [[0, 3, 2], [5, 4, 7], [10, 9, 8], [15, 14, 13]],
];

impl Cipher for Salsa20 {
    const COUNTER: usize = 8;

    #[inline(always)]
    fn first_half(x: &mut [U32x4; 16], _: ByteRotations) {
        half_round(x, COLUMNS);
    }

    #[inline(always)]
    fn second_half(x: &mut [U32x4; 16], _: ByteRotations) {
        half_round(x, ROWS);
    }

    /// 64 bits. Counted in fours from zero, the low word never overflows within one step of four lanes.
    #[inline(always)]
    fn advance(state: &mut [u32; 16]) {
        let (low, carried) = state[8].overflowing_add(4);
        state[8] = low;
        state[9] = state[9].wrapping_add(u32::from(carried));
    }

    const TWO_BLOCKS: Option<fn(&mut State, &mut [U32x4; 8])> = None;
}

#[inline(always)]
fn half_round(x: &mut [U32x4; 16], [by_7, by_9, by_13, by_18]: [Steps; 4]) {
    for [to, one, other] in by_7 {
        x[to] = x[to] ^ (x[one] + x[other]).rotate_left::<7>();
    }
    for [to, one, other] in by_9 {
        x[to] = x[to] ^ (x[one] + x[other]).rotate_left::<9>();
    }
    for [to, one, other] in by_13 {
        x[to] = x[to] ^ (x[one] + x[other]).rotate_left::<13>();
    }
    for [to, one, other] in by_18 {
        x[to] = x[to] ^ (x[one] + x[other]).rotate_left::<18>();
    }
}

/// The state before block 0: key and nonce around the four constants, which stand on the diagonal.
#[inline(always)]
pub(crate) fn start(state: &mut State, key: &[u8; 32], nonce: &[u8; 8]) {
    set_key(state, key);
    state.set_words(6, nonce);
    state.set_words(8, &[0; 8]);
}

/// HSalsa20: the subkey of `key` and 16 bytes; eight words after the rounds, nothing added back.
#[inline(never)]
pub fn hsalsa20(key: &[u8; 32], input: &[u8; 16]) -> [u8; 32] {
    let mut state = State::default();
    set_key(&mut state, key);
    state.set_words(6, input);
    // A whole block, from which the state is taken off again: too rare here for a kernel of its own.
    let mut keystream = Keystream::default();
    keystream.set::<Salsa20>(&state.0.map(U32x4::splat));
    let mut subkey = [0; 32];
    for (place, i) in subkey.as_chunks_mut::<4>().0.iter_mut().zip([0, 5, 10, 15, 6, 7, 8, 9]) {
        let word = keystream.0[i / 4].to_array()[i % 4];
        *place = word.wrapping_sub(state.0[i]).to_le_bytes();
    }
    subkey
}

#[inline(always)]
fn set_key(state: &mut State, key: &[u8; 32]) {
    let (halves, _) = key.as_chunks::<16>();
    for (i, constant) in CONSTANTS.into_iter().enumerate() {
        state.0[5 * i] = constant;
    }
    state.set_words(1, &halves[0]);
    state.set_words(11, &halves[1]);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "Cryptography in NaCl", section 8: the first and the second key of the worked example.
    #[test]
    fn hsalsa20_gives_the_papers_subkeys() {
        let shared = hex::decode("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
        let first = hsalsa20(&shared.unwrap().try_into().unwrap(), &[0; 16]);
        assert_eq!(
            hex::encode(first),
            "1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389"
        );
        let prefix = hex::decode("69696ee955b62b73cd62bda875fc73d6")
            .unwrap()
            .try_into()
            .unwrap();
        let second = hsalsa20(&first, &prefix);
        assert_eq!(
            hex::encode(second),
            "dc908dda0b9344a953629b733820778880f3ceb421bb61b91cbd4c3e66256ce4"
        );
        assert_eq!(reference::hsalsa20(&first, &prefix), second);
    }

    #[test]
    fn the_counter_has_64_bits() {
        let mut words = [0; 16];
        words[8] = u32::MAX - 3;
        Salsa20::advance(&mut words);
        assert_eq!([words[8], words[9]], [0, 1]);
    }
}
