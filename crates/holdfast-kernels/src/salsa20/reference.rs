//! Salsa20 as its specification writes it, one block at a time, for tests.

/// The keystream block with number `counter`.
pub(crate) fn block(key: &[u8; 32], counter: u64, nonce: &[u8; 8]) -> [u8; 64] {
    let mut input = [0; 16];
    input[..8].copy_from_slice(nonce);
    input[8..].copy_from_slice(&counter.to_le_bytes());
    let initial = initial(key, &input);
    let x = rounds(initial);
    let mut keystream = [0; 64];
    for i in 0..16 {
        keystream[4 * i..4 * i + 4].copy_from_slice(&x[i].wrapping_add(initial[i]).to_le_bytes());
    }
    keystream
}

pub(crate) fn hsalsa20(key: &[u8; 32], input: &[u8; 16]) -> [u8; 32] {
    let x = rounds(initial(key, input));
    let mut subkey = [0; 32];
    for (i, word) in [0, 5, 10, 15, 6, 7, 8, 9].into_iter().enumerate() {
        subkey[4 * i..4 * i + 4].copy_from_slice(&x[word].to_le_bytes());
    }
    subkey
}

fn initial(key: &[u8; 32], input: &[u8; 16]) -> [u32; 16] {
    let word = |bytes: &[u8], i: usize| u32::from_le_bytes(bytes[4 * i..4 * i + 4].try_into().unwrap());
    let [c0, c1, c2, c3] = super::CONSTANTS;
    let (k, n) = (|i| word(key, i), |i| word(input, i));
    [
        c0,
        k(0),
        k(1),
        k(2),
        k(3),
        c1,
        n(0),
        n(1),
        n(2),
        n(3),
        c2,
        k(4),
        k(5),
        k(6),
        k(7),
        c3,
    ]
}

fn rounds(mut x: [u32; 16]) -> [u32; 16] {
    for _ in 0..10 {
        quarter_round(&mut x, 0, 4, 8, 12);
        quarter_round(&mut x, 5, 9, 13, 1);
        quarter_round(&mut x, 10, 14, 2, 6);
        quarter_round(&mut x, 15, 3, 7, 11);
        quarter_round(&mut x, 0, 1, 2, 3);
        quarter_round(&mut x, 5, 6, 7, 4);
        quarter_round(&mut x, 10, 11, 8, 9);
        quarter_round(&mut x, 15, 12, 13, 14);
    }
    x
}

fn quarter_round(x: &mut [u32; 16], a: usize, b: usize, c: usize, d: usize) {
    x[b] ^= x[a].wrapping_add(x[d]).rotate_left(7);
    x[c] ^= x[b].wrapping_add(x[a]).rotate_left(9);
    x[d] ^= x[c].wrapping_add(x[b]).rotate_left(13);
    x[a] ^= x[d].wrapping_add(x[c]).rotate_left(18);
}
