//! Root key JSON (world-backup-client §5.1), by the reference's own parser.

use alloc::string::String;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Error, Result};

#[derive(Deserialize, Serialize)]
#[serde(tag = "version", content = "key")]
enum Versioned {
    V0(String),
    V1(String),
}

/// Parses and writes back canonically: `version` first, V1 keys in lowercase.
pub fn canonical(json: &str) -> Result<Zeroizing<String>> {
    let root_key = match serde_json::from_str(json).map_err(|_| Error::InvalidRootKey)? {
        Versioned::V0(key) => Versioned::V0(key),
        Versioned::V1(key) => {
            let bytes = Zeroizing::new(hex::decode(&key).map_err(|_| Error::InvalidRootKey)?);
            if bytes.len() != 32 {
                return Err(Error::InvalidRootKey);
            }
            Versioned::V1(hex::encode(&*bytes))
        }
    };
    serde_json::to_string(&root_key)
        .map(Zeroizing::new)
        .map_err(|_| Error::InvalidRootKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_version_first_and_hex_in_lowercase() {
        let json = format!(" {{\"x\":1, \"key\":\"{}\",\"version\":\"V1\"}} ", "AB".repeat(32));
        assert_eq!(
            *canonical(&json).unwrap(),
            format!("{{\"version\":\"V1\",\"key\":\"{}\"}}", "ab".repeat(32))
        );
        assert_eq!(
            *canonical("{\"version\":\"V0\",\"key\":\"\"}").unwrap(),
            "{\"version\":\"V0\",\"key\":\"\"}"
        );
        for refused in [
            "",
            "{}",
            "{\"version\":\"V2\",\"key\":\"\"}",
            "{\"version\":\"V1\",\"key\":\"00\"}",
        ] {
            assert!(canonical(refused).is_err());
        }
    }
}
