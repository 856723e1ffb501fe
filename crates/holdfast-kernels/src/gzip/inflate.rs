//! Inflate (RFC 1951): from tables, into a window of 32 KiB that the caller empties.
//!
//! Which streams are taken, and when damage is noticed, is as in the reference's decompressor (world-backup-client §3.5
//! rule 4, §17): a stream may point before its own beginning, where zeros are; a code is complete, or a single code of one bit, or
//! empty; and as much is decoded as the input allows and the window holds, also what needs no room in it, before anything is handed out.
//!
//! Nothing is kept of a symbol or a block's head that the input cuts: it is decoded anew when there is more.

use alloc::boxed::Box;

use zeroize::Zeroizing;

use crate::{Error, Result};

pub const WINDOW: usize = 1 << 15;
const LONGEST_CODE: usize = 15;
/// Codes up to this length are found in one step.
const FAST_BITS: usize = 10;
const SYMBOLS: usize = 288;
const END_OF_BLOCK: u16 = 256;
/// What an incomplete code has where it has nothing.
const NONE: u16 = 511;

/// Why decoding paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    WindowFull,
    InputShort,
    Done,
}

/// Why a step ended early.
enum Stop {
    /// The input ends within what is being read.
    Short,
    Damaged,
}

type Step<T> = core::result::Result<T, Stop>;

pub struct Inflate {
    window: Box<Zeroizing<[u8; WINDOW]>>,
    /// Bytes in the window.
    filled: usize,
    /// Bits of the input that are done with.
    bits: u64,
    block: Block,
    last_block: bool,
    literals: Box<Code>,
    distances: Box<Code>,
    /// What the window had no room for.
    held: Held,
}

#[derive(Clone, Copy)]
enum Block {
    Head,
    Stored(usize),
    Coded,
    Done,
}

#[derive(Clone, Copy)]
enum Held {
    Nothing,
    Literal(u8),
    Match { length: usize, distance: usize },
}

impl Inflate {
    pub fn new() -> Self {
        Self {
            window: Box::new(Zeroizing::new([0; WINDOW])),
            filled: 0,
            bits: 0,
            block: Block::Head,
            last_block: false,
            literals: Code::new(),
            distances: Code::new(),
            held: Held::Nothing,
        }
    }

    /// What was decoded since the window was last empty.
    pub fn window(&self) -> &[u8] {
        &self.window[..self.filled]
    }

    /// Makes a full window empty; what it held stays for matches to point at.
    pub fn turn(&mut self) {
        self.filled %= WINDOW;
    }

    /// Bytes of the input that are done with, a started one included.
    pub fn consumed(&self) -> usize {
        self.bits.div_ceil(8) as usize
    }

    /// Decodes on. `input` is the stream from its beginning, as far as it is there.
    ///
    /// # Errors
    /// [`Error::ContainerDamaged`].
    #[inline(never)]
    pub fn run(&mut self, input: &[u8]) -> Result<Pause> {
        let mut reader = Reader::at(input, self.bits);
        match self.blocks(&mut reader) {
            Ok(pause) => Ok(pause),
            Err(Stop::Short) => Ok(Pause::InputShort),
            Err(Stop::Damaged) => Err(Error::ContainerDamaged),
        }
    }

    fn blocks(&mut self, reader: &mut Reader) -> Step<Pause> {
        if !self.release_held() {
            return Ok(Pause::WindowFull);
        }
        loop {
            match self.block {
                Block::Head => self.block = self.head(reader)?,
                Block::Stored(0) => self.block = self.next_block(),
                Block::Stored(_) if self.filled == WINDOW => return Ok(Pause::WindowFull),
                Block::Stored(left) => self.block = Block::Stored(self.stored(reader, left)?),
                Block::Coded => {
                    if !self.coded(reader)? {
                        return Ok(Pause::WindowFull);
                    }
                    self.block = self.next_block();
                }
                Block::Done => return Ok(Pause::Done),
            }
            self.bits = reader.bits();
        }
    }

    fn next_block(&self) -> Block {
        if self.last_block {
            Block::Done
        } else {
            Block::Head
        }
    }

