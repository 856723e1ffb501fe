//! BLAKE3 (the BLAKE3 paper, §2) in its default mode, for messages that are in memory whole.
//!
//! Chunks and parents are hashed four at a time, one in each lane; what is left over, one at a time. Sixteen chunks make one subtree; finished subtrees wait on a stack, the largest at its bottom.

use core::array::from_fn;
use core::hint::black_box;

use crate::lanes::{ByteRotations, U32x4};

const BLOCK: usize = 64;
const CHUNK: usize = 1024;
/// Chunks of a subtree.
const GROUP: usize = 16;

const IV: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// Which words of the message each round takes: the paper's permutation (§2.2, Table 2), over and over.
const SCHEDULE: [[usize; 16]; 7] = {
    const PERMUTATION: [usize; 16] = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
    let mut schedule = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]; 7];
    let mut round = 1;
    while round < 7 {
        let mut i = 0;
        while i < 16 {
            schedule[round][i] = schedule[round - 1][PERMUTATION[i]];
            i += 1;
        }
        round += 1;
    }
    schedule
};

const CHUNK_START: u32 = 1;
const CHUNK_END: u32 = 2;
const PARENT: u32 = 4;
const ROOT: u32 = 8;

/// A chaining value, in two rows of four words.
type Value = [U32x4; 2];

#[inline(always)]
fn initial_value() -> Value {
    let rows = IV.as_chunks().0;
    [U32x4::from_array(&rows[0]), U32x4::from_array(&rows[1])]
}

/// Fills `digest`, of any length, with the root's output (§2.6).
#[inline(never)]
pub fn hash(message: &[u8], digest: &mut [u8]) {
    let root = root_of(message);
    for (index, bytes) in digest.chunks_mut(BLOCK).enumerate() {
        let rows = root.output(index as u64, ROOT);
        for (bytes, row) in bytes.chunks_mut(16).zip(rows) {
            let mut whole = [0; 16];
            row.store(&mut whole);
            bytes.copy_from_slice(&whole[..bytes.len()]);
        }
    }
}

/// The last compression of a node, not yet made.
struct Node {
    value: Value,
    block: [u32; 16],
    counter: u64,
    length: u32,
    flags: u32,
}

impl Node {
    fn output(&self, counter: u64, more_flags: u32) -> [U32x4; 4] {
        compress(&self.value, &self.block, counter, self.length, self.flags | more_flags)
    }

    #[inline(never)]
    fn value(&self) -> Value {
        let [top, bottom, ..] = self.output(self.counter, 0);
        [top, bottom]
    }

    #[inline(never)]
    fn parent(left: &Value, right: &Value) -> Self {
        let rows = [left[0], left[1], right[0], right[1]].map(U32x4::to_array);
        Self {
            value: initial_value(),
            block: from_fn(|i| rows[i / 4][i % 4]),
            counter: 0,
            length: BLOCK as u32,
            flags: PARENT,
        }
    }

    /// `bytes` is at most a chunk.
    fn chunk(bytes: &[u8], counter: u64) -> Self {
        let mut node = Self {
            value: initial_value(),
            block: [0; 16],
            counter,
            length: 0,
            flags: CHUNK_START,
        };
        let mut blocks = bytes.chunks(BLOCK);
        let last = blocks.next_back().unwrap_or(&[]);
        for block in blocks {
            node.take(block);
            node.value = node.value();
            node.flags = 0;
        }
        node.take(last);
        node.flags |= CHUNK_END;
        node
    }

