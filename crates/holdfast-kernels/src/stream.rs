//! A stream cipher on four blocks at a time, fused with Poly1305: what both AEADs are made of.
//!
//! The cipher works on vectors, Poly1305 on 64-bit integers: run together they share a core that neither fills alone.
//! A chunk of 256 bytes takes ten double rounds, each with one Poly1305 block in its middle, and the last six Poly1305
//! blocks between the transpositions that turn registers into keystream.
//!
//! Poly1305 always reads ciphertext. In place that decides which chunk it may read while another is being crypted:
//!
//! * sealing, it **lags** one chunk behind: what it reads was written just before;
//! * opening, it **leads** by one chunk: what it reads is about to be overwritten.
//!
//! Constant time: what ciphers and Poly1305 do; branches and addresses depend on lengths alone.

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::lanes::{ByteRotations, U32x4};
use crate::poly1305::{absorb, Accumulator, Ending, Multiplier, Poly1305};

/// Bytes of four blocks.
const CHUNK: usize = 256;

/// Sealing and opening differ in when Poly1305, which always reads ciphertext, may read a byte: see above.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Seal,
    Open,
}

/// A cipher of sixteen words, ten double rounds and a feed-forward.
pub(crate) trait Cipher {
    /// The word of the state that counts blocks (its low half, where the counter has two words).
    const COUNTER: usize;
    fn first_half(x: &mut [U32x4; 16], by: ByteRotations);
    fn second_half(x: &mut [U32x4; 16], by: ByteRotations);
    /// Moves the counter on by four blocks.
    fn advance(state: &mut [u32; 16]);
    /// The next two blocks, where there is a quicker way to so few.
    const TWO_BLOCKS: Option<fn(&mut State, &mut [U32x4; 8])>;
}

/// What each cipher has code of its own for; all else here is the same code for both.
pub(crate) trait Kernels {
    /// The next blocks: at least `least` bytes, at most 256. Answers how many rows it filled.
    fn fill(&self, keystream: &mut Keystream, state: &mut State, least: usize) -> usize;
    /// Every pair of neighbours: crypts all chunks but the first (sealing) or all but the last (opening), and takes the other
    /// one of each pair into Poly1305.
    fn fused(&self, direction: Direction, state: &mut State, poly: &mut Poly1305, chunks: &mut [[u8; CHUNK]]);
}

impl<C: Cipher> Kernels for C {
    #[inline(never)]
    fn fill(&self, keystream: &mut Keystream, state: &mut State, least: usize) -> usize {
        if let (Some(two_blocks), 0..=128) = (C::TWO_BLOCKS, least) {
            let (halves, _) = keystream.0.as_chunks_mut();
            two_blocks(state, &mut halves[0]);
            return 8;
        }
        keystream.set::<C>(&state.lanes::<C>());
        C::advance(&mut state.0);
        16
    }

    #[inline(never)]
    fn fused(&self, direction: Direction, state: &mut State, poly: &mut Poly1305, chunks: &mut [[u8; CHUNK]]) {
        let by = ByteRotations::new();
        let (mut h, multiplier) = (poly.accumulator, poly.multiplier);
        for i in 1..chunks.len() {
            let (before, after) = chunks.split_at_mut(i);
            let (read, crypted) = match direction {
                Direction::Seal => (&before[i - 1], &mut after[0]),
                Direction::Open => (&after[0], &mut before[i - 1]),
            };
            let (read, _) = read.as_chunks::<16>();
            let (crypted, _) = crypted.as_chunks_mut::<16>();

            let mut x = state.lanes::<C>();
            for block in &read[..10] {
                C::first_half(&mut x, by);
                absorb(&mut h, &multiplier, block, 1);
                C::second_half(&mut x, by);
            }
            state.add_to::<C>(&mut x);
            C::advance(&mut state.0);
            finish_group::<0>(&x, crypted, &mut h, &multiplier, read);
            finish_group::<1>(&x, crypted, &mut h, &multiplier, read);
            finish_group::<2>(&x, crypted, &mut h, &multiplier, read);
            finish_group::<3>(&x, crypted, &mut h, &multiplier, read);
        }
        poly.accumulator = h;
    }
}

/// Where among the last six blocks of a chunk each of the four transpositions begins.
const LATE: [usize; 5] = [10, 12, 14, 15, 16];

/// Crypts a quarter of a chunk, and takes its share of the last six blocks into Poly1305. Written out four times: as a loop it
/// costs 3 % of everything.
#[inline(always)]
fn finish_group<const GROUP: usize>(
    x: &[U32x4; 16],
    crypted: &mut [[u8; 16]],
    h: &mut Accumulator,
    multiplier: &Multiplier,
    read: &[[u8; 16]],
) {
    let rows = transposed(x, GROUP);
    for block in &read[LATE[GROUP]..LATE[GROUP + 1]] {
        absorb(h, multiplier, block, 1);
    }
    for (block, row) in rows.into_iter().enumerate() {
        xor_block(&mut crypted[4 * block + GROUP], row);
    }
}

/// Key, nonce and counter as the cipher's sixteen words. Wiped when dropped; handed on by reference, as a move would leave
/// a copy behind that nothing wipes.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
pub(crate) struct State(pub(crate) [u32; 16]);

