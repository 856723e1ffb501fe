//! The gzip layer of a container, read as it is wanted (RFC 1952; world-backup-client §3.5 rule 4, §17).
//!
//! The reference's reader is the format: only the first member counts, and its trailer is judged only by who reads to
//! the end. It decompresses from 32 KiB of input at a time, ahead of what is asked for: how far ahead decides which
//! damage is noticed.

use super::crc32::Crc32;
use super::inflate::{Inflate, Pause};
use crate::{Error, Result};

const INPUT: usize = 32 << 10;
const TRAILER: usize = 8;
/// Bytes of a name or comment in the header.
const MAX_TEXT: usize = 65_535;

const HAS_CRC: u8 = 1 << 1;
const HAS_EXTRA: u8 = 1 << 2;
const HAS_NAME: u8 = 1 << 3;
const HAS_COMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0xe0;

pub struct Gunzip<'a> {
    /// The deflate stream and what follows it.
    stream: &'a [u8],
    /// Bytes of the header before it: pieces of input are counted from there.
    header: usize,
    /// Bytes of the stream that were taken in.
    at: usize,
    inflate: Inflate,
    /// Bytes of the window that were handed out.
    given: usize,
    crc: Crc32,
    length: u32,
    /// Bytes that may still come out: a small container cannot ask for all memory.
    left: u64,
    ended: bool,
}

impl<'a> Gunzip<'a> {
    /// # Errors
    /// [`Error::ContainerDamaged`]: not gzip.
    pub fn new(gzip: &'a [u8], max_bytes: u64) -> Result<Self> {
        let header = header_length(gzip).ok_or(Error::ContainerDamaged)?;
        Ok(Self {
            stream: &gzip[header..],
            header,
            at: 0,
            inflate: Inflate::new(),
            given: 0,
            crc: Crc32::new(),
            length: 0,
            left: max_bytes,
            ended: false,
        })
    }

    /// How many bytes were read: at least one, unless the end is reached or `into` is empty.
    ///
    /// # Errors
    /// [`Error::ContainerDamaged`], [`Error::ContainerTooLarge`].
    pub fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        if self.ended || into.is_empty() {
            return Ok(0);
        }
        let read = self.inflate(into)?;
        if read == 0 {
            self.check_trailer()?;
        }
        self.crc.update(&into[..read]);
        self.length = self.length.wrapping_add(read as u32);
        self.spend(read as u64)?;
        Ok(read)
    }

    /// Counts bytes that someone makes of this data as if they had been compressed.
    pub fn spend(&mut self, bytes: u64) -> Result<()> {
        self.left = self.left.checked_sub(bytes).ok_or(Error::ContainerTooLarge)?;
        Ok(())
    }

    /// Decodes while there is room and input in one piece; damage on the way takes all of the read with it.
    fn inflate(&mut self, into: &mut [u8]) -> Result<usize> {
        let mut written = self.hand_out(into);
        if written > 0 {
            return Ok(written);
        }
        loop {
            let end = self
                .stream
                .len()
                .min(((self.header + self.at) / INPUT + 1) * INPUT - self.header);
            let last = self.at == end;
            let pause = self.inflate.run(&self.stream[..end])?;
            self.at = match pause {
                Pause::InputShort => end,
                _ => self.inflate.consumed(),
            };
            written += self.hand_out(&mut into[written..]);
            let enough = written == into.len() || (self.at == end && !last);
            match pause {
                Pause::Done => return Ok(written),
                Pause::InputShort if last && written == 0 => return Err(Error::ContainerDamaged),
                Pause::InputShort if last => return Ok(written),
                _ if written > 0 && enough => return Ok(written),
                _ => {}
            }
        }
    }

    fn hand_out(&mut self, into: &mut [u8]) -> usize {
        let waiting = &self.inflate.window()[self.given..];
        let taken = waiting.len().min(into.len());
        into[..taken].copy_from_slice(&waiting[..taken]);
        self.given += taken;
        if taken == waiting.len() {
            self.inflate.turn();
            self.given = self.inflate.window().len();
        }
        taken
    }

    fn check_trailer(&mut self) -> Result<()> {
        self.ended = true;
        let trailer = self.stream[self.at..].first_chunk::<TRAILER>();
        let value = u64::from(self.length) << 32 | u64::from(self.crc.value());
        (trailer == Some(&value.to_le_bytes()))
            .then_some(())
            .ok_or(Error::ContainerDamaged)
    }
}

