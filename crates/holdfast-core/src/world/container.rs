//! The World V0 container (world-backup-client §3): gzip( tar( version tag, root key JSON, one record per file ) ).
//!
//! ```text
//! entry name             content
//! OXIDE_BACKUP_VERSION   one byte, 00
//! root_secret.json       root key JSON
//! <path>                 CBOR file record, one entry per file, in manifest order
//! ```
//!
//! What the reference's reader takes and refuses is the format (§3.5, §17): see `gunzip` and `untar`. The reader stops at the first zero block, so the gzip trailer behind it is never judged.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::{fmt, str};

use holdfast_kernels::cbor_integers;
use holdfast_kernels::gzip::GzipWriter;
use zeroize::Zeroizing;

use super::record::{self, Ahead, FileRecord, Unchecked};
use super::untar::{Archive, Entry};
use super::{tar, Designator};
use crate::{hash, Error, Result};

const VERSION_NAME: &str = "OXIDE_BACKUP_VERSION";
const ROOT_KEY_NAME: &str = "root_secret.json";
const V0: [u8; 1] = [0];

/// What a container holds, all of it checked. The root key text is as found: judging it is the caller's (§3.5 rule 7).
///
/// Whoever hands the files on one at a time drains `files`: each holds its content in one allocation of its own.
#[derive(PartialEq, Eq)]
pub struct Contents {
    pub root_key_json: Zeroizing<String>,
    pub files: Vec<FileRecord>,
}

impl fmt::Debug for Contents {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Contents")
            .field("files", &self.files.len())
            .finish_non_exhaustive()
    }
}

/// A file to pack; `content` is borrowed.
pub struct File<'a> {
    pub designator: Designator,
    pub path: &'a str,
    pub content: &'a [u8],
}

