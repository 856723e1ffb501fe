//! CBOR of one file record (world-backup-client §3.3, §17): a map of `data`, `checksum`, `path`, `designator`, in which
//! both byte vectors are arrays of integers. `ciborium` and `serde` are the reference's own decoder: what they take and
//! refuse is the format.

use serde::{Deserialize, Serialize};

use super::Designator;
use crate::{hash, Error, Result};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRecord {
    pub designator: Designator,
    pub path: String,
    pub content: Vec<u8>,
}

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

pub fn encode(designator: Designator, path: &str, content: &[u8]) -> Vec<u8> {
    let record = Encoded {
        data: content,
        checksum: hash::checksum(content),
        path,
        designator,
    };
    let mut cbor = Vec::with_capacity(content.len() * 2 + 256);
    ciborium::into_writer(&record, &mut cbor)
        .expect("a Vec takes every write, and the record has no unserialisable value");
    cbor
}

/// Bytes after the map are ignored.
pub fn decode(cbor: &[u8]) -> Result<FileRecord> {
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