    /// RFC 1951 §3.2.3.
    fn head(&mut self, reader: &mut Reader) -> Step<Block> {
        let last_block = reader.take(1)? == 1;
        let block = match reader.take(2)? {
            0 => {
                reader.skip_to_byte();
                let length = reader.take(16)?;
                if length ^ reader.take(16)? != 0xffff {
                    return Err(Stop::Damaged);
                }
                Block::Stored(length)
            }
            1 => {
                // RFC 1951 §3.2.6.
                let mut lengths = [8; SYMBOLS];
                lengths[144..256].fill(9);
                lengths[256..280].fill(7);
                self.literals.set(&lengths, false)?;
                self.distances.set(&[5; 32], false)?;
                Block::Coded
            }
            2 => {
                self.codes(reader)?;
                Block::Coded
            }
            _ => return Err(Stop::Damaged),
        };
        self.last_block = last_block;
        Ok(block)
    }

    /// RFC 1951 §3.2.7.
    fn codes(&mut self, reader: &mut Reader) -> Step<()> {
        const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        let literals = reader.take(5)? + 257;
        let distances = reader.take(5)? + 1;
        let sent = reader.take(4)? + 4;
        if literals > 286 || distances > 30 {
            return Err(Stop::Damaged);
        }
        let mut lengths = [0; 19];
        for &symbol in &ORDER[..sent] {
            lengths[symbol] = reader.take(3)? as u8;
        }
        let code = &mut self.literals;
        code.set(&lengths, true)?;
        // A run may go beyond what was announced; then all of it is damaged, but only at its end.
        let mut lengths = [0; 286 + 30 + 138];
        let mut count = 0;
        while count < literals + distances {
            let (symbol, run) = match reader.symbol(code)? {
                16 if count == 0 => return Err(Stop::Damaged),
                16 => (lengths[count - 1], 3 + reader.take(2)?),
                17 => (0, 3 + reader.take(3)?),
                18 => (0, 11 + reader.take(7)?),
                length => (length as u8, 1),
            };
            lengths[count..count + run].fill(symbol);
            count += run;
        }
        if count > literals + distances {
            return Err(Stop::Damaged);
        }
        self.distances.set(&lengths[literals..count], false)?;
        self.literals.set(&lengths[..literals], false)
    }

    /// How much of a stored block is left.
    fn stored(&mut self, reader: &mut Reader, left: usize) -> Step<usize> {
        let bytes = reader.rest();
        if bytes.is_empty() {
            return Err(Stop::Short);
        }
        let taken = left.min(bytes.len()).min(WINDOW - self.filled);
        self.window[self.filled..self.filled + taken].copy_from_slice(&bytes[..taken]);
        self.filled += taken;
        reader.skip(taken);
        Ok(left - taken)
    }

    /// Whether the block is at its end; the window is full when it is not.
    fn coded(&mut self, reader: &mut Reader) -> Step<bool> {
        let mut filled = self.filled;
        loop {
            reader.refill();
            let (at, count) = (reader.at, reader.count);
            let next = next_symbol(reader, &self.literals, &self.distances);
            if let Ok(Symbol::Literal(byte)) = next {
                if filled < WINDOW {
                    self.window[filled] = byte;
                    filled += 1;
                    continue;
                }
            }
            self.filled = filled;
            let held = match next {
                Ok(Symbol::EndOfBlock) => return Ok(true),
                Ok(Symbol::Literal(byte)) => Held::Literal(byte),
                Ok(Symbol::Match { length, distance }) => Held::Match { length, distance },
                Err(stop) => {
                    self.bits = bits_before(at, count);
                    return Err(stop);
                }
            };
            self.held = held;
            if !self.release_held() {
                self.bits = reader.bits();
                return Ok(false);
            }
            filled = self.filled;
        }
    }

    /// Whether all that was held went into the window.
    #[inline(always)]
    fn release_held(&mut self) -> bool {
        match self.held {
            Held::Nothing => return true,
            Held::Literal(byte) => {
                if self.filled == WINDOW {
                    return false;
                }
                self.window[self.filled] = byte;
                self.filled += 1;
            }
            Held::Match { length, distance } => {
                let now = length.min(WINDOW - self.filled);
                self.copy(now, distance);
                if now < length {
                    self.held = Held::Match {
                        length: length - now,
                        distance,
                    };
                    return false;
                }
            }
        }
        self.held = Held::Nothing;
        true
    }

