//! A 128-bit vector: four `i32`, or four pairs of `i16` (the low half of each lane first).
//!
//! On wasm32 with simd128 each operation is one instruction, or two; elsewhere an array does the same, so that the very
//! kernels that ship are what the native tests run. Nothing here branches or indexes on lane contents.

pub use backend::Lanes;

impl Lanes {
    pub const fn splat_pair(low: i16, high: i16) -> Self {
        Self::splat((low as u16 as i32) | ((high as i32) << 16))
    }
}

impl Lanes {
    /// `other` where `mask` is all ones.
    #[inline(always)]
    pub fn select(self, other: Self, mask: Self) -> Self {
        self.xor(self.xor(other).and(mask))
    }

    /// Each lane replaced by the lane of that number.
    #[inline(always)]
    pub fn permute<const A: usize, const B: usize, const C: usize, const D: usize>(self) -> Self {
        self.shuffle::<A, B, C, D>(self)
    }

    /// Four words of each of four rows, to each word of all four rows.
    #[inline(always)]
    pub fn transpose([a, b, c, d]: [Self; 4]) -> [Self; 4] {
        let (low, high) = (a.shuffle::<0, 4, 1, 5>(b), a.shuffle::<2, 6, 3, 7>(b));
        let (low2, high2) = (c.shuffle::<0, 4, 1, 5>(d), c.shuffle::<2, 6, 3, 7>(d));
        [
            low.shuffle::<0, 1, 4, 5>(low2),
            low.shuffle::<2, 3, 6, 7>(low2),
            high.shuffle::<0, 1, 4, 5>(high2),
            high.shuffle::<2, 3, 6, 7>(high2),
        ]
    }
}

