//! Turtl's v6 envelope (turtl §1): what was not sealed does not open; what was, does, and no longer once a byte is changed.
#![no_main]

use holdfast_core::turtl::envelope::{judge, open, seal};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], [u8; 32], [u8; 12], u16, u8)| {
    let (bytes, key, nonce, at, change) = input;
    let judged = judge(bytes);
    let opened = open(&key, bytes);
    assert!(opened.is_err());
    assert!(judged.is_ok() || opened == judged.map(|()| Vec::new()));

    let mut envelope = seal(&key, &nonce, bytes).expect("within the limits");
    assert_eq!(open(&key, &envelope).as_deref(), Ok(bytes));
    let at = usize::from(at) % envelope.len();
    envelope[at] ^= change;
    assert_eq!(open(&key, &envelope).is_ok(), change == 0);
});
