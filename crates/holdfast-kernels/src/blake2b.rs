//! BLAKE2b (RFC 7693), with the salt and personalisation of the BLAKE2 paper's parameter block (§2.8).

use zeroize::Zeroize;

use crate::lanes::{ByteRotation64, U64x2};
use crate::rolled::rolled;
use crate::wipe::wipe;

const BLOCK: usize = 128;

/// RFC 7693 §2.6.
const IV: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

/// RFC 7693 §2.7; rounds 10 and 11 take the first two again.
const SIGMA: [[u8; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

/// What the first block of the state is made of. Salt and personalisation of zeros are none.
pub struct Params<'a> {
    /// 1 to 64.
    pub length: usize,
    /// 0 to 64 bytes.
    pub key: &'a [u8],
    pub salt: [u8; 16],
    pub personal: [u8; 16],
}

impl Params<'_> {
    pub const fn unkeyed(length: usize) -> Self {
        Self {
            length,
            key: &[],
            salt: [0; 16],
            personal: [0; 16],
        }
    }
}

/// Wiped when dropped.
pub struct Blake2b {
    state: [u64; 8],
    /// Bytes compressed.
    count: u64,
    /// The last block, full or not, waits here until more comes: it is compressed with a flag.
    block: [u8; BLOCK],
    held: usize,
}

impl Drop for Blake2b {
    fn drop(&mut self) {
        self.state.zeroize();
        wipe(&mut self.block);
    }
}

impl Blake2b {
    #[inline(never)]
    pub fn new(params: &Params) -> Self {
        let mut state = IV;
        state[0] ^= 0x0101_0000 ^ (params.key.len() as u64) << 8 ^ params.length as u64;
        let words = params.salt.as_chunks().0.iter().chain(params.personal.as_chunks().0);
        for (state, word) in state[4..].iter_mut().zip(words) {
            *state ^= u64::from_le_bytes(*word);
        }
        let mut hasher = Self {
            state,
            count: 0,
            block: [0; BLOCK],
            held: 0,
        };
        if !params.key.is_empty() {
            hasher.block[..params.key.len()].copy_from_slice(params.key);
            hasher.held = BLOCK;
        }
        hasher
    }

    #[inline(never)]
    pub fn update(&mut self, mut message: &[u8]) {
        while !message.is_empty() {
            if self.held == BLOCK {
                compress(&mut self.state, &mut self.count, &self.block, BLOCK, 0);
                self.held = 0;
            }
            if let (0, Some((block, rest @ [_, ..]))) = (self.held, message.split_first_chunk()) {
                compress(&mut self.state, &mut self.count, block, BLOCK, 0);
                message = rest;
                continue;
            }
            let taken = message.len().min(BLOCK - self.held);
            self.block[self.held..][..taken].copy_from_slice(&message[..taken]);
            self.held += taken;
            message = &message[taken..];
        }
    }

    /// As many bytes as the parameters said; `digest` is as long.
    #[inline(never)]
    pub fn finish(mut self, digest: &mut [u8]) {
        self.block[self.held..].fill(0);
        compress(&mut self.state, &mut self.count, &self.block, self.held, u64::MAX);
        for (bytes, word) in digest.chunks_mut(8).zip(&self.state) {
            bytes.copy_from_slice(&word.to_le_bytes()[..bytes.len()]);
        }
    }
}

/// A row of the state's matrix: four words in two vectors.
type Row = [U64x2; 2];

/// RFC 7693 §3.2. A round mixes the columns, then the diagonals turned to be columns.
#[inline(never)]
fn compress(state: &mut [u64; 8], count: &mut u64, block: &[u8; BLOCK], bytes: usize, last: u64) {
    *count += bytes as u64;
    let by = ByteRotation64::new();
    let row = |words: &[u64]| {
        let pairs = words.as_chunks().0;
        [U64x2::from_array(&pairs[0]), U64x2::from_array(&pairs[1])]
    };
    let [d0, d1] = row(&IV[4..]);
    let d = [d0 ^ U64x2::from_array(&[*count, 0]), d1 ^ U64x2::from_array(&[last, 0])];
    let mut v = [row(&state[..4]), row(&state[4..]), row(&IV[..4]), d];
    let words = block.as_chunks().0;
    for round in rolled(0..12) {
        let sigma = &SIGMA[round % 10];
        let word = |place: usize| &words[usize::from(sigma[place] & 15)];
        // Four words, every other one from `place` on.
        let x = |place: usize| {
            [
                U64x2::load(word(place), word(place + 2)),
                U64x2::load(word(place + 4), word(place + 6)),
            ]
        };
        let [a, b, c, d] = mix(v, x(0), x(1), by);
        let [a, b, c, d] = mix([a, turn_1(b), turn_2(c), turn_3(d)], x(8), x(9), by);
        v = [a, turn_3(b), turn_2(c), turn_1(d)];
    }
    let [a, b, c, d] = v;
    let sums = [a[0] ^ c[0], a[1] ^ c[1], b[0] ^ d[0], b[1] ^ d[1]];
    for (pair, sum) in state.as_chunks_mut().0.iter_mut().zip(sums) {
        (U64x2::from_array(pair) ^ sum).store(pair);
    }
}

/// RFC 7693 §3.1, of four columns.
#[inline(always)]
fn mix([a, b, c, d]: [Row; 4], x: Row, y: Row, by: ByteRotation64) -> [Row; 4] {
    let a = add(add(a, b), x);
    let d = xor(d, a).map(U64x2::rotate_right_32);
    let c = add(c, d);
    let b = xor(b, c).map(|pair| by.rotate_right_24(pair));
    let a = add(add(a, b), y);
    let d = xor(d, a).map(U64x2::rotate_right_16);
    let c = add(c, d);
    let b = xor(b, c).map(U64x2::rotate_right_63);
    [a, b, c, d]
}

#[inline(always)]
fn add(one: Row, other: Row) -> Row {
    [one[0] + other[0], one[1] + other[1]]
}

#[inline(always)]
fn xor(one: Row, other: Row) -> Row {
    [one[0] ^ other[0], one[1] ^ other[1]]
}

/// Word i takes the value of word i + 1.
#[inline(always)]
fn turn_1([low, high]: Row) -> Row {
    [low.then(high), high.then(low)]
}

#[inline(always)]
fn turn_2([low, high]: Row) -> Row {
    [high, low]
}

#[inline(always)]
fn turn_3([low, high]: Row) -> Row {
    [high.then(low), low.then(high)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_another_implementation_at_every_length() {
        let bytes: Vec<u8> = (0..=255).cycle().take(1024).collect();
        for length in 0..=bytes.len() {
            let params = Params {
                length: 1 + length % 64,
                key: &bytes[..length % 65],
                salt: std::array::from_fn(|i| (i * length) as u8),
                personal: std::array::from_fn(|i| (i + length) as u8),
            };
            let theirs = blake2b_simd::Params::new()
                .hash_length(params.length)
                .key(params.key)
                .salt(&params.salt)
                .personal(&params.personal)
                .hash(&bytes[..length]);
            let mut hasher = Blake2b::new(&params);
            let (one, other) = bytes[..length].split_at(length / 3);
            hasher.update(one);
            hasher.update(other);
            let mut ours = vec![0; params.length];
            hasher.finish(&mut ours);
            assert_eq!(ours, theirs.as_bytes(), "{length}");
        }
    }
}