fn header_length(gzip: &[u8]) -> Option<usize> {
    let (&[0x1f, 0x8b, 8, flags, ..], mut rest) = gzip.split_first_chunk::<10>()? else {
        return None;
    };
    if flags & RESERVED != 0 {
        return None;
    }
    if flags & HAS_EXTRA != 0 {
        let (length, extra) = rest.split_first_chunk()?;
        rest = extra.get(u16::from_le_bytes(*length).into()..)?;
    }
    for has_text in [HAS_NAME, HAS_COMMENT] {
        if flags & has_text != 0 {
            let length = rest.iter().take(MAX_TEXT + 1).position(|&byte| byte == 0)?;
            rest = &rest[length + 1..];
        }
    }
    let length = gzip.len() - rest.len();
    if flags & HAS_CRC == 0 {
        return Some(length);
    }
    let mut crc = Crc32::new();
    crc.update(&gzip[..length]);
    (rest.first_chunk() == Some(&(crc.value() as u16).to_le_bytes())).then_some(length + 2)
}

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::compress_to_vec;
    use miniz_oxide::inflate::stream::{inflate, InflateState};
    use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};

    use super::*;
    use crate::test_support::Seeded;

    /// The reference's decompressor, fed as the reference feeds it: what a read gives, or that it fails.
    struct Theirs<'a> {
        gzip: &'a [u8],
        at: usize,
        state: Box<InflateState>,
    }

    impl<'a> Theirs<'a> {
        fn new(gzip: &'a [u8]) -> Self {
            Self {
                gzip,
                at: HEADER.len(),
                state: InflateState::new_boxed(DataFormat::Raw),
            }
        }

        fn read(&mut self, into: &mut [u8]) -> Result<usize> {
            loop {
                let end = self.gzip.len().min((self.at / INPUT + 1) * INPUT);
                let input = &self.gzip[self.at..end];
                let flush = if input.is_empty() {
                    MZFlush::Finish
                } else {
                    MZFlush::None
                };
                let step = inflate(&mut self.state, input, into, flush);
                self.at += step.bytes_consumed;
                match step.status {
                    Ok(MZStatus::StreamEnd) => return Ok(step.bytes_written),
                    Ok(MZStatus::Ok) | Err(MZError::Buf) if step.bytes_written > 0 => return Ok(step.bytes_written),
                    Ok(MZStatus::Ok) | Err(MZError::Buf) if !input.is_empty() => {}
                    _ => return Err(Error::ContainerDamaged),
                }
            }
        }
    }

    const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

    fn gzip(data: &[u8], level: u8) -> Vec<u8> {
        let mut crc = Crc32::new();
        crc.update(data);
        let trailer = [crc.value(), data.len() as u32].map(u32::to_le_bytes).concat();
        [&HEADER[..], &compress_to_vec(data, level), &trailer].concat()
    }

    /// Bytes of a few kinds, one after another: random, repeating, sparse.
    fn data(random: &mut Seeded, length: usize) -> Vec<u8> {
        let mut data: Vec<u8> = Vec::new();
        while data.len() < length {
            let piece = 1 + random.below(20_000);
            match random.below(4) {
                0 => data.extend(random.bytes(piece)),
                1 => data.extend(random.bytes(piece).iter().map(|byte| b"etaoin"[usize::from(byte % 6)])),
                2 => data.extend(vec![random.word() as u8; piece]),
                _ => {
                    let from = random.below(data.len() + 1);
                    data.extend_from_within(from..(from + piece).min(data.len()));
                    data.push(7);
                }
            }
        }
        data.truncate(length);
        data
    }

    /// Reads both in the same pieces until the end: the same bytes, in the same portions, or the same refusal.
    fn agree(gzip: &[u8], random: &mut Seeded, context: &str) -> bool {
        let (mut ours, mut theirs) = (Gunzip::new(gzip, u64::MAX).unwrap(), Theirs::new(gzip));
        let largest = [1, 300, 8_192, 200_000][random.below(4)];
        let (mut our_piece, mut their_piece) = (vec![0; largest], vec![0; largest]);
        loop {
            let length = 1 + random.below(largest);
            let (ours, theirs) = (
                ours.inflate(&mut our_piece[..length]),
                theirs.read(&mut their_piece[..length]),
            );
            assert_eq!(ours, theirs, "{context}");
            match ours {
                Ok(0) => return true,
                Ok(read) => assert!(our_piece[..read] == their_piece[..read], "{context}"),
                Err(_) => return false,
            }
        }
    }

    #[test]
    fn gives_what_was_compressed_in_the_portions_of_the_reference() {
        for seed in 0..if cfg!(debug_assertions) { 30 } else { 200 } {
            let mut random = Seeded::new(seed);
            let length = [10, 3_000, 70_000, 400_000][random.below(4)];
            let data = data(&mut random, length);
            let level = random.below(11) as u8;
            let gzip = gzip(&data, level);
            assert!(agree(&gzip, &mut random, &format!("seed {seed}")));
            let mut all = vec![0; data.len() + 1];
            let mut reader = Gunzip::new(&gzip, u64::MAX).unwrap();
            let mut filled = 0;
            while let read @ 1.. = reader.read(&mut all[filled..]).unwrap() {
                filled += read;
            }
            assert!(all[..filled] == data, "seed {seed}");
        }
    }

    #[test]
    fn notices_damage_where_the_reference_does() {
        let mut opened = 0;
        for seed in 0..if cfg!(debug_assertions) { 200 } else { 2_000 } {
            let mut random = Seeded::new(1_000_000 + seed);
            let length = [30, 1_000, 50_000, 100_000][random.below(4)];
            let level = random.below(10) as u8;
            let mut gzip = gzip(&data(&mut random, length), level);
            for _ in 0..1 + random.below(3) {
                // Near the beginning, where the tables are, as often as elsewhere.
                let reach = if random.below(2) == 0 {
                    80.min(gzip.len())
                } else {
                    gzip.len()
                };
                let at = HEADER.len() + random.below(reach - HEADER.len());
                match random.below(3) {
                    0 => gzip[at] ^= 1 << random.below(8),
                    1 => gzip[at] = random.word() as u8,
                    _ => gzip.truncate(at),
                }
                if gzip.len() <= HEADER.len() {
                    break;
                }
            }
            opened += usize::from(agree(&gzip, &mut random, &format!("seed {seed}")));
        }
        assert!(opened > 0);
    }

    #[test]
    fn judges_noise_as_the_reference_does() {
        for seed in 0..if cfg!(debug_assertions) { 2_000 } else { 50_000 } {
            let mut random = Seeded::new(2_000_000 + seed);
            let length = 1 + random.below(200);
            let mut gzip = [&HEADER[..], &random.bytes(length)].concat();
            // A block with codes of its own, which noise seldom begins.
            if random.below(2) == 0 {
                gzip[HEADER.len()] = gzip[HEADER.len()] & !7 | 4 | random.below(2) as u8;
            }
            agree(&gzip, &mut random, &format!("seed {seed}"));
        }
    }
}
