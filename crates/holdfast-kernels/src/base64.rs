//! Standard base64 of many texts at once (RFC 4648 §4), decoded in place.
//!
//! Texts lie one after another in one buffer, and so do their bytes afterwards, from its start: a text never decodes to
//! more than it is long, so that writing stays behind reading. What is decoded are envelopes, which are public: tables
//! and branches may depend on them.
//!
//! The vector path takes 16 letters to 12 bytes. The two halves of a letter each select a row of a table; where the rows
//! have a bit in common the letter is none of the alphabet. Source: Muła and Lemire, "Faster Base64 Encoding and
//! Decoding using AVX2 Instructions" (2018), §3.

/// What a letter stands for; 0x80 for none of the alphabet.
const VALUES: [u8; 256] = values();

const fn values() -> [u8; 256] {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut values = [0x80; 256];
    let mut i = 0;
    while i < alphabet.len() {
        values[alphabet[i] as usize] = i as u8;
        i += 1;
    }
    values
}

/// Decodes the texts that lie one after another at the start of `buffer`: text `i` ends at `ends[i]`. Afterwards their
/// bytes lie there, those of text `i` up to `ends[i]`; none for a text that is no base64. Padding may be left out.
///
/// `ends` ascend, and are not beyond `buffer`.
pub fn decode_all(buffer: &mut [u8], ends: &mut [u32]) {
    let (mut start, mut to) = (0, 0);
    for end in ends {
        let next = *end as usize;
        to += decode(buffer, start, next, to).unwrap_or(0);
        start = next;
        *end = to as u32;
    }
}

/// Decodes `buffer[from..end]` to `buffer[to..]`, `to` not beyond `from`. Answers how many bytes it came to.
fn decode(buffer: &mut [u8], from: usize, end: usize, to: usize) -> Option<usize> {
    let letters = letters_of(&buffer[from..end])?;
    let (mut read, mut write) = (from, to);
    let end = from + letters;
    while end - read >= 16 {
        let bytes = decode_16(buffer[read..read + 16].first_chunk()?)?;
        buffer[write..write + 16].copy_from_slice(&bytes);
        read += 16;
        write += 12;
    }
    while end - read >= 4 {
        let bytes = decode_4(buffer[read..read + 4].first_chunk::<4>()?)?;
        buffer[write..write + 3].copy_from_slice(&bytes);
        read += 4;
        write += 3;
    }
    if read < end {
        let mut last = [b'A'; 4];
        let left = end - read;
        last[..left].copy_from_slice(&buffer[read..end]);
        let bytes = decode_4(&last)?;
        // Bits that no byte takes are zero, or two texts would stand for the same bytes.
        if bytes[left - 1] != 0 {
            return None;
        }
        buffer[write..write + left - 1].copy_from_slice(&bytes[..left - 1]);
        write += left - 1;
    }
    Some(write - to)
}

/// How many letters there are before the padding, which is whole or not there.
fn letters_of(text: &[u8]) -> Option<usize> {
    let padding = text.iter().rev().take(2).take_while(|letter| **letter == b'=').count();
    let letters = text.len() - padding;
    (letters % 4 != 1 && (padding == 0 || text.len().is_multiple_of(4))).then_some(letters)
}

fn decode_4(quad: &[u8; 4]) -> Option<[u8; 3]> {
    let [a, b, c, d] = quad.map(|letter| VALUES[letter as usize]);
    let is_base64 = (a | b | c | d) & 0x80 == 0;
    is_base64.then_some([a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d])
}

