//! The container by the reference's own crates (`flate2`, `tar`, `ciborium` with `serde`): what the core must agree with,
//! and be faster than. Short and slow: everything is held in memory whole.

use std::io::{self, Read, Write};

use flate2::read::GzDecoder;
use flate2::{Compression, GzBuilder};
use holdfast_core::world::container::{Contents, File};
use holdfast_core::world::record::FileRecord;
use holdfast_core::world::Designator;
use holdfast_core::{hash, Error, Result};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const VERSION_NAME: &str = "OXIDE_BACKUP_VERSION";
const ROOT_KEY_NAME: &str = "root_secret.json";
const V0: [u8; 1] = [0];

#[derive(Deserialize)]
struct Decoded {
    data: Vec<u8>,
    checksum: [u8; 32],
    path: String,
    designator: Designator,
}

#[derive(Serialize)]
struct Encoded<'a> {
    data: &'a [u8],
    checksum: [u8; 32],
    path: &'a str,
    designator: Designator,
}

pub fn encode_record(designator: Designator, path: &str, content: &[u8]) -> Vec<u8> {
    let record = Encoded {
        data: content,
        checksum: hash::checksum(content),
        path,
        designator,
    };
    let mut cbor = Vec::with_capacity(content.len() * 2 + 256);
    ciborium::into_writer(&record, &mut cbor).expect("memory takes every write");
    cbor
}

pub fn decode_record(cbor: &[u8]) -> Result<FileRecord> {
    let record: Decoded = ciborium::from_reader(cbor).map_err(|_| Error::InvalidFileRecord)?;
    if hash::checksum(&record.data) != record.checksum {
        return Err(Error::InvalidChecksum);
    }
    Ok(FileRecord {
        designator: record.designator,
        path: record.path,
        content: record.data,
    })
}

pub fn pack(root_key_json: &str, files: &[File<'_>], mtime: u64) -> Result<Vec<u8>> {
    let gzip = GzBuilder::new()
        .operating_system(255)
        .write(Vec::new(), Compression::new(6));
    let mut tar = tar::Builder::new(gzip);
    append(&mut tar, VERSION_NAME, &V0, mtime)?;
    append(&mut tar, ROOT_KEY_NAME, root_key_json.as_bytes(), mtime)?;
    for file in files {
        append(
            &mut tar,
            file.path,
            &encode_record(file.designator, file.path, file.content),
            mtime,
        )?;
    }
    let packed = tar.into_inner().and_then(|gzip| gzip.finish());
    packed.map_err(|_| Error::LimitExceeded)
}

fn append(tar: &mut tar::Builder<impl Write>, name: &str, data: &[u8], mtime: u64) -> Result<()> {
    // The reference would take a NUL or `..` behind byte 100 of a long name; nothing could restore it.
    if name.contains('\0') || name.split('/').any(|segment| segment == "..") {
        return Err(Error::InvalidPath);
    }
    let mut header = tar::Header::new_gnu();
    header.set_size(data.len() as u64);
    header.set_mode(0o600);
    header.set_mtime(mtime);
    clear_owner(&mut header);
    tar.append_data(&mut header, name, data).map_err(|_| Error::InvalidPath)
}

/// The reference never sets owner and type: the fields stay NUL (§3.2).
fn clear_owner(header: &mut tar::Header) {
    let old = header.as_old_mut();
    old.uid = [0; 8];
    old.gid = [0; 8];
    old.linkflag = [0];
}

/// Unpacks; at most `max_bytes` of tar are decompressed.
pub fn unpack(container: &[u8], max_bytes: u64) -> Result<Contents> {
    check_version(container, max_bytes)?;
    let mut root_key_json = Zeroizing::new(String::new());
    let mut files = Vec::new();
    let mut archive = tar::Archive::new(Capped::new(container, max_bytes));
    for entry in archive.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let name = entry.path_bytes().into_owned();
        match std::str::from_utf8(&name).map_err(|_| Error::InvalidFileName)? {
            ROOT_KEY_NAME => {
                entry.read_to_string(&mut root_key_json).map_err(damaged)?;
            }
            VERSION_NAME => {}
            _ => {
                let mut cbor = Zeroizing::new(Vec::new());
                entry.read_to_end(&mut cbor).map_err(damaged)?;
                files.push(decode_record(&cbor)?);
            }
        }
    }
    Ok(Contents { root_key_json, files })
}

/// The first entry of the version's name decides, before any other entry is looked at.
fn check_version(container: &[u8], max_bytes: u64) -> Result<()> {
    let mut archive = tar::Archive::new(Capped::new(container, max_bytes));
    for entry in archive.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        if *entry.path_bytes() == *VERSION_NAME.as_bytes() {
            let mut version = Vec::new();
            entry.read_to_end(&mut version).map_err(damaged)?;
            return (version == V0).then_some(()).ok_or(Error::VersionNotDetected);
        }
    }
    Err(Error::VersionNotDetected)
}

const TOO_LARGE: &str = "container too large";

fn damaged(error: io::Error) -> Error {
    // tar wraps the cause; only its text survives.
    if error.to_string().contains(TOO_LARGE) {
        Error::ContainerTooLarge
    } else {
        Error::ContainerDamaged
    }
}

/// Decompresses at most `left` bytes, then fails: a small container cannot ask for all memory.
struct Capped<'a> {
    gzip: GzDecoder<&'a [u8]>,
    left: u64,
}

impl<'a> Capped<'a> {
    fn new(container: &'a [u8], max_bytes: u64) -> Self {
        Self {
            gzip: GzDecoder::new(container),
            left: max_bytes,
        }
    }
}

impl Read for Capped<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.gzip.read(buffer)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| io::Error::other(TOO_LARGE))?;
        Ok(read)
    }
}
