//! Four 32-bit words side by side, or two of 64: the vectors of the symmetric kernels.
//!
//! In WebAssembly they are a `v128` (simd128). Everywhere else they are arrays with the same operations under the same
//! names, so the very kernels that ship run under `cargo test` and the fuzzers, not copies of them.
//!
//! Every operation is data-independent: no branch and no address depends on a lane's value.

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod portable;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(crate) use portable::{ByteRotation64, ByteRotations, U32x4, U64x2};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(crate) use simd128::{ByteRotation64, ByteRotations, U32x4, U64x2};

impl U32x4 {
    /// Lane i is `first + i`, wrapping: the counters of four consecutive blocks.
    #[inline(always)]
    pub(crate) fn counting_from(first: u32) -> Self {
        Self::splat(first) + Self::from_array(&[0, 1, 2, 3])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_means_what_its_name_says() {
        let words = [0x0102_0304, 0xffff_ffff, 0x8000_0001, 7];
        let lanes = U32x4::from_array(&words);
        let by = ByteRotations::new();
        assert_eq!(lanes.to_array(), words);
        assert_eq!(
            (lanes + U32x4::splat(1)).to_array(),
            words.map(|word| word.wrapping_add(1))
        );
        assert_eq!((lanes ^ U32x4::splat(5)).to_array(), words.map(|word| word ^ 5));
        assert_eq!(
            (lanes.rotate_left::<7>()).to_array(),
            words.map(|word| word.rotate_left(7))
        );
        assert_eq!(
            lanes.rotate_left_16().to_array(),
            words.map(|word| word.rotate_left(16))
        );
        assert_eq!(
            (by.rotate_left_8(lanes)).to_array(),
            words.map(|word| word.rotate_left(8))
        );
        assert_eq!(
            (by.rotate_left_24(lanes)).to_array(),
            words.map(|word| word.rotate_left(24))
        );
        assert_eq!((U32x4::from_array(&[1, 2, 3, 4]).turn_1()).to_array(), [2, 3, 4, 1]);
        assert_eq!((U32x4::from_array(&[1, 2, 3, 4]).turn_2()).to_array(), [3, 4, 1, 2]);
        assert_eq!((U32x4::from_array(&[1, 2, 3, 4]).turn_3()).to_array(), [4, 1, 2, 3]);
        assert_eq!((U32x4::counting_from(u32::MAX)).to_array(), [u32::MAX, 0, 1, 2]);
        let mut bytes = [0; 16];
        lanes.store(&mut bytes);
        assert_eq!(bytes, [4, 3, 2, 1, 255, 255, 255, 255, 1, 0, 0, 128, 7, 0, 0, 0]);
        assert_eq!(U32x4::load(&bytes).to_array(), words);
        let mut pairs = [0; 2];
        lanes.store_u64s(&mut pairs);
        assert_eq!(pairs, [0xffff_ffff_0102_0304, 0x0000_0007_8000_0001]);
        assert_eq!(U32x4::from_u64s(&pairs).to_array(), words);
        let rows = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11], [12, 13, 14, 15]];
        assert_eq!(
            U32x4::transpose(rows.map(|row| U32x4::from_array(&row))).map(U32x4::to_array),
            [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15]]
        );
    }
    #[test]
    fn so_does_every_one_of_64_bit_words() {
        let words = [0x0102_0304_0506_0708, 0xffff_ffff_8000_0001];
        let array = |lanes: U64x2| {
            let mut words = [0; 2];
            lanes.store(&mut words);
            words
        };
        let lanes = U64x2::from_array(&words);
        let by = ByteRotation64::new();
        assert_eq!(array(lanes), words);
        assert_eq!(
            array(U64x2::load(&words[0].to_le_bytes(), &words[1].to_le_bytes())),
            words
        );
        assert_eq!(array(lanes + lanes), words.map(|word: u64| word.wrapping_mul(2)));
        assert_eq!(array(lanes ^ U64x2::from_array(&[5, 6])), [words[0] ^ 5, words[1] ^ 6]);
        assert_eq!(array(lanes.then(U64x2::from_array(&[5, 6]))), [words[1], 5]);
        assert_eq!(array(lanes.rotate_right_16()), words.map(|word| word.rotate_right(16)));
        assert_eq!(
            array(by.rotate_right_24(lanes)),
            words.map(|word| word.rotate_right(24))
        );
        assert_eq!(array(lanes.rotate_right_32()), words.map(|word| word.rotate_right(32)));
        assert_eq!(array(lanes.rotate_right_63()), words.map(|word| word.rotate_right(63)));
    }
}
