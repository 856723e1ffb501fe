//! The archive inside a container, which no fuzzer would find behind gzip's checksum.
#![no_main]

use std::io::Write as _;

use flate2::{write::GzEncoder, Compression};
use holdfast_core::world::container::unpack;
use libfuzzer_sys::fuzz_target;

const MAX_BYTES: u64 = 1 << 20;

fuzz_target!(|archive: &[u8]| {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(archive).expect("into memory");
    let container = gzip.finish().expect("into memory");
    if let Ok(contents) = unpack(&container, MAX_BYTES) {
        let unpacked: usize = contents.files.iter().map(|file| file.content.len()).sum();
        assert!(unpacked <= archive.len());
    }
});
