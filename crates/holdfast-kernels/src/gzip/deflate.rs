//! Gzip (RFC 1952, RFC 1951), written for what a V0 container holds: tar, in which file contents are CBOR arrays of
//! integers, so that nearly every other byte is `18`.
//!
//! The decompressed bytes are the format; how they are compressed is free (world-backup-client §3.2). What the pattern
//! gives away is used: a pair `18 xx` is one step of the search, matches are looked for by six bytes (three contents),
//! and where none is found for a while (random contents) the search strides ever wider, so that such data is entropy
//! coded at the speed of entropy coding and comes out no larger.
//!
//! Memory beyond the output is constant: history and block 128 KiB, hash chains 256 KiB, matches of one block.

use alloc::vec;
use alloc::vec::Vec;

use zeroize::{Zeroize, Zeroizing};

use super::crc32::Crc32;
use super::huffman::{code_lengths, codes, Code};
use crate::cbor_integers::{FIRST_WIDE, WIDE as PREFIX};

const WINDOW: usize = 1 << 15;
const BUFFER: usize = 1 << 17;
/// How far behind the data may be looked: by a word of eight bytes, and by the widest stride.
const SLACK: usize = 2 * WIDEST;
const HASH_BITS: u32 = 15;
const SHORTEST: usize = 6;
const LONGEST: usize = 258;
/// Good enough to stop looking.
const NICE: usize = 130;
const CHAIN: usize = 16;
/// So many steps without a match before the search strides wider.
const PATIENCE: usize = 64;
const WIDEST: usize = 32;
/// Code lengths: four literals and what is left of a byte fit in 64 bits.
const LIMIT: usize = 14;
const LITERALS: usize = 286;
const DISTANCES: usize = 30;
const END_OF_BLOCK: usize = 256;

/// Literals up to the match, and the match: `length` 0 when the block ends first.
#[derive(Clone, Copy, Default)]
struct Sequence {
    literals: u32,
    length: u16,
    distance: u16,
}

impl Zeroize for Sequence {
    fn zeroize(&mut self) {
        self.literals.zeroize();
        self.length.zeroize();
        self.distance.zeroize();
    }
}

pub struct GzipWriter {
    out: Vec<u8>,
    bits: u64,
    bit_count: u32,
    crc: Crc32,
    /// Bytes written so far, modulo 2^32 (RFC 1952 §2.3.1).
    size: u32,
    /// History up to `start`, the block up to `end`.
    buffer: Zeroizing<Vec<u8>>,
    start: usize,
    end: usize,
    /// Position of `buffer[0]` in the stream, `WINDOW` ahead so that 0 means "never seen".
    base: usize,
    heads: Vec<u32>,
    chain: Vec<u32>,
    /// From this distance on, a match of three contents costs more bits than their literals.
    near: usize,
    sequences: Zeroizing<Vec<Sequence>>,
}

