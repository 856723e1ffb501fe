//! Bytes as CBOR arrays of unsigned integers hold them (RFC 8949 §3.1; world-backup-client §3.3): below 24 as they are, the
//! others behind `18`. How a container spells its files, so it must be fast.

/// Integers below are one byte, from here on two.
pub const FIRST_WIDE: u8 = 24;
/// Head of an integer in the following byte.
pub const WIDE: u8 = 0x18;

/// Something else than an integer of one or two bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct OtherForm;

/// Bytes that `content` takes as integers.
#[inline(never)]
pub fn length(content: &[u8]) -> usize {
    content.len() + content.iter().filter(|&&byte| byte >= FIRST_WIDE).count()
}

/// Fills `content` from integers. How much of `cbor` was read, and how much of `content` it filled; an integer that is cut
/// is left.
#[inline(never)]
pub fn decode(cbor: &[u8], content: &mut [u8]) -> Result<(usize, usize), OtherForm> {
    const PREFIXES: u64 = 0x0018_0018_0018_0018;
    const EVERY_OTHER: u64 = 0x00ff_00ff_00ff_00ff;
    let (mut taken, mut filled) = (0, 0);
    while filled < content.len() {
        if let (Some(eight), Some(four)) = (cbor[taken..].first_chunk(), content[filled..].first_chunk_mut()) {
            let eight = u64::from_le_bytes(*eight);
            if eight & EVERY_OTHER == PREFIXES {
                let apart = eight >> 8 & EVERY_OTHER;
                let pairs = (apart | apart >> 8) & 0x0000_ffff_0000_ffff;
                *four = ((pairs | pairs >> 16) as u32).to_le_bytes();
                taken += 8;
                filled += 4;
                continue;
            }
        }
        match cbor[taken..] {
            [small @ 0..FIRST_WIDE, ..] => {
                content[filled] = small;
                taken += 1;
            }
            [WIDE, byte, ..] => {
                content[filled] = byte;
                taken += 2;
            }
            [WIDE] | [] => break,
            _ => return Err(OtherForm),
        }
        filled += 1;
    }
    Ok((taken, filled))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::Seeded;

    #[test]
    fn what_is_spelled_is_read_however_it_is_cut() {
        for seed in 0..200 {
            let mut random = Seeded::new(seed);
            let bound = 1 + random.below(256);
            let length_of_all = random.below(300);
            let content: Vec<u8> = (0..length_of_all).map(|_| (random.below(256) % bound) as u8).collect();
            let cbor: Vec<u8> = content
                .iter()
                .flat_map(|&byte| [WIDE, byte][usize::from(byte < FIRST_WIDE)..].to_vec())
                .collect();
            assert_eq!(cbor.len(), length(&content), "seed {seed}");
            let cut = random.below(cbor.len() + 1);
            let mut found = vec![0; content.len()];
            let (taken, filled) = decode(&cbor[..cut], &mut found).unwrap();
            assert!(cut - taken <= 1, "seed {seed}");
            let (rest, filled_then) = decode(&cbor[taken..], &mut found[filled..]).unwrap();
            assert_eq!(
                (taken + rest, filled + filled_then),
                (cbor.len(), content.len()),
                "seed {seed}"
            );
            assert!(found == content, "seed {seed}");
        }
        assert_eq!(decode(&[0x19, 1, 0], &mut [0]), Err(OtherForm));
    }
}
