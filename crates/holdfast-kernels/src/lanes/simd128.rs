//! WebAssembly's 128-bit vectors. The only unsafe code is the loads and stores, each through references to the very bytes.
#![allow(unsafe_code)]

use core::arch::wasm32::{
    i16x8_shuffle, i32x4_add, i32x4_shl, i32x4_shuffle, i64x2_add, i64x2_shuffle, i8x16_swizzle, u32x4_extract_lane,
    u32x4_shr, u32x4_splat, u64x2_shr, v128, v128_load, v128_load64_lane, v128_load64_zero, v128_or, v128_store,
    v128_xor,
};
use core::hint::black_box;
use core::ops::{Add, BitXor};

use zeroize::DefaultIsZeroes;

#[derive(Clone, Copy)]
pub(crate) struct U32x4(v128);

impl Default for U32x4 {
    #[inline(always)]
    fn default() -> Self {
        Self::splat(0)
    }
}

impl DefaultIsZeroes for U32x4 {}

impl U32x4 {
    #[inline(always)]
    pub(crate) fn splat(word: u32) -> Self {
        Self(u32x4_splat(word))
    }

    #[inline(always)]
    pub(crate) fn from_array(words: &[u32; 4]) -> Self {
        // SAFETY: the reference covers 16 readable bytes, and v128_load asks for no alignment.
        Self(unsafe { v128_load(words.as_ptr().cast()) })
    }

    #[inline(always)]
    pub(crate) fn to_array(self) -> [u32; 4] {
        [
            u32x4_extract_lane::<0>(self.0),
            u32x4_extract_lane::<1>(self.0),
            u32x4_extract_lane::<2>(self.0),
            u32x4_extract_lane::<3>(self.0),
        ]
    }

    /// Four little-endian words.
    #[inline(always)]
    pub(crate) fn load(bytes: &[u8; 16]) -> Self {
        // SAFETY: the reference covers 16 readable bytes, and v128_load asks for no alignment.
        Self(unsafe { v128_load(bytes.as_ptr().cast()) })
    }

    #[inline(always)]
    pub(crate) fn store(self, bytes: &mut [u8; 16]) {
        // SAFETY: the reference covers 16 writable bytes, and v128_store asks for no alignment.
        unsafe { v128_store(bytes.as_mut_ptr().cast(), self.0) }
    }

    #[inline(always)]
    pub(crate) fn from_u64s(words: &[u64; 2]) -> Self {
        // SAFETY: the reference covers 16 readable bytes, and v128_load asks for no alignment.
        Self(unsafe { v128_load(words.as_ptr().cast()) })
    }

    #[inline(always)]
    pub(crate) fn store_u64s(self, words: &mut [u64; 2]) {
        // SAFETY: the reference covers 16 writable bytes, and v128_store asks for no alignment.
        unsafe { v128_store(words.as_mut_ptr().cast(), self.0) }
    }

    #[inline(always)]
    pub(crate) fn rotate_left<const N: u32>(self) -> Self {
        Self(v128_or(i32x4_shl(self.0, N), u32x4_shr(self.0, 32 - N)))
    }

    /// As halves that change places, which is one or two instructions and needs no mask.
    #[inline(always)]
    pub(crate) fn rotate_left_16(self) -> Self {
        Self(i16x8_shuffle::<1, 0, 3, 2, 5, 4, 7, 6>(self.0, self.0))
    }

    /// Lane i takes the value of lane i + 1.
    #[inline(always)]
    pub(crate) fn turn_1(self) -> Self {
        Self(i32x4_shuffle::<1, 2, 3, 0>(self.0, self.0))
    }

    /// Lane i takes the value of lane i + 2.
    #[inline(always)]
    pub(crate) fn turn_2(self) -> Self {
        Self(i32x4_shuffle::<2, 3, 0, 1>(self.0, self.0))
    }

    /// Lane i takes the value of lane i + 3.
    #[inline(always)]
    pub(crate) fn turn_3(self) -> Self {
        Self(i32x4_shuffle::<3, 0, 1, 2>(self.0, self.0))
    }

    /// Four rows of words become four columns.
    #[inline(always)]
    pub(crate) fn transpose([a, b, c, d]: [Self; 4]) -> [Self; 4] {
        let ab_low = i32x4_shuffle::<0, 4, 1, 5>(a.0, b.0);
        let ab_high = i32x4_shuffle::<2, 6, 3, 7>(a.0, b.0);
        let cd_low = i32x4_shuffle::<0, 4, 1, 5>(c.0, d.0);
        let cd_high = i32x4_shuffle::<2, 6, 3, 7>(c.0, d.0);
        [
            Self(i64x2_shuffle::<0, 2>(ab_low, cd_low)),
            Self(i64x2_shuffle::<1, 3>(ab_low, cd_low)),
            Self(i64x2_shuffle::<0, 2>(ab_high, cd_high)),
            Self(i64x2_shuffle::<1, 3>(ab_high, cd_high)),
        ]
    }
}

