//! Many ChaCha20-Poly1305 messages at once: a lane of the vectors is a message.
//!
//! A lane that has finished its message takes the next one at once, so lanes stay full whatever the lengths are. A lane's
//! block 0 makes its Poly1305 key, and each block after it is 64 bytes of its message. While all four lanes have whole
//! blocks ahead, their Poly1305 runs between the rounds: one block behind when sealing, on the very block when
//! opening, before it is overwritten (see [`crate::stream`]).
//!
//! What reaches a lane, and when, depends on lengths alone.

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{crypt_with, MAX_MESSAGE_BYTES};
use crate::chacha20::{self, ChaCha20, CONSTANTS};
use crate::lanes::{ByteRotations, U32x4};
use crate::poly1305::{equal_tags, Ending, Poly1305};
use crate::stream::{self, crypt_part, transposed, xor_block, Cipher, Direction, Keystream, State};
use crate::wipe::wipe;

/// One message of a batch under ChaCha20-Poly1305: every one has its own key, nonce, length and associated data.
pub struct Job<'a> {
    /// What the caller calls it.
    pub index: usize,
    pub key: &'a [u8; 32],
    /// Never twice under one key.
    pub nonce: &'a [u8; 12],
    pub aad: &'a [u8],
    /// Sealed or opened in place.
    pub message: &'a mut [u8],
    /// Written when sealing, compared when opening.
    pub tag: &'a mut [u8; 16],
}

/// From here on a message fills four lanes by itself.
const LONG: usize = 8192;
const BLOCK: usize = 64;

/// Seals many messages; nothing is allocated.
///
/// # Panics
///
/// On a message over [`MAX_MESSAGE_BYTES`], which does not fit into the memory of WebAssembly.
pub fn seal_batch<'a>(jobs: &mut dyn Iterator<Item = Job<'a>>) {
    run(Direction::Seal, jobs, &mut |_| {});
}

/// Opens many messages; nothing is allocated. `refused` hears of each that did not open, in no particular order; its
/// message is zeroed.
///
/// # Panics
///
/// On a message over [`MAX_MESSAGE_BYTES`], which does not fit into the memory of WebAssembly.
pub fn open_batch<'a>(jobs: &mut dyn Iterator<Item = Job<'a>>, refused: &mut dyn FnMut(usize)) {
    run(Direction::Open, jobs, refused);
}

/// A message in its lane. What authenticates it belongs to the lane: a message is moved, and would leave it behind.
struct Message<'a> {
    job: Job<'a>,
    /// Whether block 0 has been made, and with it Poly1305's key.
    keyed: bool,
    /// Bytes crypted and taken into Poly1305.
    done: usize,
}

impl Message<'_> {
    fn remaining(&self) -> usize {
        self.job.message.len() - self.done
    }

    fn is_complete(&self) -> bool {
        self.keyed && self.remaining() == 0
    }

    /// Takes the next block of its keystream.
    #[inline(always)]
    fn take(&mut self, direction: Direction, poly: &mut Poly1305, keystream: &[U32x4; 4]) {
        if !self.keyed {
            poly.start(keystream[0].to_array(), keystream[1].to_array());
            if !self.job.aad.is_empty() {
                poly.part(self.job.aad, Ending::Zeros);
            }
            self.keyed = true;
            return;
        }
        let length = self.job.message.len();
        let part = &mut self.job.message[self.done..length.min(self.done + BLOCK)];
        crypt_part(direction, poly, keystream, part, Ending::Zeros);
        self.done += part.len();
    }

    /// Whether the message may stay.
    fn finish(&mut self, direction: Direction, poly: &mut Poly1305) -> bool {
        let tag = self.tag(direction, poly);
        match direction {
            Direction::Seal => *self.job.tag = tag,
            Direction::Open if equal_tags(&tag, self.job.tag) => {}
            Direction::Open => {
                wipe(self.job.message);
                return false;
            }
        }
        true
    }

    /// The tag of the whole message, of which what is not done yet goes by itself.
    fn tag(&mut self, direction: Direction, poly: &mut Poly1305) -> [u8; 16] {
        if !self.is_complete() {
            let mut state = State::default();
            chacha20::start(&mut state, self.job.key, self.job.nonce);
            if !self.keyed {
                return crypt_with(direction, &mut state, self.job.aad, self.job.message);
            }
            state.0[ChaCha20::COUNTER] = (self.done / BLOCK + 1) as u32;
            let rest = &mut self.job.message[self.done..];
            stream::crypt(&ChaCha20, direction, &mut state, poly, &[], rest, Ending::Zeros);
        }
        poly.lengths(self.job.aad.len(), self.job.message.len());
        poly.tag()
    }
}

/// Word by word the states of four messages. Wiped when dropped, and never moved while it holds a key.
#[derive(Zeroize, ZeroizeOnDrop)]
struct States([[u32; 4]; 16]);

impl States {
    fn new() -> Self {
        let [c0, c1, c2, c3] = CONSTANTS.map(|constant| [constant; 4]);
        let zero = [0; 4];
        Self([
            c0, c1, c2, c3, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero,
        ])
    }

