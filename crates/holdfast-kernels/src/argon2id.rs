//! Argon2id version 1.3 (RFC 9106) with one lane, no secret and no associated data: what libsodium's `crypto_pwhash` is.
//!
//! ```text
//! memory   lanes of one: m blocks of 1 KiB, m a multiple of 4; four slices
//! block    G(the block before it, one chosen among those already made)
//! choice   first half of the first pass: by a counter (no index depends on the password); afterwards: by the block before
//! ```
//!
//! The second kind of choice depends on the password: that is Argon2id (RFC 9106 §3.4.1.3), not an oversight.

use alloc::vec;

use crate::blake2b::{Blake2b, Params};
use crate::lanes::U32x4;

const WORDS: usize = 128;
const VERSION: u32 = 0x13;
const ARGON2ID: u32 = 2;
const SLICES: usize = 4;

type Block = [u64; WORDS];

/// Fills `key` (4 bytes and more). `kibibytes` is 8 and more, `passes` 1 and more.
pub fn argon2id(password: &[u8], salt: &[u8; 16], passes: u32, kibibytes: u32, key: &mut [u8]) {
    let mut seed = [0; 72];
    let mut hasher = Blake2b::new(&Params::unkeyed(64));
    for word in [
        1,
        key.len() as u32,
        kibibytes,
        passes,
        VERSION,
        ARGON2ID,
        password.len() as u32,
    ] {
        hasher.update(&word.to_le_bytes());
    }
    hasher.update(password);
    hasher.update(&16u32.to_le_bytes());
    hasher.update(salt);
    hasher.update(&[0; 8]);
    hasher.finish(&mut seed[..64]);

    let segment = kibibytes as usize / SLICES;
    let mut memory = vec![[0; WORDS]; segment * SLICES];
    for (i, block) in memory[..2].iter_mut().enumerate() {
        seed[64] = i as u8;
        let mut bytes = [0; 8 * WORDS];
        long_hash(&seed, &mut bytes);
        for (word, bytes) in block.iter_mut().zip(bytes.as_chunks().0) {
            *word = u64::from_le_bytes(*bytes);
        }
    }
    for pass in 0..passes {
        for slice in 0..SLICES {
            fill_segment(&mut memory, pass, slice, passes);
        }
    }
    let mut last = [0; 8 * WORDS];
    for (bytes, word) in last.as_chunks_mut().0.iter_mut().zip(&memory[memory.len() - 1]) {
        *bytes = word.to_le_bytes();
    }
    long_hash(&last, key);
}

/// RFC 9106 §3.3.
fn long_hash(input: &[u8], output: &mut [u8]) {
    let mut hasher = Blake2b::new(&Params::unkeyed(output.len().min(64)));
    hasher.update(&(output.len() as u32).to_le_bytes());
    hasher.update(input);
    if output.len() <= 64 {
        return hasher.finish(output);
    }
    let mut link = [0; 64];
    hasher.finish(&mut link);
    let mut rest = output;
    while rest.len() > 64 {
        let (half, more) = rest.split_at_mut(32);
        half.copy_from_slice(&link[..32]);
        rest = more;
        let length = rest.len().min(64);
        let mut hasher = Blake2b::new(&Params::unkeyed(length));
        hasher.update(&link);
        hasher.finish(&mut link[..length]);
    }
    rest.copy_from_slice(&link[..rest.len()]);
}

fn fill_segment(memory: &mut [Block], pass: u32, slice: usize, passes: u32) {
    let segment = memory.len() / SLICES;
    let by_counter = pass == 0 && slice < SLICES / 2;
    let mut counter = [0; WORDS];
    counter[..6].copy_from_slice(&[
        pass.into(),
        0,
        slice as u64,
        memory.len() as u64,
        passes.into(),
        ARGON2ID.into(),
    ]);
    let mut addresses = [0; WORDS];
    let first = if pass == 0 && slice == 0 { 2 } else { 0 };
    for i in first..segment {
        if by_counter && (i % WORDS == 0 || i == first) {
            counter[6] += 1;
            let mut half_way = [0; WORDS];
            addresses = [0; WORDS];
            compress(&[0; WORDS], &counter, &mut half_way);
            compress(&[0; WORDS], &half_way, &mut addresses);
        }
        let at = slice * segment + i;
        let before = if at == 0 { memory.len() - 1 } else { at - 1 };
        let random = if by_counter {
            addresses[i % WORDS]
        } else {
            memory[before][0]
        };
        let other = reference(random, pass, slice, i, segment);
        // Zero before the first pass; later passes keep what was there (version 1.3).
        let mut block = memory[at];
        compress(&memory[before], &memory[other], &mut block);
        memory[at] = block;
    }
}