    #[inline(always)]
    fn copy(&mut self, length: usize, distance: usize) {
        let window = &mut **self.window;
        let (mut to, end) = (self.filled, self.filled + length);
        let mut from = to.wrapping_sub(distance) % WINDOW;
        self.filled = end;
        // Eight at a time, where neither wraps and what is copied was there before.
        if distance >= 8 && from < to {
            while to + 8 <= end {
                let eight: [u8; 8] = window[from..from + 8].try_into().unwrap_or_default();
                window[to..to + 8].copy_from_slice(&eight);
                (from, to) = (from + 8, to + 8);
            }
        }
        while to < end {
            window[to] = window[from % WINDOW];
            (from, to) = (from + 1, to + 1);
        }
    }
}

enum Symbol {
    Literal(u8),
    EndOfBlock,
    Match { length: usize, distance: usize },
}

/// Of bits that are ahead: a length, a distance and their extra bits are 48 at most, and as many are there, or the input ends.
#[inline(always)]
fn next_symbol(reader: &mut Reader, literals: &Code, distances: &Code) -> Step<Symbol> {
    let symbol = reader.symbol_ahead(literals)?;
    if symbol < END_OF_BLOCK {
        return Ok(Symbol::Literal(symbol as u8));
    }
    let length = match symbol {
        END_OF_BLOCK => return Ok(Symbol::EndOfBlock),
        257..=284 => with_extra(symbol - 257, 2, reader)? + 3,
        285 => 258,
        _ => return Err(Stop::Damaged),
    };
    let distance = match reader.symbol_ahead(distances)? {
        symbol @ 0..30 => with_extra(symbol, 1, reader)? + 1,
        _ => return Err(Stop::Damaged),
    };
    Ok(Symbol::Match { length, distance })
}

/// The value of a length or distance symbol with its extra bits, from 0; each `2^log` symbols have one bit more (RFC 1951 §3.2.5).
#[inline(always)]
fn with_extra(symbol: u16, log: u32, reader: &mut Reader) -> Step<usize> {
    let symbol = usize::from(symbol);
    let extra = (symbol >> log).saturating_sub(1);
    let base = if extra == 0 {
        symbol
    } else {
        ((1 << log) + symbol % (1 << log)) << extra
    };
    Ok(base + reader.take_ahead(extra as u32)?)
}

/// A canonical code (RFC 1951 §3.2.2).
struct Code {
    /// By the next bits: `symbol · 16 + length`; 0 where the code is longer.
    fast: [u16; 1 << FAST_BITS],
    /// How many symbols have each length.
    counts: [u16; LONGEST_CODE + 1],
    /// By length, then by number.
    symbols: [u16; SYMBOLS],
}

impl Code {
    fn new() -> Box<Self> {
        Box::new(Self {
            fast: [0; 1 << FAST_BITS],
            counts: [0; LONGEST_CODE + 1],
            symbols: [0; SYMBOLS],
        })
    }

    fn set(&mut self, lengths: &[u8], complete: bool) -> Step<()> {
        self.counts = [0; LONGEST_CODE + 1];
        for &length in lengths {
            self.counts[usize::from(length)] += 1;
        }
        self.counts[0] = 0;
        // Code words of each length that are not taken.
        let mut free = 1i32;
        let mut places = [0; LONGEST_CODE + 2];
        let mut longest = 0;
        for (length, &count) in self.counts.iter().enumerate().skip(1) {
            free = 2 * free - i32::from(count);
            if free < 0 {
                return Err(Stop::Damaged);
            }
            if count > 0 {
                longest = length;
            }
            places[length + 1] = places[length] + count;
        }
        if free > 0 && (complete || longest > 1) {
            return Err(Stop::Damaged);
        }
        let mut next = [0u16; LONGEST_CODE + 1];
        for length in 1..LONGEST_CODE {
            next[length + 1] = (next[length] + self.counts[length]) << 1;
        }
        self.fast.fill(if free > 0 { NONE << 4 | 1 } else { 0 });
        for (&length, symbol) in lengths.iter().zip(0u16..) {
            let length = usize::from(length);
            if length == 0 {
                continue;
            }
            self.symbols[usize::from(places[length])] = symbol;
            places[length] += 1;
            let word = next[length].reverse_bits() >> (16 - length);
            next[length] += 1;
            if length <= FAST_BITS {
                for place in self.fast[usize::from(word)..].iter_mut().step_by(1 << length) {
                    *place = symbol << 4 | length as u16;
                }
            }
        }
        Ok(())
    }

