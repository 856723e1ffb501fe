//! What the kernels' tests share.

/// A small seeded generator (SplitMix64): the same numbers on every run.
pub(crate) struct Seeded(u64);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// 0 to `bound` - 1.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
        bytes
    }

    pub(crate) fn array<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next() as u8)
    }
}

/// Every length to 1,400, and those around the boundaries of what the kernels work in.
pub(crate) fn lengths() -> impl Iterator<Item = usize> {
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
