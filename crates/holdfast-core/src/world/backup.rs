//! A sealed backup, opened whole (world-backup-client §2.3).

use alloc::borrow::ToOwned;
use alloc::string::String;

use zeroize::Zeroizing;

use super::container::{self, Contents};
use super::manifest::{Entry, Manifest};
use super::root_key;
use crate::{hash, sealed_box, x25519, Error, Result};

pub struct Opened {
    pub root_key_json: Zeroizing<String>,
    pub backup_public_key: [u8; 32],
    pub contents: Contents,
    pub manifest_hash: [u8; 32],
}

/// Opens the backup's secret key with a factor secret, then the backup with that.
pub fn open(sealed: &[u8], encrypted_key_pair: &[u8], factor_secret: &[u8; 32], max_bytes: u64) -> Result<Opened> {
    if sealed.is_empty() {
        return Err(Error::Truncated);
    }
    let factor_public = x25519::derive_public_key(factor_secret);
    let secret = Zeroizing::new(sealed_box::open(&factor_public, factor_secret, encrypted_key_pair)?);
    let secret: Zeroizing<[u8; 32]> =
        Zeroizing::new(secret.as_slice().try_into().map_err(|_| Error::InvalidBackupKeyPair)?);
    let backup_public_key = x25519::derive_public_key(&secret);
    let packed = Zeroizing::new(sealed_box::open(&backup_public_key, &secret, sealed)?);
    let contents = container::unpack(&packed, max_bytes)?;
    let root_key_json = root_key::canonical(&contents.root_key_json)?;
    let entries = contents.files.iter().map(|file| Entry {
        designator: file.designator,
        file_path: file.path.trim_start_matches('/').to_owned(),
        checksum_hex: hex::encode(hash::checksum(&file.content)),
    });
    let manifest_hash = Manifest {
        files: entries.collect(),
    }
    .hash()?;
    Ok(Opened {
        root_key_json,
        backup_public_key,
        contents,
        manifest_hash,
    })
}
