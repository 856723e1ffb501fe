//! The manifest and its hash (world-backup-client §4).
//!
//! ```text
//! preimage = "BEDROCK_MANIFEST" || 00 || u32be(count)
//!         || for each entry, sorted by lowercased path:  designator || 00 || path || 00 || checksum (32)
//! hash     = BLAKE3-256(preimage)
//! ```

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::Designator;
use crate::{hash, Error, Result};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub files: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub designator: Designator,
    pub file_path: String,
    pub checksum_hex: String,
}

#[derive(Deserialize)]
#[serde(tag = "version", content = "manifest")]
enum Versioned {
    V0(Manifest),
}

impl Manifest {
    /// Unknown members are ignored, duplicate ones refused (§4.2).
    pub fn decode(json: &str) -> Result<Self> {
        let Versioned::V0(manifest) = serde_json::from_str(json).map_err(|_| Error::InvalidManifest)?;
        Ok(manifest)
    }

    /// Duplicates are found before checksums are judged, and checksums in sorted order.
    pub fn hash(&self) -> Result<[u8; 32]> {
        let mut entries: Vec<_> = self
            .files
            .iter()
            .map(|entry| (entry.file_path.to_lowercase(), entry))
            .collect();
        let mut seen = BTreeSet::new();
        if !entries.iter().all(|(path, _)| seen.insert(path.as_str())) {
            return Err(Error::DuplicatePath);
        }
        entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        let count = u32::try_from(entries.len()).map_err(|_| Error::LimitExceeded)?;
        let mut preimage = b"BEDROCK_MANIFEST\0".to_vec();
        preimage.extend(count.to_be_bytes());
        for (_, entry) in entries {
            let checksum = hex::decode(&entry.checksum_hex).map_err(|_| Error::InvalidHex)?;
            let checksum: [u8; 32] = checksum.try_into().map_err(|_| Error::InvalidHex)?;
            for text in [entry.designator.name(), &entry.file_path] {
                preimage.extend(text.as_bytes());
                preimage.push(0);
            }
            preimage.extend(checksum);
        }
        Ok(hash::checksum(&preimage))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// world-backup-client §4.4.
    #[test]
    fn the_empty_manifest_has_the_default_hash() {
        assert_eq!(
            hex::encode(Manifest::default().hash().unwrap()),
            "85c9d3437fbd13e892674f14603650fff5cb32db314d375722f39f84f501036f"
        );
    }

    #[test]
    fn paths_that_differ_in_case_are_duplicates() {
        let entry = |path: &str| Entry {
            designator: Designator::OrbPkg,
            file_path: path.into(),
            checksum_hex: "zz".into(),
        };
        let manifest = Manifest {
            files: vec![entry("DOCS/RÉSUMÉ.BIN"), entry("docs/résumé.bin")],
        };
        assert_eq!(manifest.hash(), Err(Error::DuplicatePath));
    }
}