/// Packs all of `files` in their order; `mtime` in Unix seconds goes into every tar header.
pub fn pack(root_key_json: &str, files: &[File<'_>], mtime: u64) -> Result<Vec<u8>> {
    let mut packer = Packer::new(root_key_json, mtime, 0);
    for file in files {
        packer.file(file.designator, file.path, file.content)?;
    }
    Ok(packer.finish())
}

/// Packs one file after the other: between two of them the caller may report progress or give up. Only the result grows.
pub struct Packer {
    gzip: GzipWriter,
    mtime: u64,
}

impl Packer {
    /// `mtime` in Unix seconds; the first `reserve` bytes of the result are left zero, for what the caller puts before
    /// the container (48 bytes: the head of a sealed box).
    pub fn new(root_key_json: &str, mtime: u64, reserve: usize) -> Self {
        let mut packer = Self {
            gzip: GzipWriter::new(vec![0; reserve]),
            mtime,
        };
        for (name, data) in [(VERSION_NAME, &V0[..]), (ROOT_KEY_NAME, root_key_json.as_bytes())] {
            let size = data.len() as u64;
            packer.gzip.write(&tar::header_of_short(name, size, mtime));
            packer.gzip.write(data);
            packer.gzip.write(tar::padding(size));
        }
        packer
    }

    /// # Errors
    /// [`Error::InvalidPath`]: absolute, `..`, NUL or empty (§3.2); nothing was added then.
    pub fn file(&mut self, designator: Designator, path: &str, content: &[u8]) -> Result<()> {
        let head = record::encode_head(content.len());
        let integers = cbor_integers::length(content);
        let tail = record::encode_tail(designator, path, &hash::checksum(content));
        let size = (head.len() + integers + tail.len()) as u64;
        self.gzip.write(&tar::header(path, size, self.mtime)?);
        self.gzip.write(&head);
        // Entropy coded alone, random bytes take 9.9 bits each.
        self.gzip.reserve(content.len() / 4 * 5);
        self.gzip.write_integers(content);
        self.gzip.write(&tail);
        self.gzip.write(tar::padding(size));
        Ok(())
    }

    /// `reserve` zero bytes, then the container.
    pub fn finish(mut self) -> Vec<u8> {
        self.gzip.write(&[0; 2 * tar::BLOCK]);
        self.gzip.finish()
    }
}

/// Unpacks and checks everything; at most `max_bytes` of tar are decompressed. Memory beyond `container` and the result
/// is constant, unless a record is not in the form the reference writes: then one record at a time is held.
pub fn unpack(container: &[u8], max_bytes: u64) -> Result<Contents> {
    check_version(container, max_bytes)?;
    let contents = match read_entries(container, max_bytes, read_written)? {
        Some(contents) => Some(contents),
        None => read_entries(container, max_bytes, read_any)?,
    };
    contents.ok_or(Error::InvalidFileRecord)
}

type ReadRecord = fn(Entry, usize) -> Result<Option<Unchecked>>;

/// Nothing, when a record is not as `read_record` wants it.
fn read_entries(container: &[u8], max_bytes: u64, read_record: ReadRecord) -> Result<Option<Contents>> {
    // No deflate stream decompresses to more than 1,032 times its length: what claims more is not believed.
    let most = container.len().saturating_mul(1032);
    let mut root_key_json = Zeroizing::new(String::new());
    let mut files = Vec::new();
    let mut archive = Archive::new(container, max_bytes)?;
    while let Some(mut entry) = archive.next_entry()? {
        match str::from_utf8(&entry.name).map_err(|_| Error::InvalidFileName)? {
            ROOT_KEY_NAME => {
                let text = Zeroizing::new(entry.read_all()?);
                root_key_json.push_str(str::from_utf8(&text).map_err(|_| Error::ContainerDamaged)?);
            }
            VERSION_NAME => {}
            _ => match read_record(entry, most)? {
                Some(record) => files.push(record.check()?),
                None => return Ok(None),
            },
        }
    }
    Ok(Some(Contents { root_key_json, files }))
}

/// The whole entry is read before the record is judged: damage behind it comes first.
fn read_written(entry: Entry, most: usize) -> Result<Option<Unchecked>> {
    let mut ahead = Buffered::new(entry);
    let record = record::decode_written(&mut ahead, most)?;
    if record.is_some() {
        while let length @ 1.. = ahead.peek()?.len() {
            ahead.consume(length);
        }
    }
    Ok(record)
}

fn read_any(mut entry: Entry, _most: usize) -> Result<Option<Unchecked>> {
    let cbor = Zeroizing::new(entry.read_all()?);
    record::decode_any(&cbor).map(Some)
}

/// An entry's bytes, 8 KiB at a time. Wipes its buffer.
struct Buffered<'b, 'a> {
    entry: Entry<'b, 'a>,
    buffer: Zeroizing<[u8; 8192]>,
    from: usize,
    to: usize,
}

impl<'b, 'a> Buffered<'b, 'a> {
    fn new(entry: Entry<'b, 'a>) -> Self {
        Self {
            entry,
            buffer: Zeroizing::new([0; 8192]),
            from: 0,
            to: 0,
        }
    }
}

impl Ahead for Buffered<'_, '_> {
    fn peek(&mut self) -> Result<&[u8]> {
        if self.from == self.to {
            (self.from, self.to) = (0, self.entry.read(&mut *self.buffer)?);
        }
        Ok(&self.buffer[self.from..self.to])
    }

    fn consume(&mut self, bytes: usize) {
        self.from += bytes;
    }
}

/// The first entry of the version's name decides, before any other entry is looked at.
fn check_version(container: &[u8], max_bytes: u64) -> Result<()> {
    let mut archive = Archive::new(container, max_bytes)?;
    while let Some(mut entry) = archive.next_entry()? {
        if entry.name == VERSION_NAME.as_bytes() {
            let version = entry.read_all()?;
            return (version == V0).then_some(()).ok_or(Error::VersionNotDetected);
        }
    }
    Err(Error::VersionNotDetected)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    const ROOT: &str =
        "{\"version\":\"V1\",\"key\":\"2111111111111111111111111111111111111111111111111111111111111111\"}";

    #[test]
    fn unpacks_what_it_packed() {
        let long = format!("{}/é.bin", "d".repeat(120));
        let files: Vec<_> = ["a.txt", "b/c.bin", &long]
            .into_iter()
            .map(|path| FileRecord {
                designator: Designator::DocumentPkg,
                path: path.into(),
                content: path.repeat(9).into_bytes(),
            })
            .collect();
        let borrowed: Vec<_> = files
            .iter()
            .map(|file| File {
                designator: file.designator,
                path: &file.path,
                content: &file.content,
            })
            .collect();
        let container = pack(ROOT, &borrowed, 1_700_000_000).unwrap();
        assert_eq!(
            unpack(&container, 1 << 20).unwrap(),
            Contents {
                root_key_json: Zeroizing::new(ROOT.into()),
                files
            }
        );
        assert_eq!(unpack(&container, 4_000), Err(Error::ContainerTooLarge));
    }

    /// world-backup-client §3.2: the header of the first entry, field by field.
    #[test]
    fn writes_old_gnu_headers() {
        let mut tar = Vec::new();
        GzDecoder::new(&pack(ROOT, &[], 1_700_000_000).unwrap()[..])
            .read_to_end(&mut tar)
            .unwrap();
        assert_eq!(tar.len(), 512 * 6);
        assert_eq!(&tar[100..108], b"0000600\0");
        assert_eq!(&tar[108..124], &[0; 16]);
        assert_eq!(&tar[124..136], b"00000000001\0");
        assert_eq!(&tar[136..148], b"14524770400\0");
        assert_eq!(tar[156], 0);
        assert_eq!(&tar[257..265], b"ustar  \0");
    }

    #[test]
    fn refuses_paths_that_cannot_be_restored() {
        let long_parent = format!("{}/..", "d".repeat(120));
        for path in ["", "/a", "a/../b", "a\0b", &long_parent] {
            let file = File {
                designator: Designator::OrbPkg,
                path,
                content: b"",
            };
            assert_eq!(pack(ROOT, &[file], 0), Err(Error::InvalidPath), "{path:?}");
        }
    }

    #[test]
    fn never_panics_on_damage() {
        let container = pack(
            ROOT,
            &[File {
                designator: Designator::OrbPkg,
                path: "p",
                content: &[7; 900],
            }],
            0,
        )
        .unwrap();
        for length in 0..container.len() {
            let _ = unpack(&container[..length], 1 << 20);
        }
        for bit in 0..container.len() * 8 {
            let mut changed = container.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let _ = unpack(&changed, 1 << 20);
        }
    }
}