impl GzipWriter {
    /// The stream is appended to `out`.
    pub fn new(mut out: Vec<u8>) -> Self {
        out.extend([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
        Self {
            out,
            bits: 0,
            bit_count: 0,
            crc: Crc32::new(),
            size: 0,
            buffer: Zeroizing::new(vec![0; BUFFER + SLACK]),
            start: 0,
            end: 0,
            base: 2 * WINDOW,
            heads: vec![0; 1 << HASH_BITS],
            chain: vec![0; WINDOW],
            near: 0,
            sequences: Zeroizing::new(Vec::new()),
        }
    }

    /// Makes room for `bytes` of compressed output; what moves is wiped where it was.
    pub fn reserve(&mut self, bytes: usize) {
        reserve(&mut self.out, bytes);
    }

    #[inline(never)]
    pub fn write(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = self.room();
            let (now, later) = bytes.split_at(bytes.len().min(room.len()));
            room[..now.len()].copy_from_slice(now);
            self.advance(now.len());
            bytes = later;
        }
    }

    /// Writes `content` as CBOR unsigned integers.
    #[inline(never)]
    pub fn write_integers(&mut self, mut content: &[u8]) {
        while !content.is_empty() {
            let room = self.room();
            if room.len() < 2 {
                self.compress();
                continue;
            }
            let (now, later) = content.split_at(content.len().min(room.len() / 2));
            let mut written = 0;
            for &byte in now {
                let wide = usize::from(byte >= FIRST_WIDE);
                room[written] = PREFIX;
                room[written + wide] = byte;
                written += 1 + wide;
            }
            self.advance(written);
            content = later;
        }
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.compress();
        // An empty last block of the fixed code.
        reserve(&mut self.out, 32);
        self.put(0b011, 10);
        self.bit_count = self.bit_count.next_multiple_of(8);
        while self.bit_count > 0 {
            self.out.push(self.bits as u8);
            self.bits >>= 8;
            self.bit_count -= 8;
        }
        let trailer = [self.crc.value(), self.size];
        self.out.extend(trailer.into_iter().flat_map(u32::to_le_bytes));
        self.out
    }

    fn room(&mut self) -> &mut [u8] {
        if self.end == BUFFER {
            self.compress();
        }
        &mut self.buffer[self.end..BUFFER]
    }

    fn advance(&mut self, written: usize) {
        self.crc.update(&self.buffer[self.end..self.end + written]);
        self.size = self.size.wrapping_add(written as u32);
        self.end += written;
    }

    /// Writes the block out, and keeps the last of it as history.
    #[inline(never)]
    fn compress(&mut self) {
        if self.start == self.end {
            return;
        }
        self.find_matches();
        self.write_block();
        let gone = self.end.saturating_sub(WINDOW);
        self.buffer.copy_within(gone..self.end, 0);
        self.base += gone;
        self.end -= gone;
        self.start = self.end;
    }
}

// Matching

impl GzipWriter {
    fn find_matches(&mut self) {
        self.near = self.find_near();
        self.sequences.clear();
        let mut at = self.start;
        let mut literals_from = at;
        let mut misses = 0;
        let mut spare = 0;
        while at + SHORTEST <= self.end {
            let Some(mut found) = self.insert_and_find(at, SHORTEST - 1, CHAIN) else {
                misses += 1;
                for _ in 0..(1 + misses / PATIENCE).min(WIDEST) {
                    at += step(self.buffer[at]);
                }
                continue;
            };
            misses = 0;
            // A longer match one content later is worth the literals.
            let mut inserted = at + 1;
            while found.length < NICE {
                let next = at + step(self.buffer[at]);
                if next + SHORTEST > self.end {
                    break;
                }
                inserted = next + 1;
                let Some(longer) = self.insert_and_find(next, found.length + 1, CHAIN / 2) else {
                    break;
                };
                at = next;
                found = longer;
            }
            self.push_literals(at, &mut literals_from, spare);
            // A prefix at the end is left to the next match, or taken back when none begins there.
            spare = usize::from(self.buffer[at + found.length - 1] == PREFIX);
            let length = found.length - spare;
            if let Some(sequence) = self.sequences.last_mut() {
                sequence.length = length as u16;
                sequence.distance = found.distance as u16;
            }
            let behind = at + length;
            let mut skipped = inserted - 1;
            skipped += step(self.buffer[skipped]);
            while skipped < behind && skipped + SHORTEST <= self.end {
                self.insert(skipped);
                skipped += step(self.buffer[skipped]);
            }
            at = behind;
            literals_from = behind;
        }
        self.push_literals(self.end, &mut literals_from, spare);
    }

    /// Begins a sequence with the literals up to `at`; the match before them takes its spare byte if there are any.
    fn push_literals(&mut self, at: usize, literals_from: &mut usize, spare: usize) {
        if *literals_from < at {
            if let Some(before) = self.sequences.last_mut() {
                before.length += spare as u16;
                *literals_from += spare;
            }
        }
        self.sequences.push(Sequence {
            literals: (at - *literals_from) as u32,
            length: 0,
            distance: 0,
        });
    }