    /// The symbol that `bits` begin with, and its length.
    #[inline(always)]
    fn find(&self, bits: u64) -> (u16, u32) {
        match self.fast[bits as usize % (1 << FAST_BITS)] {
            0 => self.find_long(bits),
            found => (found >> 4, u32::from(found & 15)),
        }
    }

    #[inline(never)]
    fn find_long(&self, bits: u64) -> (u16, u32) {
        let (mut word, mut first, mut place) = (0, 0, 0);
        for length in 1..=LONGEST_CODE {
            word |= (bits >> (length - 1)) as usize & 1;
            let count = usize::from(self.counts[length]);
            if word < first + count {
                return (self.symbols[place + word - first], length as u32);
            }
            place += count;
            first = (first + count) << 1;
            word <<= 1;
        }
        (NONE, 1)
    }
}

/// Bits, first lowest. Beyond the input's end are zeros, which are never taken.
struct Reader<'a> {
    input: &'a [u8],
    /// Where the next byte comes from.
    at: usize,
    ahead: u64,
    count: u32,
}

/// Bits done with, when the next byte is taken from `at` and `count` bits before it are still there.
fn bits_before(at: usize, count: u32) -> u64 {
    8 * at as u64 - u64::from(count)
}

impl<'a> Reader<'a> {
    fn at(input: &'a [u8], bits: u64) -> Self {
        let mut reader = Self {
            input,
            at: (bits / 8) as usize,
            ahead: 0,
            count: 0,
        };
        reader.refill();
        reader.ahead >>= bits % 8;
        reader.count = reader.count.saturating_sub((bits % 8) as u32);
        reader
    }

    fn bits(&self) -> u64 {
        bits_before(self.at, self.count)
    }

    /// Holds at least 56 bits afterwards, or all there are.
    #[inline(always)]
    fn refill(&mut self) {
        if self.count >= 48 {
            return;
        }
        if let Some(word) = self.input.get(self.at..).and_then(|rest| rest.first_chunk()) {
            self.ahead |= u64::from_le_bytes(*word) << self.count;
            self.at += (63 - self.count as usize) / 8;
            self.count |= 56;
            return;
        }
        while self.count < 56 {
            let Some(&byte) = self.input.get(self.at) else { return };
            self.ahead |= u64::from(byte) << self.count;
            self.count += 8;
            self.at += 1;
        }
    }

    #[inline(always)]
    fn drop(&mut self, count: u32) -> Step<()> {
        self.count = self.count.checked_sub(count).ok_or(Stop::Short)?;
        self.ahead >>= count;
        Ok(())
    }

    /// `count` bits of those that are there already.
    #[inline(always)]
    fn take_ahead(&mut self, count: u32) -> Step<usize> {
        let value = self.ahead & ((1 << count) - 1);
        self.drop(count)?;
        Ok(value as usize)
    }

    fn take(&mut self, count: u32) -> Step<usize> {
        self.refill();
        self.take_ahead(count)
    }

    #[inline(always)]
    fn symbol_ahead(&mut self, code: &Code) -> Step<u16> {
        let (symbol, length) = code.find(self.ahead);
        self.drop(length)?;
        Ok(symbol)
    }

    fn symbol(&mut self, code: &Code) -> Step<u16> {
        self.refill();
        self.symbol_ahead(code)
    }

    fn skip_to_byte(&mut self) {
        let started = self.count % 8;
        self.ahead >>= started;
        self.count -= started;
    }

    /// Whole bytes from here on; only at a byte's start.
    fn rest(&self) -> &'a [u8] {
        self.input
            .get(self.at - (self.count / 8) as usize..)
            .unwrap_or_default()
    }

    fn skip(&mut self, bytes: usize) {
        *self = Self::at(self.input, self.bits() + 8 * bytes as u64);
    }
}
