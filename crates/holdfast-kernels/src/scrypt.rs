//! scrypt (RFC 7914), its mixing on vectors: a block of 64 bytes is the four diagonals of Salsa20's matrix, so that a
//! round is four steps on whole rows, and what turns columns into rows is turning the rows.
//!
//! The memory it works in is the allocator's to wipe. The second half's order of reading depends on the password: that is
//! scrypt (RFC 7914 §5), not an oversight.

use alloc::vec::Vec;
use core::mem;

use crate::lanes::U32x4;

/// 64 bytes.
type Block = [U32x4; 4];

/// Which word of a block stands where.
const DIAGONALS: [[usize; 4]; 4] = [[0, 5, 10, 15], [4, 9, 14, 3], [8, 13, 2, 7], [12, 1, 6, 11]];

/// scryptROMix (RFC 7914 §5) of each part of `128 r` bytes. `n` is a power of two from 2 on; `128 n r` bytes of memory are taken.
#[inline(never)]
pub fn mix(parts: &mut [u8], n: usize, r: usize) {
    let mut memory = Vec::with_capacity(2 * n * r);
    for part in parts.chunks_mut(128 * r) {
        let mut blocks: Vec<Block> = part.as_chunks().0.iter().map(to_diagonals).collect();
        memory.clear();
        mix_memory(&mut blocks, n, &mut memory);
        for (bytes, block) in part.as_chunks_mut().0.iter_mut().zip(&blocks) {
            from_diagonals(block, bytes);
        }
    }
}

fn mix_memory(blocks: &mut Vec<Block>, n: usize, memory: &mut Vec<Block>) {
    let count = blocks.len();
    let mut mixed = blocks.clone();
    for _ in 0..n {
        memory.extend_from_slice(blocks);
        mix_blocks(blocks.iter().copied(), &mut mixed);
        mem::swap(blocks, &mut mixed);
    }
    for _ in 0..n {
        // The first word of the last block (RFC 7914 §5: Integerify).
        let chosen = blocks[count - 1][0].to_array()[0] as usize & (n - 1);
        let other = &memory[chosen * count..][..count];
        mix_blocks(
            blocks.iter().zip(other).map(|(one, other)| xor(*one, *other)),
            &mut mixed,
        );
        mem::swap(blocks, &mut mixed);
    }
}

/// scryptBlockMix (RFC 7914 §4): what comes of every other block goes to the second half.
#[inline(always)]
fn mix_blocks(blocks: impl DoubleEndedIterator<Item = Block> + Clone, mixed: &mut [Block]) {
    let Some(mut x) = blocks.clone().next_back() else {
        return;
    };
    let (evens, odds) = mixed.split_at_mut(mixed.len() / 2);
    let mut places = evens.iter_mut().zip(odds).flat_map(|(even, odd)| [even, odd]);
    for block in blocks {
        x = salsa20_8(xor(x, block));
        if let Some(place) = places.next() {
            *place = x;
        }
    }
}

#[inline(always)]
fn salsa20_8(block: Block) -> Block {
    let [mut a, mut b, mut c, mut d] = block;
    for _ in 0..8 {
        b = b ^ (a + d).rotate_left::<7>();
        c = c ^ (b + a).rotate_left::<9>();
        d = d ^ (c + b).rotate_left::<13>();
        a = a ^ (d + c).rotate_left::<18>();
        (b, c, d) = (d.turn_1(), c.turn_2(), b.turn_3());
    }
    [a + block[0], b + block[1], c + block[2], d + block[3]]
}

#[inline(always)]
fn xor([a, b, c, d]: Block, [e, f, g, h]: Block) -> Block {
    [a ^ e, b ^ f, c ^ g, d ^ h]
}

fn to_diagonals(bytes: &[u8; 64]) -> Block {
    let words = bytes.as_chunks().0;
    DIAGONALS.map(|row| U32x4::from_array(&row.map(|word| u32::from_le_bytes(words[word]))))
}

fn from_diagonals(block: &Block, bytes: &mut [u8; 64]) {
    let words = bytes.as_chunks_mut().0;
    for (row, places) in block.iter().zip(DIAGONALS) {
        for (word, place) in row.to_array().into_iter().zip(places) {
            words[place] = word.to_le_bytes();
        }
    }
}
