//! CBOR of one file record (world-backup-client §3.3, §17): a map in which both byte vectors are arrays of integers.
//!
//! ```text
//! a4
//! 64 "data"        array of n integers: 00…17 as they are, 18 xx above
//! 68 "checksum"    array of 32 integers: BLAKE3 of the content
//! 64 "path"        text
//! 6a "designator"  text
//! ```
//!
//! A record written like that is read as it streams by; whatever else the reference decodes is `cbor`'s.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use holdfast_kernels::cbor_integers::{self, OtherForm, FIRST_WIDE, WIDE};
use zeroize::Zeroizing;

use super::cbor::decode_members;
use super::Designator;
use crate::{hash, Error, Result};

#[derive(Clone, PartialEq, Eq)]
pub struct FileRecord {
    pub designator: Designator,
    pub path: String,
    pub content: Vec<u8>,
}

impl core::fmt::Debug for FileRecord {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("FileRecord")
            .field("designator", &self.designator)
            .field("bytes", &self.content.len())
            .finish_non_exhaustive()
    }
}

// Writing

pub fn encode(designator: Designator, path: &str, content: &[u8]) -> Vec<u8> {
    let tail = encode_tail(designator, path, &hash::checksum(content));
    let mut cbor = encode_head(content.len());
    cbor.reserve_exact(cbor_integers::length(content) + tail.len());
    for &byte in content {
        put_integer(&mut cbor, byte);
    }
    cbor.extend(tail);
    cbor
}

/// What stands before the integers of a content of `length` bytes.
pub fn encode_head(length: usize) -> Vec<u8> {
    let mut head = vec![0xa4];
    put_text(&mut head, "data");
    put_head(&mut head, ARRAY, length as u64);
    head
}

/// What stands behind them.
pub fn encode_tail(designator: Designator, path: &str, checksum: &[u8; 32]) -> Vec<u8> {
    let mut tail = Vec::with_capacity(128 + path.len());
    put_text(&mut tail, "checksum");
    put_head(&mut tail, ARRAY, 32);
    for &byte in checksum {
        put_integer(&mut tail, byte);
    }
    put_text(&mut tail, "path");
    put_text(&mut tail, path);
    put_text(&mut tail, "designator");
    put_text(&mut tail, designator.name());
    tail
}

const TEXT: u8 = 0x60;
const ARRAY: u8 = 0x80;

fn put_text(cbor: &mut Vec<u8>, text: &str) {
    put_head(cbor, TEXT, text.len() as u64);
    cbor.extend(text.as_bytes());
}

fn put_integer(cbor: &mut Vec<u8>, byte: u8) {
    if byte >= FIRST_WIDE {
        cbor.push(WIDE);
    }
    cbor.push(byte);
}

fn put_head(cbor: &mut Vec<u8>, major: u8, value: u64) {
    let bytes = value.to_be_bytes();
    let (minor, width) = match value {
        0..=23 => (value as u8, 0),
        24..=0xff => (24, 1),
        0x100..=0xffff => (25, 2),
        0x1_0000..=0xffff_ffff => (26, 4),
        _ => (27, 8),
    };
    cbor.push(major | minor);
    cbor.extend(&bytes[8 - width..]);
}

// Reading

/// Bytes after the map are ignored.
///
/// # Errors
/// [`Error::InvalidFileRecord`], [`Error::InvalidChecksum`].
pub fn decode(cbor: &[u8]) -> Result<FileRecord> {
    match decode_written(&mut &cbor[..], cbor.len()) {
        Ok(Some(record)) => record.check(),
        _ => decode_any(cbor)?.check(),
    }
}

/// A record whose checksum is still to be checked.
pub struct Unchecked {
    record: FileRecord,
    checksum: [u8; 32],
}

impl Unchecked {
    pub fn check(self) -> Result<FileRecord> {
        if hash::checksum(&self.record.content) == self.checksum {
            Ok(self.record)
        } else {
            Err(Error::InvalidChecksum)
        }
    }
}

/// Whatever the reference decodes.
pub fn decode_any(cbor: &[u8]) -> Result<Unchecked> {
    let mut members = decode_members(cbor).ok_or(Error::InvalidFileRecord)?;
    Ok(Unchecked {
        checksum: members.checksum,
        record: FileRecord {
            designator: members.designator,
            path: members.path,
            content: core::mem::take(&mut *members.content),
        },
    })
}

/// Bytes that come in pieces.
pub trait Ahead {
    /// What is there; nothing at the end.
    fn peek(&mut self) -> Result<&[u8]>;
    /// `bytes` of it are done with.
    fn consume(&mut self, bytes: usize);
}

impl Ahead for &[u8] {
    fn peek(&mut self) -> Result<&[u8]> {
        Ok(self)
    }

    fn consume(&mut self, bytes: usize) {
        *self = &self[bytes..];
    }
}

