//! Turtl's sealed message and the sealed box inside it (turtl §2, world-backup-client §2.2): nothing made without the key opens.
#![no_main]

use holdfast_core::{sealed_box, turtl::sealed_message};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: ([u8; 32], [u8; 32], &[u8])| {
    let (public_key, secret_key, bytes) = input;
    assert!(sealed_message::open(&public_key, &secret_key, bytes).is_err());
    assert!(sealed_box::open(&public_key, &secret_key, bytes).is_err());
});
