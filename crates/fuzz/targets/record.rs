//! A file record in CBOR (world-backup-client §4.2): what decodes is written as the reference writes it, and decodes to the same.
#![no_main]

use holdfast_core::world::record::{decode, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|cbor: &[u8]| {
    if let Ok(record) = decode(cbor) {
        assert!(record.content.len() <= cbor.len());
        let written = encode(record.designator, &record.path, &record.content);
        assert_eq!(decode(&written), Ok(record));
    }
});
