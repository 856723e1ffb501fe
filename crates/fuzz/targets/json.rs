//! Manifests and root keys in JSON (world-backup-client §3.5, §5.2): what is taken is taken again in its canonical form.
#![no_main]

use holdfast_core::world::{manifest::Manifest, root_key};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|json: &str| {
    if let Ok(manifest) = Manifest::decode(json) {
        assert_eq!(manifest.hash(), Manifest::decode(json).and_then(|again| again.hash()));
    }
    if let Ok(canonical) = root_key::canonical(json) {
        assert_eq!(root_key::canonical(&canonical).as_deref(), Ok(&*canonical));
    }
});