    /// Three contents cost what they would without any match; a match costs about four bits besides those of its
    /// distance.
    fn find_near(&self) -> usize {
        let block = &self.buffer[self.start..self.end];
        let frequencies = count_bytes(block);
        let bits = cost(&frequencies, &code_lengths(&frequencies, LIMIT), |_| 0);
        let three = bits * SHORTEST as u64 / block.len() as u64;
        1 << three.saturating_sub(4).min(15)
    }

    fn insert(&mut self, at: usize) -> usize {
        let position = self.base + at;
        let head = &mut self.heads[hash(&self.buffer, at)];
        let before = *head;
        *head = position as u32;
        self.chain[position % WINDOW] = before;
        before as usize
    }

    /// A match longer than `shorter`, if one is worth taking.
    fn insert_and_find(&mut self, at: usize, shorter: usize, tries: usize) -> Option<Match> {
        let mut candidate = self.insert(at);
        let position = self.base + at;
        let buffer = &self.buffer[..];
        let longest = LONGEST.min(self.end - at);
        let mut best = None;
        let mut length = shorter;
        for _ in 0..tries {
            let distance = position.wrapping_sub(candidate);
            if distance > WINDOW || distance > at || length >= longest {
                break;
            }
            let from = at - distance;
            if word32(buffer, from + length - 3) == word32(buffer, at + length - 3) {
                let matched = match_length(buffer, from, at, longest);
                if matched > length && (matched > SHORTEST + 1 || distance <= self.near) {
                    length = matched;
                    best = Some(Match { length, distance });
                    if length >= NICE {
                        break;
                    }
                }
            }
            candidate = self.chain[candidate % WINDOW] as usize;
        }
        best
    }
}

struct Match {
    length: usize,
    distance: usize,
}

/// The next place worth a look: behind a prefix and its byte.
fn step(byte: u8) -> usize {
    1 + usize::from(byte == PREFIX)
}

fn word32(buffer: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([buffer[at], buffer[at + 1], buffer[at + 2], buffer[at + 3]])
}

fn word64(buffer: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(buffer[at..at + 8].try_into().expect("eight bytes"))
}

/// Of the six bytes from `at` on.
fn hash(buffer: &[u8], at: usize) -> usize {
    let six = word64(buffer, at) << 16;
    (six.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - HASH_BITS)) as usize
}

fn match_length(buffer: &[u8], from: usize, at: usize, longest: usize) -> usize {
    let mut length = 0;
    while length < longest {
        let difference = word64(buffer, from + length) ^ word64(buffer, at + length);
        if difference != 0 {
            length += difference.trailing_zeros() as usize / 8;
            break;
        }
        length += 8;
    }
    length.min(longest)
}

// Entropy coding

impl GzipWriter {
    fn write_block(&mut self) {
        let [mut literals, distances] = self.count();
        literals[END_OF_BLOCK] = 1;
        let literal_lengths = code_lengths(&literals, LIMIT);
        let distance_lengths = code_lengths(&distances, LIMIT);
        // Seven bytes more than the bits need: the last word is written whole. The code itself takes below 400 bytes.
        let bits: u64 =
            cost(&literals, &literal_lengths, length_extra) + cost(&distances, &distance_lengths, distance_extra);
        reserve(&mut self.out, bits as usize / 8 + 512);
        self.write_codes(&literal_lengths, &distance_lengths);
        self.write_symbols(
            &codes(&literal_lengths),
            &codes(&distance_lengths),
            bits as usize / 8 + 32,
        );
    }

