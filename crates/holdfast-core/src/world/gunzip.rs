//! The gzip layer of a container, read as it is wanted (RFC 1952; world-backup-client §3.5 rule 4, §17).
//!
//! The reference's reader is the format: only the first member counts, and its trailer is judged only by who reads to
//! the end. It decompresses from 32 KiB of input at a time, ahead of what is asked for: how far ahead decides which
//! damage is noticed.

use miniz_oxide::inflate::stream::{inflate, InflateState};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};

use super::crc32::Crc32;
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
    gzip: &'a [u8],
    at: usize,
    inflate: Box<InflateState>,
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
        Ok(Self {
            gzip,
            at: header_length(gzip).ok_or(Error::ContainerDamaged)?,
            inflate: InflateState::new_boxed(DataFormat::Raw),
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

    fn inflate(&mut self, into: &mut [u8]) -> Result<usize> {
        loop {
            let end = self.gzip.len().min((self.at / INPUT + 1) * INPUT);
            let input = &self.gzip[self.at..end];
            let flush = if input.is_empty() {
                MZFlush::Finish
            } else {
                MZFlush::None
            };
            let step = inflate(&mut self.inflate, input, into, flush);
            self.at += step.bytes_consumed;
            match step.status {
                Ok(MZStatus::StreamEnd) => return Ok(step.bytes_written),
                Ok(MZStatus::Ok) | Err(MZError::Buf) if step.bytes_written > 0 => return Ok(step.bytes_written),
                Ok(MZStatus::Ok) | Err(MZError::Buf) if !input.is_empty() => {}
                _ => return Err(Error::ContainerDamaged),
            }
        }
    }

    fn check_trailer(&mut self) -> Result<()> {
        self.ended = true;
        let trailer = self.gzip[self.at..].first_chunk::<TRAILER>();
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