impl Add for U32x4 {
    type Output = Self;
    /// Wraps in each lane.
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(i32x4_add(self.0, other.0))
    }
}

impl BitXor for U32x4 {
    type Output = Self;
    #[inline(always)]
    fn bitxor(self, other: Self) -> Self {
        Self(v128_xor(self.0, other.0))
    }
}

/// Two 64-bit words side by side.
#[derive(Clone, Copy)]
pub(crate) struct U64x2(v128);

impl U64x2 {
    #[inline(always)]
    pub(crate) fn from_array(words: &[u64; 2]) -> Self {
        // SAFETY: the reference covers 16 readable bytes, and v128_load asks for no alignment.
        Self(unsafe { v128_load(words.as_ptr().cast()) })
    }

    /// Two little-endian words, from two places.
    #[inline(always)]
    pub(crate) fn load(low: &[u8; 8], high: &[u8; 8]) -> Self {
        // SAFETY: each reference covers 8 readable bytes, and neither load asks for alignment.
        Self(unsafe { v128_load64_lane::<1>(v128_load64_zero(low.as_ptr().cast()), high.as_ptr().cast()) })
    }

    #[inline(always)]
    pub(crate) fn store(self, words: &mut [u64; 2]) {
        // SAFETY: the reference covers 16 writable bytes, and v128_store asks for no alignment.
        unsafe { v128_store(words.as_mut_ptr().cast(), self.0) }
    }

    /// The high word of `self`, then the low word of `next`.
    #[inline(always)]
    pub(crate) fn then(self, next: Self) -> Self {
        Self(i64x2_shuffle::<1, 2>(self.0, next.0))
    }

    #[inline(always)]
    pub(crate) fn rotate_right_16(self) -> Self {
        Self(i16x8_shuffle::<1, 2, 3, 0, 5, 6, 7, 4>(self.0, self.0))
    }

    #[inline(always)]
    pub(crate) fn rotate_right_32(self) -> Self {
        Self(i32x4_shuffle::<1, 0, 3, 2>(self.0, self.0))
    }

    #[inline(always)]
    pub(crate) fn rotate_right_63(self) -> Self {
        Self(v128_or(u64x2_shr(self.0, 63), i64x2_add(self.0, self.0)))
    }
}

impl Add for U64x2 {
    type Output = Self;
    /// Wraps in each lane.
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(i64x2_add(self.0, other.0))
    }
}

impl BitXor for U64x2 {
    type Output = Self;
    #[inline(always)]
    fn bitxor(self, other: Self) -> Self {
        Self(v128_xor(self.0, other.0))
    }
}

/// Rotations by whole bytes are one swizzle instead of two shifts and an or (8 to 12 % of ChaCha20).
///
/// The masks come from memory behind a `black_box`: were they constants to the compiler, it would turn the swizzles
/// into constant shuffles, whose masks the engine builds anew each time.
#[derive(Clone, Copy)]
pub(crate) struct ByteRotations {
    by_8: v128,
    by_24: v128,
}

static BY_8: [u8; 16] = [3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14];
static BY_24: [u8; 16] = [1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12];

impl ByteRotations {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self {
            by_8: U32x4::load(black_box(&BY_8)).0,
            by_24: U32x4::load(black_box(&BY_24)).0,
        }
    }

    #[inline(always)]
    pub(crate) fn rotate_left_8(self, lanes: U32x4) -> U32x4 {
        U32x4(i8x16_swizzle(lanes.0, self.by_8))
    }

    #[inline(always)]
    pub(crate) fn rotate_left_24(self, lanes: U32x4) -> U32x4 {
        U32x4(i8x16_swizzle(lanes.0, self.by_24))
    }
}

/// The same of 64-bit words.
#[derive(Clone, Copy)]
pub(crate) struct ByteRotation64(v128);

static BY_24_OF_64: [u8; 16] = [3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10];

impl ByteRotation64 {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self(U32x4::load(black_box(&BY_24_OF_64)).0)
    }

    #[inline(always)]
    pub(crate) fn rotate_right_24(self, lanes: U64x2) -> U64x2 {
        U64x2(i8x16_swizzle(lanes.0, self.0))
    }
}