    /// How often each literal or length, and each distance, occurs.
    fn count(&self) -> [Vec<u32>; 2] {
        let mut literals = vec![0u32; LITERALS];
        let mut distances = vec![0u32; DISTANCES];
        let mut at = self.start;
        for sequence in &*self.sequences {
            let run = &self.buffer[at..at + sequence.literals as usize];
            if run.len() < 1024 {
                for &byte in run {
                    literals[usize::from(byte)] += 1;
                }
            } else {
                for (sum, more) in literals.iter_mut().zip(count_bytes(run)) {
                    *sum += more;
                }
            }
            if sequence.length > 0 {
                literals[length_symbol(sequence.length.into()).0] += 1;
                distances[distance_symbol(sequence.distance.into()).0] += 1;
            }
            at += run.len() + usize::from(sequence.length);
        }
        [literals, distances]
    }

    /// RFC 1951 §3.2.7: the lengths of both codes, run-length coded, under a third code.
    fn write_codes(&mut self, literal_lengths: &[u8], distance_lengths: &[u8]) {
        const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        let used = |lengths: &[u8], least: usize| {
            lengths
                .iter()
                .rposition(|&length| length > 0)
                .map_or(least, |last| least.max(last + 1))
        };
        let literals = used(literal_lengths, 257);
        let distances = used(distance_lengths, 1);
        let mut lengths = literal_lengths[..literals].to_vec();
        lengths.extend(&distance_lengths[..distances]);
        let runs = run_lengths(&lengths);
        let mut frequencies = [0; 19];
        for &(symbol, ..) in &runs {
            frequencies[symbol] += 1;
        }
        let run_code_lengths = code_lengths(&frequencies, 7);
        let run_codes = codes(&run_code_lengths);
        let sent = ORDER
            .iter()
            .rposition(|&symbol| run_code_lengths[symbol] > 0)
            .map_or(4, |last| 4.max(last + 1));
        self.put(0b100, 3);
        self.put(literals as u64 - 257, 5);
        self.put(distances as u64 - 1, 5);
        self.put(sent as u64 - 4, 4);
        for symbol in &ORDER[..sent] {
            self.put(run_code_lengths[*symbol].into(), 3);
        }
        for (symbol, extra, extra_bits) in runs {
            self.put(run_codes[symbol].bits.into(), run_codes[symbol].length.into());
            self.put(extra, extra_bits);
        }
    }

    fn write_symbols(&mut self, literals: &[Code], distances: &[Code], most: usize) {
        let first = self.out.len();
        self.out.resize(first + most, 0);
        let mut writer = BitWriter {
            out: &mut self.out[first..],
            written: 0,
            bits: self.bits,
            count: self.bit_count,
        };
        let mut bytes = [Code::default(); 256];
        bytes.copy_from_slice(&literals[..256]);
        let mut at = self.start;
        for sequence in &*self.sequences {
            let run = &self.buffer[at..at + sequence.literals as usize];
            let mut fours = run.chunks_exact(4);
            for four in &mut fours {
                for &byte in four {
                    writer.push(bytes[usize::from(byte)]);
                }
                writer.flush();
            }
            for &byte in fours.remainder() {
                writer.push(bytes[usize::from(byte)]);
            }
            writer.flush();
            if sequence.length > 0 {
                let (symbol, extra, extra_bits) = length_symbol(sequence.length.into());
                writer.push(literals[symbol]);
                writer.put(extra, extra_bits);
                let (symbol, extra, extra_bits) = distance_symbol(sequence.distance.into());
                writer.push(distances[symbol]);
                writer.put(extra, extra_bits);
                writer.flush();
            }
            at += run.len() + usize::from(sequence.length);
        }
        writer.push(literals[END_OF_BLOCK]);
        writer.flush();
        let BitWriter {
            written, bits, count, ..
        } = writer;
        (self.bits, self.bit_count) = (bits, count);
        self.out.truncate(first + written);
    }

    fn put(&mut self, value: u64, count: u32) {
        self.bits |= value << self.bit_count;
        self.bit_count += count;
        while self.bit_count >= 8 {
            self.out.push(self.bits as u8);
            self.bits >>= 8;
            self.bit_count -= 8;
        }
    }
}

