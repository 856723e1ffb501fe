//! Many texts decoded in place are what each decodes to alone; padding is whole or not there.
#![no_main]

use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use base64::Engine as _;
use holdfast_core::base64::decode_all;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|texts: Vec<&[u8]>| {
    let mut buffer = texts.concat();
    let mut end = 0;
    let mut ends: Vec<u32> = Vec::new();
    for text in &texts {
        end += text.len() as u32;
        ends.push(end);
    }
    decode_all(&mut buffer, &mut ends);
    let mut start = 0;
    for (text, end) in texts.iter().zip(ends) {
        let engine = if text.contains(&b'=') {
            STANDARD
        } else {
            STANDARD_NO_PAD
        };
        assert_eq!(buffer[start..end as usize], engine.decode(text).unwrap_or_default());
        start = end as usize;
    }
});