/// Twelve bytes, and four zeros.
#[cfg(any(test, not(all(target_arch = "wasm32", target_feature = "simd128"))))]
fn decode_16_portable(quads: &[u8; 16]) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    for (quad, three) in quads.chunks_exact(4).zip(bytes.chunks_exact_mut(3)) {
        three.copy_from_slice(&decode_4(quad.first_chunk()?)?);
    }
    Some(bytes)
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
use decode_16_portable as decode_16;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use simd128::decode_16;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128 {
    //! The only unsafe code is a load and a store, each through a reference to 16 bytes.
    #![allow(unsafe_code)]

    use core::arch::wasm32::{
        i16x8_shl, i32x4_shl, i8x16, i8x16_add, i8x16_eq, i8x16_splat, i8x16_swizzle, u16x8_shr, u16x8_splat,
        u32x4_shr, u32x4_splat, u8x16, u8x16_shr, v128_and, v128_any_true, v128_load, v128_or, v128_store,
    };

    #[inline(always)]
    pub(super) fn decode_16(quads: &[u8; 16]) -> Option<[u8; 16]> {
        let by_low = u8x16(
            0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a,
        );
        let by_high = u8x16(
            0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10,
        );
        let shifts = i8x16(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);

        // SAFETY: the reference covers 16 readable bytes, and v128_load asks for no alignment.
        let letters = unsafe { v128_load(quads.as_ptr().cast()) };
        let high = u8x16_shr(letters, 4);
        let low = v128_and(letters, i8x16_splat(0x0f));
        if v128_any_true(v128_and(i8x16_swizzle(by_low, low), i8x16_swizzle(by_high, high))) {
            return None;
        }
        // A slash shares its upper half with + and has a row of its own, one below.
        let row = i8x16_add(high, i8x16_eq(letters, i8x16_splat(b'/' as i8)));
        let values = i8x16_add(letters, i8x16_swizzle(shifts, row));

        // Six bits each: two to twelve, four to twenty-four, the first ones on top.
        let pairs = v128_or(i16x8_shl(v128_and(values, u16x8_splat(0x3f)), 6), u16x8_shr(values, 8));
        let fours = v128_or(i32x4_shl(v128_and(pairs, u32x4_splat(0xfff)), 12), u32x4_shr(pairs, 16));
        let bytes = i8x16_swizzle(fours, i8x16(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
        let mut out = [0; 16];
        // SAFETY: the reference covers 16 writable bytes, and v128_store asks for no alignment.
        unsafe { v128_store(out.as_mut_ptr().cast(), bytes) };
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
    use base64::Engine as _;

    use crate::test_support::Seeded;

    /// Padding is whole or not there.
    fn decode_by_reference(text: &[u8]) -> Vec<u8> {
        let engine = if text.contains(&b'=') {
            STANDARD
        } else {
            STANDARD_NO_PAD
        };
        engine.decode(text).unwrap_or_default()
    }

    fn decode_texts(texts: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let mut buffer = texts.concat();
        let mut ends: Vec<u32> = texts
            .iter()
            .scan(0, |end, text| {
                *end += text.len() as u32;
                Some(*end)
            })
            .collect();
        decode_all(&mut buffer, &mut ends);
        let starts = std::iter::once(0).chain(ends.iter().copied());
        starts
            .zip(&ends)
            .map(|(start, end)| buffer[start as usize..*end as usize].to_vec())
            .collect()
    }

    #[test]
    fn decodes_what_was_encoded_padded_or_not() {
        let mut seeded = Seeded::new(1);
        let bytes: Vec<Vec<u8>> = (0..200).map(|length| seeded.bytes(length)).collect();
        let texts: Vec<_> = bytes.iter().map(|bytes| STANDARD.encode(bytes).into_bytes()).collect();
        assert_eq!(decode_texts(&texts), bytes);
        let is_letter = |letter: &u8| *letter != b'=';
        let bare: Vec<Vec<u8>> = texts
            .iter()
            .map(|text| text.iter().copied().filter(is_letter).collect())
            .collect();
        assert_eq!(decode_texts(&bare), bytes);
    }

    #[test]
    fn takes_and_refuses_what_the_reference_does() {
        let mut seeded = Seeded::new(2);
        let mut letters = |kinds: usize| b"AQgw9+/=_\xc3-"[seeded.below(kinds)];
        let texts: Vec<Vec<u8>> = (0..20_000)
            .map(|i| (0..i % 23).map(|_| letters(4 + i % 7)).collect())
            .collect();
        let expected: Vec<_> = texts.iter().map(|text| decode_by_reference(text)).collect();
        assert!(expected.iter().filter(|bytes| !bytes.is_empty()).count() > 1_000);
        assert_eq!(decode_texts(&texts), expected);
    }

    #[test]
    fn every_byte_at_every_place_is_judged_as_the_table_says() {
        for at in 0..16 {
            for byte in 0..=255 {
                let mut quads = *b"ABCDabcd0189+/zZ";
                quads[at] = byte;
                assert_eq!(decode_16(&quads), decode_16_portable(&quads), "{byte} at {at}");
                assert_eq!(decode_16(&quads).is_some(), VALUES[byte as usize] & 0x80 == 0);
            }
        }
    }
}
