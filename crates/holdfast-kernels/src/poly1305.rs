//! Poly1305 (RFC 8439 §2.5): the one-time authenticator of both ciphers here.
//!
//! tag = ((c₁·rⁿ + c₂·rⁿ⁻¹ + … + cₙ·r) mod 2¹³⁰ − 5 + s) mod 2¹²⁸, each cᵢ a block of 16 bytes with a 1 above it.
//!
//! ## Representation
//!
//! Radix 2³² in 64-bit words: h = Σ hᵢ·2^(32i), i = 0…4. Multiplying is 20 products of 64 bits. r is clamped, so
//! r₀ < 2²⁸, and r₁, r₂, r₃ < 2²⁸ are multiples of 4. With sᵢ = rᵢ + rᵢ/4 = 5·rᵢ/4:
//!
//! * hⱼ·rᵢ with i + j ≥ 4 stands for hⱼ·(rᵢ/4)·2¹³⁰·2^(32(i+j−4)) ≡ hⱼ·sᵢ·2^(32(i+j−4)), as 2¹³⁰ ≡ 5;
//! * h₄·r₀ stays where it is, at 2¹²⁸.
//!
//! ## Bounds
//!
//! Invariant between blocks: h₀ < 2.5625·2³², h₁, h₂, h₃ < 2³², h₄ ≤ 3. It holds at the start, where h = 0.
//! Adding a block gives a₀ < 3.5625·2³² < 2³⁴; a₁, a₂, a₃ < 2³³; a₄ ≤ 4. Then, with rᵢ < 2²⁸ and sᵢ < 1.25·2²⁸,
//!
//! * each of d₀…d₃ is at most one product of a₀ with an r, three of a₁…a₃ with an r or s, one of a₄ with an s, and a carry:
//!   < 2³⁴·2²⁸ + 3·2³³·1.25·2²⁸ + 4·1.25·2²⁸ + 2³² < 2⁶² + 1.875·2⁶² + 2³³ < 2⁶⁴: no sum overflows;
//! * d₄ = a₄·r₀ + (d₃ ≫ 32) < 2³⁰ + 2³² = 1.25·2³²;
//! * d₄ = 4q + t with t ≤ 3 gives h₄ = t, and 5q, written as (d₄ & !3) + (d₄ ≫ 2), goes to h₀:
//!   h₀ < 2³² + 5/4·1.25·2³² = 2.5625·2³². The other limbs are cut to 32 bits. The invariant holds again. ∎
//!
//! ## Constant time
//!
//! Additions, 64-bit multiplications, shifts and masks only; the final reduction selects by mask. Branches and addresses
//! depend on lengths alone, which are public.

use zeroize::{Zeroize, ZeroizeOnDrop};

#[cfg(test)]
pub(crate) mod reference;

/// h: the running value, radix 2³², within the invariant above.
pub(crate) type Accumulator = [u64; 5];

/// r as its four limbs, and sᵢ = 5·rᵢ/4 for i = 1…3.
#[derive(Clone, Copy, Default, Zeroize)]
pub(crate) struct Multiplier {
    r: [u64; 4],
    s: [u64; 3],
}

/// What fills a short block at the end of a part.
#[derive(Clone, Copy)]
pub(crate) enum Ending {
    /// Of an AEAD's input (RFC 8439 §2.8, `pad16`).
    Zeros,
    /// Of a message on its own: its 1 comes right behind it (RFC 8439 §2.5.1).
    One,
}

/// One message being authenticated. Wiped when dropped.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Poly1305 {
    pub(crate) accumulator: Accumulator,
    pub(crate) multiplier: Multiplier,
    /// s: what is added at the end.
    pad: [u32; 4],
}

/// h ← (h + block + high·2¹²⁸)·r. `high` is 1, or 0 for a last short block that carries its own 1.
#[inline(always)]
pub(crate) fn absorb(h: &mut Accumulator, Multiplier { r, s }: &Multiplier, block: &[u8; 16], high: u64) {
    let [m0, m1, m2, m3] = words(block);
    let a0 = h[0] + u64::from(m0);
    let a1 = h[1] + u64::from(m1);
    let a2 = h[2] + u64::from(m2);
    let a3 = h[3] + u64::from(m3);
    let a4 = h[4] + high;

    let d0 = a0 * r[0] + a1 * s[2] + (a2 * s[1] + a3 * s[0]);
    let d1 = a0 * r[1] + a1 * r[0] + (a2 * s[2] + a3 * s[1]) + a4 * s[0];
    let d2 = a0 * r[2] + a1 * r[1] + (a2 * r[0] + a3 * s[2]) + a4 * s[1];
    let d3 = a0 * r[3] + a1 * r[2] + (a2 * r[1] + a3 * r[0]) + a4 * s[2];
    let d4 = a4 * r[0];

    let d1 = d1 + (d0 >> 32);
    let d2 = d2 + (d1 >> 32);
    let d3 = d3 + (d2 >> 32);
    let d4 = d4 + (d3 >> 32);

    const LOW: u64 = 0xffff_ffff;
    *h = [(d0 & LOW) + (d4 & !3) + (d4 >> 2), d1 & LOW, d2 & LOW, d3 & LOW, d4 & 3];
}