impl State {
    /// Little-endian words from `first` on.
    #[inline(always)]
    pub(crate) fn set_words(&mut self, first: usize, bytes: &[u8]) {
        for (word, bytes) in self.0[first..].iter_mut().zip(bytes.as_chunks::<4>().0) {
            *word = u32::from_le_bytes(*bytes);
        }
    }

    /// Lane j: the state for the j-th block from here.
    #[inline(always)]
    fn lanes<C: Cipher>(&self) -> [U32x4; 16] {
        core::array::from_fn(|i| self.lane::<C>(i))
    }

    #[inline(always)]
    fn lane<C: Cipher>(&self, i: usize) -> U32x4 {
        if i == C::COUNTER {
            U32x4::counting_from(self.0[i])
        } else {
            U32x4::splat(self.0[i])
        }
    }

    /// The feed-forward.
    #[inline(always)]
    fn add_to<C: Cipher>(&self, x: &mut [U32x4; 16]) {
        for (i, x) in x.iter_mut().enumerate() {
            *x = *x + self.lane::<C>(i);
        }
    }
}

/// Keystream as rows of 16 bytes, in the order of the message. Wiped when dropped, and like [`State`] never moved.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Keystream(pub(crate) [U32x4; CHUNK / 16]);

impl Keystream {
    /// The blocks of four states, word by word.
    #[inline(never)]
    pub(crate) fn set<C: Cipher>(&mut self, states: &[U32x4; 16]) {
        let by = ByteRotations::new();
        let mut x = *states;
        for _ in 0..10 {
            C::first_half(&mut x, by);
            C::second_half(&mut x, by);
        }
        for (x, state) in x.iter_mut().zip(states) {
            *x = *x + *state;
        }
        for group in 0..4 {
            for (block, row) in transposed(&x, group).into_iter().enumerate() {
                self.0[4 * block + group] = row;
            }
        }
    }
}

/// Words 4·`group`… of each of the four blocks: 16 bytes of keystream for each.
#[inline(always)]
pub(crate) fn transposed(x: &[U32x4; 16], group: usize) -> [U32x4; 4] {
    U32x4::transpose([x[4 * group], x[4 * group + 1], x[4 * group + 2], x[4 * group + 3]])
}

/// Crypts as many bytes as both sides have.
#[inline(always)]
fn xor(message: &mut [u8], keystream: &[U32x4]) {
    let (blocks, rest) = message.as_chunks_mut::<16>();
    for (block, row) in blocks.iter_mut().zip(keystream) {
        xor_block(block, *row);
    }
    if let Some(row) = keystream.get(blocks.len()) {
        let mut last = [0; 16];
        row.store(&mut last);
        for (byte, key) in rest.iter_mut().zip(&last) {
            *byte ^= key;
        }
        last.zeroize();
    }
}

#[inline(always)]
pub(crate) fn xor_block(block: &mut [u8; 16], row: U32x4) {
    (U32x4::load(block) ^ row).store(block);
}

/// Seals or opens `message` in place. `first` is keystream already made, of whole blocks. Whoever opens compares the tag, and
/// zeroes what does not open.
#[inline(never)]
pub(crate) fn crypt(
    cipher: &dyn Kernels,
    direction: Direction,
    state: &mut State,
    poly: &mut Poly1305,
    first: &[U32x4],
    message: &mut [u8],
    ending: Ending,
) {
    let (head, rest) = message.split_at_mut(message.len().min(16 * first.len()));
    crypt_part(direction, poly, first, head, ending);
    let (chunks, tail) = rest.as_chunks_mut::<CHUNK>();
    if !chunks.is_empty() {
        crypt_chunks(cipher, direction, state, poly, chunks);
    }
    if !tail.is_empty() {
        let mut keystream = Keystream::default();
        cipher.fill(&mut keystream, state, tail.len());
        crypt_part(direction, poly, &keystream.0, tail, ending);
    }
}

#[inline(never)]
fn crypt_chunks(
    cipher: &dyn Kernels,
    direction: Direction,
    state: &mut State,
    poly: &mut Poly1305,
    chunks: &mut [[u8; CHUNK]],
) {
    let last = chunks.len() - 1;
    match direction {
        Direction::Seal => xor_chunk(cipher, state, &mut chunks[0]),
        Direction::Open => poly.part(&chunks[0], Ending::Zeros),
    }
    cipher.fused(direction, state, poly, chunks);
    match direction {
        Direction::Seal => poly.part(&chunks[last], Ending::Zeros),
        Direction::Open => xor_chunk(cipher, state, &mut chunks[last]),
    }
}

/// At most as many bytes as there is keystream.
#[inline(never)]
pub(crate) fn crypt_part(
    direction: Direction,
    poly: &mut Poly1305,
    keystream: &[U32x4],
    part: &mut [u8],
    ending: Ending,
) {
    if direction == Direction::Open {
        poly.part(part, ending);
    }
    xor(part, keystream);
    if direction == Direction::Seal {
        poly.part(part, ending);
    }
}

fn xor_chunk(cipher: &dyn Kernels, state: &mut State, chunk: &mut [u8; CHUNK]) {
    let mut keystream = Keystream::default();
    cipher.fill(&mut keystream, state, CHUNK);
    xor(chunk, &keystream.0);
}