impl Default for Lanes {
    fn default() -> Self {
        Self::ZERO
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod backend {
    use core::arch::wasm32::*;

    #[derive(Clone, Copy)]
    pub struct Lanes(v128);

    impl Lanes {
        pub const ZERO: Self = Self::splat(0);

        pub const fn splat(value: i32) -> Self {
            Self(i32x4(value, value, value, value))
        }

        pub const fn new([a, b, c, d]: [i32; 4]) -> Self {
            Self(i32x4(a, b, c, d))
        }

        #[inline(always)]
        pub fn to_array(self) -> [i32; 4] {
            [
                i32x4_extract_lane::<0>(self.0),
                i32x4_extract_lane::<1>(self.0),
                i32x4_extract_lane::<2>(self.0),
                i32x4_extract_lane::<3>(self.0),
            ]
        }

        #[inline(always)]
        pub fn add(self, other: Self) -> Self {
            Self(i32x4_add(self.0, other.0))
        }

        #[inline(always)]
        pub fn sub(self, other: Self) -> Self {
            Self(i32x4_sub(self.0, other.0))
        }

        #[inline(always)]
        pub fn mul(self, other: Self) -> Self {
            Self(i32x4_mul(self.0, other.0))
        }

        #[inline(always)]
        pub fn add_halves(self, other: Self) -> Self {
            Self(i16x8_add(self.0, other.0))
        }

        #[inline(always)]
        pub fn sub_halves(self, other: Self) -> Self {
            Self(i16x8_sub(self.0, other.0))
        }

        /// `low * low + high * high` of the halves of each lane.
        #[inline(always)]
        pub fn dot(self, other: Self) -> Self {
            Self(i32x4_dot_i16x8(self.0, other.0))
        }

        /// Arithmetic shift.
        #[inline(always)]
        pub fn shr<const BITS: u32>(self) -> Self {
            Self(i32x4_shr(self.0, BITS))
        }

        #[inline(always)]
        pub fn shl<const BITS: u32>(self) -> Self {
            Self(i32x4_shl(self.0, BITS))
        }

        #[inline(always)]
        pub fn and(self, other: Self) -> Self {
            Self(v128_and(self.0, other.0))
        }

        #[inline(always)]
        pub fn or(self, other: Self) -> Self {
            Self(v128_or(self.0, other.0))
        }

        #[inline(always)]
        pub fn xor(self, other: Self) -> Self {
            Self(v128_xor(self.0, other.0))
        }

        /// All ones where the lanes are equal.
        #[inline(always)]
        pub fn eq(self, other: Self) -> Self {
            Self(i32x4_eq(self.0, other.0))
        }

        /// The halves of each lane exchanged.
        #[inline(always)]
        pub fn swap_halves(self) -> Self {
            Self(i16x8_shuffle::<1, 0, 3, 2, 5, 4, 7, 6>(self.0, self.0))
        }

        /// The low halves of `self`, the high halves of `other`.
        #[inline(always)]
        pub fn blend_halves(self, other: Self) -> Self {
            Self(i16x8_shuffle::<0, 9, 2, 11, 4, 13, 6, 15>(self.0, other.0))
        }

        /// Four lanes by number: 0 to 3 of `self`, 4 to 7 of `other`.
        #[inline(always)]
        pub fn shuffle<const A: usize, const B: usize, const C: usize, const D: usize>(self, other: Self) -> Self {
            Self(i32x4_shuffle::<A, B, C, D>(self.0, other.0))
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod backend {
    use core::array::from_fn;

    #[derive(Clone, Copy)]
    pub struct Lanes([i32; 4]);

    fn halves(lane: i32) -> (i16, i16) {
        (lane as i16, (lane >> 16) as i16)
    }

    fn pair(low: i16, high: i16) -> i32 {
        i32::from(low as u16) | (i32::from(high) << 16)
    }

    impl Lanes {
        pub const ZERO: Self = Self::splat(0);

        pub const fn splat(value: i32) -> Self {
            Self([value; 4])
        }

        pub const fn new(lanes: [i32; 4]) -> Self {
            Self(lanes)
        }

        #[inline(always)]
        pub fn to_array(self) -> [i32; 4] {
            self.0
        }

        #[inline(always)]
        fn zip(self, other: Self, operation: impl Fn(i32, i32) -> i32) -> Self {
            Self(from_fn(|lane| operation(self.0[lane], other.0[lane])))
        }

        #[inline(always)]
        pub fn add(self, other: Self) -> Self {
            self.zip(other, i32::wrapping_add)
        }

        #[inline(always)]
        pub fn sub(self, other: Self) -> Self {
            self.zip(other, i32::wrapping_sub)
        }

        #[inline(always)]
        pub fn mul(self, other: Self) -> Self {
            self.zip(other, i32::wrapping_mul)
        }

        #[inline(always)]
        pub fn add_halves(self, other: Self) -> Self {
            self.zip(other, |a, b| {
                let ((a0, a1), (b0, b1)) = (halves(a), halves(b));
                pair(a0.wrapping_add(b0), a1.wrapping_add(b1))
            })
        }

        #[inline(always)]
        pub fn sub_halves(self, other: Self) -> Self {
            self.zip(other, |a, b| {
                let ((a0, a1), (b0, b1)) = (halves(a), halves(b));
                pair(a0.wrapping_sub(b0), a1.wrapping_sub(b1))
            })
        }

        /// `low * low + high * high` of the halves of each lane.
        #[inline(always)]
        pub fn dot(self, other: Self) -> Self {
            self.zip(other, |a, b| {
                let ((a0, a1), (b0, b1)) = (halves(a), halves(b));
                (i32::from(a0) * i32::from(b0)).wrapping_add(i32::from(a1) * i32::from(b1))
            })
        }

        /// Arithmetic shift.
        #[inline(always)]
        pub fn shr<const BITS: u32>(self) -> Self {
            Self(self.0.map(|lane| lane >> BITS))
        }

        #[inline(always)]
        pub fn shl<const BITS: u32>(self) -> Self {
            Self(self.0.map(|lane| lane << BITS))
        }

        #[inline(always)]
        pub fn and(self, other: Self) -> Self {
            self.zip(other, |a, b| a & b)
        }

        #[inline(always)]
        pub fn or(self, other: Self) -> Self {
            self.zip(other, |a, b| a | b)
        }

        #[inline(always)]
        pub fn xor(self, other: Self) -> Self {
            self.zip(other, |a, b| a ^ b)
        }

        /// All ones where the lanes are equal.
        #[inline(always)]
        pub fn eq(self, other: Self) -> Self {
            self.zip(other, |a, b| -i32::from(a == b))
        }

        /// The halves of each lane exchanged.
        #[inline(always)]
        pub fn swap_halves(self) -> Self {
            Self(self.0.map(|lane| lane.rotate_left(16)))
        }

        /// The low halves of `self`, the high halves of `other`.
        #[inline(always)]
        pub fn blend_halves(self, other: Self) -> Self {
            self.zip(other, |a, b| (a & 0xffff) | (b & !0xffff))
        }

        /// Four lanes by number: 0 to 3 of `self`, 4 to 7 of `other`.
        #[inline(always)]
        pub fn shuffle<const A: usize, const B: usize, const C: usize, const D: usize>(self, other: Self) -> Self {
            Self([A, B, C, D].map(|lane| if lane < 4 { self.0[lane] } else { other.0[lane - 4] }))
        }
    }
}