/// Less than 16 bytes as the low ones of a number: read one by one, since a call that copies costs more than all of them.
#[inline(always)]
fn low_bytes(bytes: &[u8]) -> u128 {
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    let (low, high) = bytes.split_at(bytes.len().min(8));
    u128::from(number(low)) | u128::from(number(high)) << 64
}

/// Four little-endian words.
#[inline(always)]
fn words(bytes: &[u8; 16]) -> [u32; 4] {
    core::array::from_fn(|i| u32::from_le_bytes(core::array::from_fn(|j| bytes[4 * i + j])))
}

impl Poly1305 {
    #[inline(always)]
    pub(crate) fn new(r: [u32; 4], pad: [u32; 4]) -> Self {
        let mut poly = Self::default();
        poly.start(r, pad);
        poly
    }

    /// Begins a message. A key is used for one only: r, not yet clamped, and s.
    #[inline(always)]
    pub(crate) fn start(&mut self, [r0, r1, r2, r3]: [u32; 4], pad: [u32; 4]) {
        let r = [r0 & 0x0fff_ffff, r1 & 0x0fff_fffc, r2 & 0x0fff_fffc, r3 & 0x0fff_fffc].map(u64::from);
        let s = [r[1] + (r[1] >> 2), r[2] + (r[2] >> 2), r[3] + (r[3] >> 2)];
        self.accumulator = [0; 5];
        self.multiplier = Multiplier { r, s };
        self.pad = pad;
    }

    #[inline(always)]
    pub(crate) fn blocks(&mut self, blocks: &[[u8; 16]]) {
        let multiplier = self.multiplier;
        let mut h = self.accumulator;
        for block in blocks {
            absorb(&mut h, &multiplier, block, 1);
        }
        self.accumulator = h;
    }

    /// A part of the input, with its end.
    #[inline(never)]
    pub(crate) fn part(&mut self, part: &[u8], ending: Ending) {
        let (blocks, rest) = part.as_chunks::<16>();
        self.blocks(blocks);
        if !rest.is_empty() {
            let mut last = low_bytes(rest);
            let high = match ending {
                Ending::Zeros => 1,
                Ending::One => {
                    last |= 1 << (8 * rest.len());
                    0
                }
            };
            absorb(&mut self.accumulator, &self.multiplier, &last.to_le_bytes(), high);
        }
    }

    /// The last block of an AEAD's input: both lengths in bytes (RFC 8439 §2.8).
    #[inline(never)]
    pub(crate) fn lengths(&mut self, aad: usize, message: usize) {
        let mut block = [0; 16];
        block[..8].copy_from_slice(&(aad as u64).to_le_bytes());
        block[8..].copy_from_slice(&(message as u64).to_le_bytes());
        absorb(&mut self.accumulator, &self.multiplier, &block, 1);
    }

    /// h mod 2¹³⁰ − 5, plus s.
    #[inline(never)]
    pub(crate) fn tag(&self) -> [u8; 16] {
        let mut h = self.accumulator;
        // Twice, as folding the top back in may carry up to the top once more; a third time nothing is left to fold.
        for _ in 0..2 {
            carry(&mut h);
            h[0] += (h[4] & !3) + (h[4] >> 2);
            h[4] &= 3;
        }
        carry(&mut h);
        // Now h < 2^130. h + 5 reaches 2^130 exactly when h >= 2^130 - 5, and its low 128 bits are then the remainder's.
        let mut reduced = h;
        reduced[0] += 5;
        carry(&mut reduced);
        let mask = 0u64.wrapping_sub(reduced[4] >> 2);

        let mut tag = [0; 16];
        let mut sum = 0;
        for (i, place) in tag.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            sum += ((h[i] & !mask) | (reduced[i] & mask)) + u64::from(self.pad[i]);
            *place = (sum as u32).to_le_bytes();
            sum >>= 32;
        }
        tag
    }
}

#[inline(always)]
fn carry(h: &mut Accumulator) {
    for i in 0..4 {
        h[i + 1] += h[i] >> 32;
        h[i] &= 0xffff_ffff;
    }
}

/// Whether two tags are equal, in a time that does not tell where they differ.
#[inline(always)]
pub(crate) fn equal_tags(one: &[u8; 16], other: &[u8; 16]) -> bool {
    let difference = u128::from_le_bytes(*one) ^ u128::from_le_bytes(*other);
    core::hint::black_box(difference) == 0
}
