//! CRC-32 as gzip has it (RFC 1952 §8), eight bytes a step. The tables are made when needed: they would not compress.

use alloc::boxed::Box;

pub struct Crc32 {
    tables: Box<[[u32; 256]; 8]>,
    state: u32,
}

impl Crc32 {
    pub fn new() -> Self {
        let mut tables = Box::new([[0; 256]; 8]);
        for byte in 0..256 {
            let mut remainder = byte as u32;
            for _ in 0..8 {
                let polynomial = 0xedb8_8320 & (remainder & 1).wrapping_neg();
                remainder = remainder >> 1 ^ polynomial;
            }
            tables[0][byte] = remainder;
        }
        for table in 1..8 {
            for byte in 0..256 {
                let before = tables[table - 1][byte];
                tables[table][byte] = before >> 8 ^ tables[0][(before & 255) as usize];
            }
        }
        Self { tables, state: !0 }
    }

    #[inline(never)]
    pub fn update(&mut self, bytes: &[u8]) {
        let tables = &*self.tables;
        let mut state = self.state;
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            let at = |i: usize| usize::from(chunk[i]);
            state ^= u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]);
            state = tables[7][(state & 255) as usize]
                ^ tables[6][(state >> 8 & 255) as usize]
                ^ tables[5][(state >> 16 & 255) as usize]
                ^ tables[4][(state >> 24) as usize]
                ^ tables[3][at(4)]
                ^ tables[2][at(5)]
                ^ tables[1][at(6)]
                ^ tables[0][at(7)];
        }
        for byte in chunks.remainder() {
            state = state >> 8 ^ tables[0][((state ^ u32::from(*byte)) & 255) as usize];
        }
        self.state = state;
    }

    pub fn value(&self) -> u32 {
        !self.state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_published_check_value() {
        let mut crc = Crc32::new();
        crc.update(b"12");
        crc.update(b"3456789");
        assert_eq!(crc.value(), 0xcbf4_3926);
    }
}
