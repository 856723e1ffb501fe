//! The V0 container as bytes (world-backup-client §4.4): gzip and whatever is in it.
#![no_main]

use holdfast_core::world::container::unpack;
use libfuzzer_sys::fuzz_target;

const MAX_BYTES: u64 = 1 << 20;

fuzz_target!(|container: &[u8]| {
    if let Ok(contents) = unpack(container, MAX_BYTES) {
        let unpacked: usize = contents.files.iter().map(|file| file.content.len()).sum();
        assert!((unpacked + contents.root_key_json.len()) as u64 <= MAX_BYTES);
    }
});