    fn take(&mut self, bytes: &[u8]) {
        let mut padded = [0; BLOCK];
        let block = bytes.first_chunk().unwrap_or_else(|| {
            padded[..bytes.len()].copy_from_slice(bytes);
            &padded
        });
        for (word, bytes) in self.block.iter_mut().zip(block.as_chunks().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        self.length = bytes.len() as u32;
    }
}

fn root_of(message: &[u8]) -> Node {
    let mut stack = [Value::default(); 64];
    let mut height = 0;
    let mut groups = message.chunks(GROUP * CHUNK).enumerate();
    let (index, last) = groups.next_back().unwrap_or((0, &[]));
    for (index, group) in groups {
        let mut value = subtree(group, index).value();
        // As many finished subtrees are joined as the count of them has zeros at its end.
        for _ in 0..(index + 1).trailing_zeros() {
            height -= 1;
            value = Node::parent(&stack[height], &value).value();
        }
        stack[height] = value;
        height += 1;
    }
    let mut node = subtree(last, index);
    for left in stack[..height].iter().rev() {
        node = Node::parent(left, &node.value());
    }
    node
}

/// At most sixteen chunks, to the node over them.
fn subtree(bytes: &[u8], group: usize) -> Node {
    let first = (group * GROUP) as u64;
    if bytes.len() <= CHUNK {
        return Node::chunk(bytes, first);
    }
    let mut values = [Value::default(); GROUP];
    let mut count = 0;
    let (chunks, rest) = bytes.as_chunks::<CHUNK>();
    let (fours, ones) = chunks.as_chunks::<4>();
    for four in fours {
        four_chunks(four, first + count as u64, &mut values[count..][..4]);
        count += 4;
    }
    for one in ones
        .iter()
        .map(|chunk| &chunk[..])
        .chain((!rest.is_empty()).then_some(rest))
    {
        values[count] = Node::chunk(one, first + count as u64).value();
        count += 1;
    }
    while count > 2 {
        count = join(&mut values, count);
    }
    Node::parent(&values[0], &values[1])
}

/// One level of the tree: neighbours become their parent, and one without a neighbour stays.
fn join(values: &mut [Value; GROUP], count: usize) -> usize {
    let mut made = 0;
    while 2 * made < count {
        let left = &values[2 * made..count];
        if left.len() >= 8 {
            let children = left.as_flattened();
            let mut block = [U32x4::splat(0); 16];
            for (group, words) in groups(&mut block) {
                *words = U32x4::transpose(from_fn(|lane| children[4 * lane + group]));
            }
            let parents = compress_four(&IV.map(U32x4::splat), &block, [U32x4::splat(0); 2], PARENT);
            spread(parents, &mut values[made..][..4]);
            made += 4;
        } else {
            values[made] = match left {
                [one] => *one,
                [one, other, ..] => Node::parent(one, other).value(),
                [] => break,
            };
            made += 1;
        }
    }
    made
}

fn four_chunks(chunks: &[[u8; CHUNK]; 4], first: u64, values: &mut [Value]) {
    let counters: [u64; 4] = from_fn(|lane| first + lane as u64);
    let counter = [
        U32x4::from_array(&counters.map(|counter| counter as u32)),
        U32x4::from_array(&counters.map(|counter| (counter >> 32) as u32)),
    ];
    let blocks: [&[[u8; 16]]; 4] = from_fn(|lane| chunks[lane].as_chunks().0);
    let mut value = IV.map(U32x4::splat);
    for index in 0..CHUNK / BLOCK {
        let mut block = [U32x4::splat(0); 16];
        for (group, words) in groups(&mut block) {
            *words = U32x4::transpose(from_fn(|lane| U32x4::load(&blocks[lane][4 * index + group])));
        }
        let flags = match index {
            0 => CHUNK_START,
            15 => CHUNK_END,
            _ => 0,
        };
        value = compress_four(&value, &block, counter, flags);
    }
    spread(value, values);
}

/// The words of a block by fours, with the number of each: so many that the compiler does not know, which would write four
/// transpositions out.
#[inline(always)]
fn groups(block: &mut [U32x4; 16]) -> impl Iterator<Item = (usize, &mut [U32x4; 4])> {
    black_box(block.as_chunks_mut().0).iter_mut().enumerate()
}

/// From word by word to value by value.
#[inline(always)]
fn spread([a, b, c, d, e, f, g, h]: [U32x4; 8], values: &mut [Value]) {
    let (tops, bottoms) = (U32x4::transpose([a, b, c, d]), U32x4::transpose([e, f, g, h]));
    for (value, rows) in values.iter_mut().zip(tops.into_iter().zip(bottoms)) {
        *value = rows.into();
    }
}

/// The compression function (§2.2) of four nodes at once.
#[inline(never)]
fn compress_four(value: &[U32x4; 8], m: &[U32x4; 16], counter: [U32x4; 2], flags: u32) -> [U32x4; 8] {
    let by = ByteRotations::new();
    let [v0, v1, v2, v3, v4, v5, v6, v7] = *value;
    let [i0, i1, i2, i3, ..] = IV.map(U32x4::splat);
    let (length, flags) = (U32x4::splat(BLOCK as u32), U32x4::splat(flags));
    let [low, high] = counter;
    let mut v = [v0, v1, v2, v3, v4, v5, v6, v7, i0, i1, i2, i3, low, high, length, flags];
    round_of_four::<0>(&mut v, m, by);
    round_of_four::<1>(&mut v, m, by);
    round_of_four::<2>(&mut v, m, by);
    round_of_four::<3>(&mut v, m, by);
    round_of_four::<4>(&mut v, m, by);
    round_of_four::<5>(&mut v, m, by);
    round_of_four::<6>(&mut v, m, by);
    from_fn(|i| v[i] ^ v[i + 8])
}

/// Each round has its own code: looking its words up takes as long as mixing them.
#[inline(always)]
fn round_of_four<const ROUND: usize>(v: &mut [U32x4; 16], m: &[U32x4; 16], by: ByteRotations) {
    let x = |place: usize| m[SCHEDULE[ROUND][place]];
    let mut mix = |[a, b, c, d]: [usize; 4], place: usize| {
        let mixed = mix([v[a], v[b], v[c], v[d]], x(place), x(place + 1), by);
        [v[a], v[b], v[c], v[d]] = mixed;
    };
    mix([0, 4, 8, 12], 0);
    mix([1, 5, 9, 13], 2);
    mix([2, 6, 10, 14], 4);
    mix([3, 7, 11, 15], 6);
    mix([0, 5, 10, 15], 8);
    mix([1, 6, 11, 12], 10);
    mix([2, 7, 8, 13], 12);
    mix([3, 4, 9, 14], 14);
}

/// The compression function of one node, a row of its state in each vector.
#[inline(never)]
fn compress([top, bottom]: &Value, m: &[u32; 16], counter: u64, length: u32, flags: u32) -> [U32x4; 4] {
    let by = ByteRotations::new();
    let last = U32x4::from_array(&[counter as u32, (counter >> 32) as u32, length, flags]);
    let mut v = [*top, *bottom, initial_value()[0], last];
    v = round_of_one::<0>(v, m, by);
    v = round_of_one::<1>(v, m, by);
    v = round_of_one::<2>(v, m, by);
    v = round_of_one::<3>(v, m, by);
    v = round_of_one::<4>(v, m, by);
    v = round_of_one::<5>(v, m, by);
    v = round_of_one::<6>(v, m, by);
    let [a, b, c, d] = v;
    [a ^ c, b ^ d, c ^ *top, d ^ *bottom]
}

/// The columns, then the diagonals turned to be columns.
#[inline(always)]
fn round_of_one<const ROUND: usize>(v: [U32x4; 4], m: &[u32; 16], by: ByteRotations) -> [U32x4; 4] {
    let x = |place: usize| U32x4::from_array(&from_fn(|i| m[SCHEDULE[ROUND][place + 2 * i]]));
    let [a, b, c, d] = mix(v, x(0), x(1), by);
    let [a, b, c, d] = mix([a, b.turn_1(), c.turn_2(), d.turn_3()], x(8), x(9), by);
    [a, b.turn_3(), c.turn_2(), d.turn_1()]
}

#[inline(always)]
fn mix([a, b, c, d]: [U32x4; 4], x: U32x4, y: U32x4, by: ByteRotations) -> [U32x4; 4] {
    let a = a + b + x;
    let d = (d ^ a).rotate_left_16();
    let c = c + d;
    let b = (b ^ c).rotate_left::<20>();
    let a = a + b + y;
    let d = by.rotate_left_24(d ^ a);
    let c = c + d;
    let b = (b ^ c).rotate_left::<25>();
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_another_implementation_around_every_edge() {
        let bytes: Vec<u8> = (0..=250).cycle().take(300 * CHUNK).collect();
        let edges = (0..300).flat_map(|chunks| [chunks * CHUNK, chunks * CHUNK + 1, chunks * CHUNK + CHUNK - 1]);
        for length in (0..2 * BLOCK).chain(edges) {
            let mut ours = [0; 150];
            let mut theirs = [0; 150];
            hash(&bytes[..length], &mut ours);
            ::blake3::Hasher::new()
                .update(&bytes[..length])
                .finalize_xof()
                .fill(&mut theirs);
            assert_eq!(ours, theirs, "{length}");
        }
    }
}