    #[inline(always)]
    fn set(&mut self, lane: usize, key: &[u8; 32], nonce: &[u8; 12]) {
        let words = key
            .as_chunks::<4>()
            .0
            .iter()
            .chain([&[0; 4]])
            .chain(nonce.as_chunks::<4>().0);
        for (place, word) in self.0[4..].iter_mut().zip(words) {
            place[lane] = u32::from_le_bytes(*word);
        }
    }

    #[inline(always)]
    fn lanes(&self) -> [U32x4; 16] {
        core::array::from_fn(|i| U32x4::from_array(&self.0[i]))
    }

    #[inline(always)]
    fn add_to(&self, x: &mut [U32x4; 16]) {
        for (x, word) in x.iter_mut().zip(&self.0) {
            *x = *x + U32x4::from_array(word);
        }
    }

    #[inline(always)]
    fn advance(&mut self) {
        for counter in &mut self.0[ChaCha20::COUNTER] {
            *counter = counter.wrapping_add(1);
        }
    }
}

fn run<'a>(direction: Direction, jobs: &mut dyn Iterator<Item = Job<'a>>, refused: &mut dyn FnMut(usize)) {
    let mut jobs = jobs.fuse();
    let mut states = States::new();
    let mut lanes: [Option<Message<'a>>; 4] = [None, None, None, None];
    let mut polys: [Poly1305; 4] = Default::default();
    let mut settle = |message: &mut Message<'a>, poly: &mut Poly1305| {
        if !message.finish(direction, poly) {
            refused(message.job.index);
        }
    };
    loop {
        for (lane, (place, poly)) in lanes.iter_mut().zip(&mut polys).enumerate() {
            if let Some(message) = place.as_mut().filter(|message| message.is_complete()) {
                settle(message, poly);
                *place = None;
            }
            while place.is_none() {
                let Some(job) = jobs.next() else { break };
                assert!(
                    job.message.len() as u64 <= MAX_MESSAGE_BYTES,
                    "a message of a batch is over 256 GiB"
                );
                let mut message = Message {
                    job,
                    keyed: false,
                    done: 0,
                };
                if message.job.message.len() >= LONG {
                    settle(&mut message, poly);
                } else {
                    states.set(lane, message.job.key, message.job.nonce);
                    *place = Some(message);
                }
            }
        }
        let [Some(a), Some(b), Some(c), Some(d)] = &mut lanes else {
            break;
        };
        let messages = [a, b, c, d];
        let keyed = messages.iter().all(|message| message.keyed);
        let blocks = messages
            .iter()
            .map(|message| message.remaining() / BLOCK)
            .min()
            .unwrap_or(0);
        if keyed && blocks > 0 {
            whole_blocks(direction, &mut states, messages, &mut polys, blocks);
        } else {
            one_block(direction, &mut states, messages, &mut polys);
        }
    }
    // No more messages to come, and a lane is empty: what is left goes by itself.
    for (place, poly) in lanes.iter_mut().zip(&mut polys) {
        if let Some(message) = place {
            settle(message, poly);
        }
    }
}

/// One block for each lane: its Poly1305 key, or up to 64 bytes of its message.
#[inline(never)]
fn one_block(direction: Direction, states: &mut States, messages: [&mut Message; 4], polys: &mut [Poly1305; 4]) {
    let mut keystreams = Keystream::default();
    keystreams.set::<ChaCha20>(&states.lanes());
    states.advance();
    for ((message, poly), keystream) in messages.into_iter().zip(polys).zip(keystreams.0.as_chunks().0) {
        message.take(direction, poly, keystream);
    }
}

/// `count` whole blocks of each message, Poly1305 between the rounds.
#[inline(never)]
fn whole_blocks(
    direction: Direction,
    states: &mut States,
    messages: [&mut Message; 4],
    polys: &mut [Poly1305; 4],
    count: usize,
) {
    let by = ByteRotations::new();
    let mut texts = messages.map(|message| {
        let bytes = &mut message.job.message[message.done..][..count * BLOCK];
        message.done += count * BLOCK;
        bytes.as_chunks_mut::<16>().0.as_chunks_mut::<4>().0
    });
    for i in 0..count {
        let mut x = states.lanes();
        let read = match direction {
            Direction::Seal => i.checked_sub(1),
            Direction::Open => Some(i),
        };
        for round in 0..10 {
            ChaCha20::first_half(&mut x, by);
            ChaCha20::second_half(&mut x, by);
            if let (Some(read), 0..8) = (read, round) {
                polys[round % 4].blocks(&texts[round % 4][read][round / 4 * 2..][..2]);
            }
        }
        states.add_to(&mut x);
        states.advance();
        for group in 0..4 {
            for (text, row) in texts.iter_mut().zip(transposed(&x, group)) {
                xor_block(&mut text[i][group], row);
            }
        }
    }
    if direction == Direction::Seal {
        for (text, poly) in texts.into_iter().zip(polys) {
            poly.part(text[count - 1].as_flattened(), Ending::Zeros);
        }
    }
}