/// A record in the very form the reference writes, or none when it has another one. `most` bounds its content, which is
/// allocated before it is read.
pub fn decode_written(bytes: &mut dyn Ahead, most: usize) -> Result<Option<Unchecked>> {
    match Written(bytes).record(most) {
        Ok(record) => Ok(Some(record)),
        Err(Other::Form) => Ok(None),
        Err(Other::Failed(error)) => Err(error),
    }
}

/// Why reading as written ended.
enum Other {
    Form,
    Failed(Error),
}

impl From<Error> for Other {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<OtherForm> for Other {
    fn from(_: OtherForm) -> Self {
        Self::Form
    }
}

struct Written<'a>(&'a mut dyn Ahead);

impl Written<'_> {
    fn record(&mut self, most: usize) -> core::result::Result<Unchecked, Other> {
        self.expect(&[0xa4])?;
        self.key("data")?;
        let length = self.head(ARRAY)?;
        if length > most {
            return Err(Other::Form);
        }
        // Behind a wiping pointer until all is well: what is given up leaves nothing behind.
        let mut content = Zeroizing::new(vec![0; length]);
        self.integers(&mut content)?;
        self.key("checksum")?;
        if self.head(ARRAY)? != 32 {
            return Err(Other::Form);
        }
        let mut checksum = [0; 32];
        self.integers(&mut checksum)?;
        self.key("path")?;
        let path = self.text(most)?;
        self.key("designator")?;
        let designator = Designator::from_name(&self.text(most)?).ok_or(Other::Form)?;
        Ok(Unchecked {
            record: FileRecord {
                designator,
                path,
                content: core::mem::take(&mut *content),
            },
            checksum,
        })
    }

    fn expect(&mut self, bytes: &[u8]) -> core::result::Result<(), Other> {
        let mut found = [0; 16];
        let found = &mut found[..bytes.len()];
        self.fill(found)?;
        (found == bytes).then_some(()).ok_or(Other::Form)
    }

    fn key(&mut self, name: &str) -> core::result::Result<(), Other> {
        self.expect(&[TEXT | name.len() as u8])?;
        self.expect(name.as_bytes())
    }

    fn byte(&mut self) -> core::result::Result<u8, Other> {
        let mut byte = [0];
        self.fill(&mut byte)?;
        Ok(byte[0])
    }

    /// Too few bytes are not the form.
    fn fill(&mut self, mut into: &mut [u8]) -> core::result::Result<(), Other> {
        while !into.is_empty() {
            let bytes = self.0.peek()?;
            let taken = bytes.len().min(into.len());
            if taken == 0 {
                return Err(Other::Form);
            }
            into[..taken].copy_from_slice(&bytes[..taken]);
            self.0.consume(taken);
            into = &mut into[taken..];
        }
        Ok(())
    }

    /// Length of a definite text or array.
    fn head(&mut self, major: u8) -> core::result::Result<usize, Other> {
        let minor = self.byte()?.wrapping_sub(major);
        let width = match minor {
            0..=23 => return Ok(minor.into()),
            24..=27 => 1 << (minor - 24),
            _ => return Err(Other::Form),
        };
        let mut value = [0; 8];
        self.fill(&mut value[8 - width..])?;
        usize::try_from(u64::from_be_bytes(value)).map_err(|_| Other::Form)
    }

    fn text(&mut self, most: usize) -> core::result::Result<String, Other> {
        let length = self.head(TEXT)?;
        if length > most {
            return Err(Other::Form);
        }
        let mut text = vec![0; length];
        self.fill(&mut text)?;
        String::from_utf8(text).map_err(|_| Other::Form)
    }

    /// Fills `content` from as many integers of one or two bytes.
    fn integers(&mut self, mut content: &mut [u8]) -> core::result::Result<(), Other> {
        while !content.is_empty() {
            let cbor = self.0.peek()?;
            let (taken, filled) = cbor_integers::decode(cbor, content)?;
            self.0.consume(taken);
            content = &mut content[filled..];
            if taken == 0 {
                // An integer across two buffers, or the end.
                let head = self.byte()?;
                content[0] = match head {
                    0..FIRST_WIDE => head,
                    WIDE => self.byte()?,
                    _ => return Err(Other::Form),
                };
                content = &mut content[1..];
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// world-backup-client §3.3.
    #[test]
    fn encodes_the_worked_example() {
        let cbor = encode(Designator::OrbPkg, "personal_custody/file1.txt", b"Hello, World!");
        assert_eq!(cbor.len(), 158);
        assert!(hex::encode(&cbor).starts_with("a464646174618d1848186518"));
        assert_eq!(decode(&cbor).unwrap().content, b"Hello, World!");
    }

    #[test]
    fn refuses_changed_content_and_every_truncation() {
        let cbor = encode(Designator::FacePkg, "p", b"abc");
        let mut changed = cbor.clone();
        changed[8] ^= 1;
        assert_eq!(decode(&changed), Err(Error::InvalidChecksum));
        for length in 0..cbor.len() {
            assert_eq!(decode(&cbor[..length]), Err(Error::InvalidFileRecord));
        }
    }
}
