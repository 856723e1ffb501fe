//! What tests share, those of `holdfast-core` too.

use alloc::vec;
use alloc::vec::Vec;

/// A small seeded generator (SplitMix64): the same numbers on every run.
pub struct Seeded(u64);

impl Seeded {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// 0 to `bound` - 1.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.word() % bound as u64) as usize
    }

    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.word().to_le_bytes()[..chunk.len()]);
        }
        bytes
    }

    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        core::array::from_fn(|_| self.word() as u8)
    }

    pub fn keys(&mut self, count: usize) -> Vec<[u8; 32]> {
        (0..count).map(|_| self.array()).collect()
    }

    /// -limit to limit.
    pub fn signed(&mut self, limit: i16) -> i16 {
        (self.word() % (2 * limit as u64 + 1)) as i16 - limit
    }
}

/// Every length to 1,400, and those around the boundaries of what the kernels work in.
pub fn lengths() -> impl Iterator<Item = usize> {
    let around = |boundary: usize| boundary - 3..=boundary + 3;
    let boundaries = [
        4_096,
        16_384,
        16_384 + 192,
        16_384 + 224,
        65_536,
        1 << 20,
        (1 << 20) + 192,
    ];
    (0..=1_400).chain(boundaries.into_iter().flat_map(around))
}
