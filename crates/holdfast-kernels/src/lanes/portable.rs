//! The twin for every target that is not simd128.

use core::array::from_fn;
use core::ops::{Add, BitXor};

use zeroize::DefaultIsZeroes;

#[derive(Clone, Copy, Default)]
#[repr(align(16))]
pub(crate) struct U32x4([u32; 4]);

impl DefaultIsZeroes for U32x4 {}

impl U32x4 {
    #[inline(always)]
    pub(crate) fn splat(word: u32) -> Self {
        Self([word; 4])
    }

    #[inline(always)]
    pub(crate) fn from_array(words: &[u32; 4]) -> Self {
        Self(*words)
    }

    #[inline(always)]
    pub(crate) fn to_array(self) -> [u32; 4] {
        self.0
    }

    /// Four little-endian words.
    #[inline(always)]
    pub(crate) fn load(bytes: &[u8; 16]) -> Self {
        Self(from_fn(|i| u32::from_le_bytes(from_fn(|j| bytes[4 * i + j]))))
    }

    #[inline(always)]
    pub(crate) fn store(self, bytes: &mut [u8; 16]) {
        for (place, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(self.0) {
            *place = word.to_le_bytes();
        }
    }

    #[inline(always)]
    pub(crate) fn from_u64s(words: &[u64; 2]) -> Self {
        Self(from_fn(|i| (words[i / 2] >> (32 * (i % 2))) as u32))
    }

    #[inline(always)]
    pub(crate) fn store_u64s(self, words: &mut [u64; 2]) {
        *words = from_fn(|i| u64::from(self.0[2 * i]) | u64::from(self.0[2 * i + 1]) << 32);
    }

    #[inline(always)]
    pub(crate) fn rotate_left<const N: u32>(self) -> Self {
        Self(self.0.map(|word| word.rotate_left(N)))
    }

    #[inline(always)]
    pub(crate) fn rotate_left_16(self) -> Self {
        self.rotate_left::<16>()
    }

    /// Lane i takes the value of lane i + 1.
    #[inline(always)]
    pub(crate) fn turn_1(self) -> Self {
        Self(from_fn(|i| self.0[(i + 1) % 4]))
    }

    /// Lane i takes the value of lane i + 2.
    #[inline(always)]
    pub(crate) fn turn_2(self) -> Self {
        Self(from_fn(|i| self.0[(i + 2) % 4]))
    }

    /// Lane i takes the value of lane i + 3.
    #[inline(always)]
    pub(crate) fn turn_3(self) -> Self {
        Self(from_fn(|i| self.0[(i + 3) % 4]))
    }

    /// Four rows of words become four columns.
    #[inline(always)]
    pub(crate) fn transpose(rows: [Self; 4]) -> [Self; 4] {
        from_fn(|i| Self(from_fn(|j| rows[j].0[i])))
    }
}

impl Add for U32x4 {
    type Output = Self;
    /// Wraps in each lane.
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(from_fn(|i| self.0[i].wrapping_add(other.0[i])))
    }
}

impl BitXor for U32x4 {
    type Output = Self;
    #[inline(always)]
    fn bitxor(self, other: Self) -> Self {
        Self(from_fn(|i| self.0[i] ^ other.0[i]))
    }
}

#[derive(Clone, Copy)]
#[repr(align(16))]
pub(crate) struct U64x2([u64; 2]);

impl U64x2 {
    #[inline(always)]
    pub(crate) fn from_array(words: &[u64; 2]) -> Self {
        Self(*words)
    }

    /// Two little-endian words, from two places.
    #[inline(always)]
    pub(crate) fn load(low: &[u8; 8], high: &[u8; 8]) -> Self {
        Self([u64::from_le_bytes(*low), u64::from_le_bytes(*high)])
    }

    #[inline(always)]
    pub(crate) fn store(self, words: &mut [u64; 2]) {
        *words = self.0;
    }

    /// The high word of `self`, then the low word of `next`.
    #[inline(always)]
    pub(crate) fn then(self, next: Self) -> Self {
        Self([self.0[1], next.0[0]])
    }

    #[inline(always)]
    pub(crate) fn rotate_right_16(self) -> Self {
        Self(self.0.map(|word| word.rotate_right(16)))
    }

    #[inline(always)]
    pub(crate) fn rotate_right_32(self) -> Self {
        Self(self.0.map(|word| word.rotate_right(32)))
    }

    #[inline(always)]
    pub(crate) fn rotate_right_63(self) -> Self {
        Self(self.0.map(|word| word.rotate_right(63)))
    }
}

impl Add for U64x2 {
    type Output = Self;
    /// Wraps in each lane.
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(from_fn(|i| self.0[i].wrapping_add(other.0[i])))
    }
}

impl BitXor for U64x2 {
    type Output = Self;
    #[inline(always)]
    fn bitxor(self, other: Self) -> Self {
        Self(from_fn(|i| self.0[i] ^ other.0[i]))
    }
}

/// Rotations by whole bytes, which simd128 does faster than by shifting.
#[derive(Clone, Copy)]
pub(crate) struct ByteRotations;

impl ByteRotations {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) fn rotate_left_8(self, lanes: U32x4) -> U32x4 {
        lanes.rotate_left::<8>()
    }

    #[inline(always)]
    pub(crate) fn rotate_left_24(self, lanes: U32x4) -> U32x4 {
        lanes.rotate_left::<24>()
    }
}

/// The same of 64-bit words.
#[derive(Clone, Copy)]
pub(crate) struct ByteRotation64;

impl ByteRotation64 {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) fn rotate_right_24(self, lanes: U64x2) -> U64x2 {
        U64x2(lanes.0.map(|word| word.rotate_right(24)))
    }
}