/// RFC 9106 §3.4.2: among the blocks made before, the newer the likelier.
fn reference(random: u64, pass: u32, slice: usize, i: usize, segment: usize) -> usize {
    let (window, start) = match pass {
        0 => (slice * segment, 0),
        _ => ((SLICES - 1) * segment, (slice + 1) * segment),
    };
    let window = (window + i - 1) as u64;
    let low = random & 0xffff_ffff;
    let back = (window * ((low * low) >> 32)) >> 32;
    (start + (window - 1 - back) as usize) % (SLICES * segment)
}

/// RFC 9106 §3.5: `into` takes G(x, y) by exclusive or.
#[inline(never)]
fn compress(x: &Block, y: &Block, into: &mut Block) {
    let mut r = [0; WORDS];
    // By vectors, of which the compiler, told to be small, would not think.
    let places = r.as_chunks_mut().0.iter_mut().zip(into.as_chunks_mut().0);
    for ((x, y), (r, into)) in x.as_chunks().0.iter().zip(y.as_chunks().0).zip(places) {
        let sum = U32x4::from_u64s(x) ^ U32x4::from_u64s(y);
        sum.store_u64s(r);
        (U32x4::from_u64s(into) ^ sum).store_u64s(into);
    }
    for row in r.as_chunks_mut::<16>().0 {
        permute(row);
    }
    let (pairs, places) = (r.as_chunks().0, into.as_chunks_mut().0);
    for column in 0..8 {
        let mut v = [0; 16];
        for (place, pair) in v.as_chunks_mut().0.iter_mut().zip(pairs[column..].iter().step_by(8)) {
            U32x4::from_u64s(pair).store_u64s(place);
        }
        permute(&mut v);
        for (place, pair) in places[column..].iter_mut().step_by(8).zip(v.as_chunks().0) {
            (U32x4::from_u64s(place) ^ U32x4::from_u64s(pair)).store_u64s(place);
        }
    }
}

/// RFC 9106 §3.6.
#[inline(always)]
fn permute(v: &mut [u64; 16]) {
    let [mut v0, mut v1, mut v2, mut v3, mut v4, mut v5, mut v6, mut v7, mut v8, mut v9, mut v10, mut v11, mut v12, mut v13, mut v14, mut v15] =
        *v;
    mix(&mut v0, &mut v4, &mut v8, &mut v12);
    mix(&mut v1, &mut v5, &mut v9, &mut v13);
    mix(&mut v2, &mut v6, &mut v10, &mut v14);
    mix(&mut v3, &mut v7, &mut v11, &mut v15);
    mix(&mut v0, &mut v5, &mut v10, &mut v15);
    mix(&mut v1, &mut v6, &mut v11, &mut v12);
    mix(&mut v2, &mut v7, &mut v8, &mut v13);
    mix(&mut v3, &mut v4, &mut v9, &mut v14);
    *v = [v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15];
}

#[inline(always)]
fn mix(a: &mut u64, b: &mut u64, c: &mut u64, d: &mut u64) {
    *a = multiply_add(*a, *b);
    *d = (*d ^ *a).rotate_right(32);
    *c = multiply_add(*c, *d);
    *b = (*b ^ *c).rotate_right(24);
    *a = multiply_add(*a, *b);
    *d = (*d ^ *a).rotate_right(16);
    *c = multiply_add(*c, *d);
    *b = (*b ^ *c).rotate_right(63);
}

#[inline(always)]
fn multiply_add(a: u64, b: u64) -> u64 {
    let product = (a & 0xffff_ffff).wrapping_mul(b & 0xffff_ffff);
    a.wrapping_add(b).wrapping_add(product.wrapping_mul(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_another_implementation() {
        let password: Vec<u8> = (0..200).collect();
        for kibibytes in [8, 9, 11, 12, 64, 515, 1_031] {
            for passes in 1..=3 {
                for length in [4, 16, 32, 63, 64, 65, 96, 97, 200] {
                    let (password, salt) = (&password[..length], &[length as u8; 16]);
                    let params = argon2::Params::new(kibibytes, passes, 1, Some(length)).unwrap();
                    let mut theirs = vec![0; length];
                    argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
                        .hash_password_into(password, salt, &mut theirs)
                        .unwrap();
                    let mut ours = vec![0; length];
                    argon2id(password, salt, passes, kibibytes, &mut ours);
                    assert_eq!(ours, theirs, "{kibibytes} KiB, {passes} passes, {length} bytes");
                }
            }
        }
    }
}
