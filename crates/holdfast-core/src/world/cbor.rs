//! The CBOR (RFC 8949) of file records, as lenient and as strict as the reference's decoder (world-backup-client §3.3,
//! §17): tags, bignums, indefinite items and unknown members pass; what is refused is refused without a reason.

use alloc::string::String;
use alloc::vec::Vec;
use core::str::from_utf8;

use zeroize::Zeroizing;

use super::Designator;

/// Texts and byte strings of one piece up to this length may be keys.
const LONGEST_KEY: usize = 4096;
const DEEPEST: usize = 256;

/// One item, or the head of one. Lengths are none for indefinite items.
#[derive(Clone, Copy)]
enum Head {
    Positive(u64),
    Negative,
    Bytes(Option<usize>),
    Text(Option<usize>),
    Array(Option<usize>),
    Map(Option<usize>),
    Tag(u64),
    Simple(u8),
    Float,
    Break,
}

const BIG_POSITIVE: u64 = 2;
const BIG_NEGATIVE: u64 = 3;

/// What a record's map holds.
pub struct Members {
    pub content: Zeroizing<Vec<u8>>,
    pub checksum: [u8; 32],
    pub path: String,
    pub designator: Designator,
}

/// The first item of `cbor` as a file record; what follows it is ignored.
pub fn decode_members(cbor: &[u8]) -> Option<Members> {
    Decoder { rest: cbor }.members()
}

#[derive(Clone, Copy)]
struct Decoder<'a> {
    rest: &'a [u8],
}

impl<'a> Decoder<'a> {
    fn members(&mut self) -> Option<Members> {
        let (mut content, mut checksum, mut path, mut designator) = (None, None, None, None);
        let Head::Map(mut left) = self.untagged()? else {
            return None;
        };
        while self.more(&mut left)? {
            match self.key()? {
                b"data" if content.is_none() => content = Some(self.octets()?),
                b"checksum" if checksum.is_none() => checksum = Some(self.checksum()?),
                b"path" if path.is_none() => path = Some(self.text()?),
                b"designator" if designator.is_none() => designator = Some(self.designator()?),
                b"data" | b"checksum" | b"path" | b"designator" => return None,
                _ => self.ignore(DEEPEST - 1)?,
            }
        }
        Some(Members {
            content: content?,
            checksum: checksum?,
            path: path?,
            designator: designator?,
        })
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn head(&mut self) -> Option<Head> {
        let first = self.take(1)?[0];
        let minor = first & 31;
        let value = match minor {
            0..=23 => Some(minor.into()),
            24..=27 => Some(
                self.take(1 << (minor - 24))?
                    .iter()
                    .fold(0, |value, &byte| value << 8 | u64::from(byte)),
            ),
            31 => None,
            _ => return None,
        };
        let length = || value.map(usize::try_from).transpose().ok();
        Some(match first >> 5 {
            0 => Head::Positive(value?),
            1 => {
                value?;
                Head::Negative
            }
            2 => Head::Bytes(length()?),
            3 => Head::Text(length()?),
            4 => Head::Array(length()?),
            5 => Head::Map(length()?),
            6 => Head::Tag(value?),
            _ => match (minor, value) {
                (31, _) => Head::Break,
                (0..=24, Some(value)) => Head::Simple(value as u8),
                _ => Head::Float,
            },
        })
    }

    fn peek(&self) -> Option<Head> {
        self.clone().head()
    }

    fn untagged(&mut self) -> Option<Head> {
        loop {
            match self.head()? {
                Head::Tag(_) => {}
                head => return Some(head),
            }
        }
    }

    /// Whether a list, of which so much is left, goes on.
    fn more(&mut self, left: &mut Option<usize>) -> Option<bool> {
        match left {
            Some(0) => return Some(false),
            Some(left) => *left -= 1,
            None if matches!(self.peek()?, Head::Break) => {
                self.head()?;
                return Some(false);
            }
            None => {}
        }
        Some(true)
    }

    fn key(&mut self) -> Option<&'a [u8]> {
        match self.untagged()? {
            Head::Text(Some(length @ ..=LONGEST_KEY)) => {
                let text = self.take(length)?;
                from_utf8(text).ok()?;
                Some(text)
            }
            Head::Bytes(Some(length @ ..=LONGEST_KEY)) => self.take(length),
            _ => None,
        }
    }

