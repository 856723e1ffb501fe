//! WebAssembly's 128-bit vectors. The only unsafe code is the loads and stores, each through a reference to 16 bytes.
#![allow(unsafe_code)]

use core::arch::wasm32::{
    i32x4_add, i32x4_shl, i32x4_shuffle, i64x2_shuffle, i8x16_swizzle, u32x4_extract_lane, u32x4_shr, u32x4_splat,
    v128, v128_load, v128_or, v128_store, v128_xor,
};
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

/// Rotations by whole bytes are one swizzle instead of two shifts and an or (8 to 12 % of ChaCha20).
///
/// The masks come from memory behind a `black_box`: were they constants to the compiler, it would turn the swizzles
/// into constant shuffles, whose masks the engine builds anew each time.
#[derive(Clone, Copy)]
pub(crate) struct ByteRotations {
    by_16: v128,
    by_8: v128,
}

static BY_16: [u8; 16] = [2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13];
static BY_8: [u8; 16] = [3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14];

impl ByteRotations {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self {
            by_16: U32x4::load(core::hint::black_box(&BY_16)).0,
            by_8: U32x4::load(core::hint::black_box(&BY_8)).0,
        }
    }

    #[inline(always)]
    pub(crate) fn rotate_left_16(self, lanes: U32x4) -> U32x4 {
        U32x4(i8x16_swizzle(lanes.0, self.by_16))
    }

    #[inline(always)]
    pub(crate) fn rotate_left_8(self, lanes: U32x4) -> U32x4 {
        U32x4(i8x16_swizzle(lanes.0, self.by_8))
    }
}