/// Bits, first lowest. Between two flushes at most 56 may be added.
struct BitWriter<'a> {
    out: &'a mut [u8],
    written: usize,
    bits: u64,
    count: u32,
}

impl BitWriter<'_> {
    fn push(&mut self, code: Code) {
        self.put(code.bits.into(), code.length.into());
    }

    fn put(&mut self, value: u64, count: u32) {
        self.bits |= value << self.count;
        self.count += count;
    }

    fn flush(&mut self) {
        self.out[self.written..self.written + 8].copy_from_slice(&self.bits.to_le_bytes());
        self.written += self.count as usize / 8;
        self.bits >>= self.count & !7;
        self.count &= 7;
    }
}

/// In two counters, so that one `18` does not wait for the other.
fn count_bytes(bytes: &[u8]) -> [u32; 256] {
    let (mut even, mut odd) = ([0; 256], [0; 256]);
    let mut pairs = bytes.chunks_exact(2);
    for pair in &mut pairs {
        even[usize::from(pair[0])] += 1;
        odd[usize::from(pair[1])] += 1;
    }
    for &byte in pairs.remainder() {
        even[usize::from(byte)] += 1;
    }
    for (sum, more) in even.iter_mut().zip(odd) {
        *sum += more;
    }
    even
}

fn cost(frequencies: &[u32], lengths: &[u8], extra: fn(usize) -> u32) -> u64 {
    let each = |symbol: usize| u64::from(frequencies[symbol]) * (u64::from(lengths[symbol]) + u64::from(extra(symbol)));
    (0..lengths.len()).map(each).sum()
}

/// Code lengths as symbols 0 to 18 with their extra bits (RFC 1951 §3.2.7).
fn run_lengths(lengths: &[u8]) -> Vec<(usize, u64, u32)> {
    let mut runs = Vec::new();
    let mut at = 0;
    while at < lengths.len() {
        let length = lengths[at];
        let same = lengths[at..].iter().take_while(|&&other| other == length).count();
        let run = match (length, same) {
            (0, 11..) => same.min(138),
            (0, 3..) => same,
            (_, 4..) => 1 + (same - 1).min(6),
            _ => 1,
        };
        runs.push(match (length, run) {
            (0, 11..) => (18, run as u64 - 11, 7),
            (0, 3..) => (17, run as u64 - 3, 3),
            _ => (length.into(), 0, 0),
        });
        if length > 0 && run > 1 {
            runs.push((16, run as u64 - 4, 2));
        }
        at += run;
    }
    runs
}

/// Symbol, extra bits and their number for a match length (RFC 1951 §3.2.5).
fn length_symbol(length: usize) -> (usize, u64, u32) {
    if length == LONGEST {
        return (285, 0, 0);
    }
    let value = length - 3;
    let extra_bits = (value | 4).ilog2() - 2;
    let symbol = 257 + (extra_bits as usize) * 4 + (value >> extra_bits);
    (symbol, (value & ((1 << extra_bits) - 1)) as u64, extra_bits)
}

fn length_extra(symbol: usize) -> u32 {
    match symbol {
        265..=284 => (symbol as u32 - 261) / 4,
        _ => 0,
    }
}

/// The same for a distance.
fn distance_symbol(distance: usize) -> (usize, u64, u32) {
    let value = distance - 1;
    let extra_bits = (value | 2).ilog2() - 1;
    let symbol = (extra_bits as usize) * 2 + (value >> extra_bits);
    (symbol, (value & ((1 << extra_bits) - 1)) as u64, extra_bits)
}

fn distance_extra(symbol: usize) -> u32 {
    (symbol as u32 / 2).saturating_sub(1)
}

/// `Vec::reserve` that wipes what it moves from.
fn reserve(out: &mut Vec<u8>, bytes: usize) {
    if out.capacity() - out.len() >= bytes {
        return;
    }
    let mut roomier = Vec::with_capacity((out.len() + bytes).max(out.len() / 4 * 5));
    roomier.extend_from_slice(out);
    out.zeroize();
    *out = roomier;
}