    /// A byte string or text of one piece or of many, which may be nested; `piece` gets each of them.
    fn pieces(
        &mut self,
        first: Option<usize>,
        text: bool,
        mut piece: impl FnMut(&'a [u8]) -> Option<()>,
    ) -> Option<()> {
        if let Some(length) = first {
            return piece(self.take(length)?);
        }
        let mut nested = 1;
        while nested > 0 {
            match (self.head()?, text) {
                (Head::Break, _) => nested -= 1,
                (Head::Text(None), true) | (Head::Bytes(None), false) => nested += 1,
                (Head::Text(Some(length)), true) | (Head::Bytes(Some(length)), false) => piece(self.take(length)?)?,
                _ => return None,
            }
        }
        Some(())
    }

    fn text(&mut self) -> Option<String> {
        let Head::Text(length) = self.untagged()? else {
            return None;
        };
        let mut text = String::new();
        self.pieces(length, true, |piece| {
            text.push_str(from_utf8(piece).ok()?);
            Some(())
        })?;
        Some(text)
    }

    fn octets(&mut self) -> Option<Zeroizing<Vec<u8>>> {
        let mut octets = Zeroizing::new(Vec::with_capacity(self.rest.len()));
        match self.untagged()? {
            Head::Bytes(length) => self.pieces(length, false, |piece| {
                octets.extend(piece);
                Some(())
            })?,
            Head::Array(mut left) => {
                while self.more(&mut left)? {
                    octets.push(self.octet()?);
                }
            }
            _ => return None,
        }
        Some(octets)
    }

    /// Of an array no more than 32 items are read: what is left stands where the next key should. Of a byte string the
    /// excess is ignored.
    fn checksum(&mut self) -> Option<[u8; 32]> {
        let mut checksum = [0; 32];
        match self.untagged()? {
            Head::Bytes(length) => {
                let mut octets = Vec::new();
                self.pieces(length, false, |piece| {
                    octets.extend(piece);
                    Some(())
                })?;
                checksum.copy_from_slice(octets.get(..32)?);
            }
            Head::Array(mut left) => {
                for octet in &mut checksum {
                    if !self.more(&mut left)? {
                        return None;
                    }
                    *octet = self.octet()?;
                }
            }
            _ => return None,
        }
        Some(checksum)
    }

    fn octet(&mut self) -> Option<u8> {
        loop {
            match self.head()? {
                Head::Positive(value) => return value.try_into().ok(),
                Head::Tag(BIG_POSITIVE) => return self.big()?.try_into().ok(),
                Head::Tag(BIG_NEGATIVE) => return None,
                Head::Tag(_) => {}
                _ => return None,
            }
        }
    }

    fn big(&mut self) -> Option<u128> {
        let Head::Bytes(length) = self.head()? else { return None };
        let mut value = 0u128;
        self.pieces(length, false, |piece| {
            for &byte in piece {
                value = value.checked_mul(256)? | u128::from(byte);
            }
            Some(())
        })?;
        Some(value)
    }

    /// A text, or a map of one pair of which only the key is read: so unit variants travel.
    fn designator(&mut self) -> Option<Designator> {
        loop {
            match self.peek()? {
                Head::Tag(_) | Head::Map(Some(1)) => {}
                Head::Text(_) => break,
                _ => return None,
            }
            if let Head::Map(_) = self.head()? {
                break;
            }
        }
        Designator::from_name(from_utf8(self.key()?).ok()?)
    }

    /// Passes over any item, `deeper` levels down at most.
    fn ignore(&mut self, deeper: usize) -> Option<()> {
        match self.head()? {
            Head::Positive(_) | Head::Negative | Head::Float | Head::Simple(20..=23) => Some(()),
            Head::Bytes(length) => self.pieces(length, false, |_| Some(())),
            Head::Text(length) => self.pieces(length, true, |piece| from_utf8(piece).ok().map(drop)),
            Head::Array(left) => self.ignore_list(left, 1, deeper.checked_sub(1)?),
            Head::Map(left) => self.ignore_list(left, 2, deeper.checked_sub(1)?),
            Head::Tag(tag) => match (tag, self.peek()?) {
                (BIG_POSITIVE, Head::Bytes(Some(..=16))) => self.big().map(drop),
                (BIG_NEGATIVE, Head::Bytes(Some(..=16))) => i128::try_from(self.big()?).ok().map(drop),
                _ => self.ignore(deeper.checked_sub(1)?),
            },
            Head::Simple(_) | Head::Break => None,
        }
    }

    fn ignore_list(&mut self, mut left: Option<usize>, each: usize, deeper: usize) -> Option<()> {
        while self.more(&mut left)? {
            for _ in 0..each {
                self.ignore(deeper)?;
            }
        }
        Some(())
    }
}
