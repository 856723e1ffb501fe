//! ChaCha20 as RFC 8439 §2.1–2.4 writes it, one block at a time, for tests.

/// §2.3: the keystream block with number `counter`.
pub(crate) fn block(key: &[u8; 32], counter: u32, nonce: &[u8; 12]) -> [u8; 64] {
    let word = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().unwrap());
    let mut initial = [0; 16];
    initial[..4].copy_from_slice(&super::CONSTANTS);
    for i in 0..8 {
        initial[4 + i] = word(&key[4 * i..4 * i + 4]);
    }
    initial[12] = counter;
    for i in 0..3 {
        initial[13 + i] = word(&nonce[4 * i..4 * i + 4]);
    }
    let mut x = initial;
    for _ in 0..10 {
        quarter_round(&mut x, 0, 4, 8, 12);
        quarter_round(&mut x, 1, 5, 9, 13);
        quarter_round(&mut x, 2, 6, 10, 14);
        quarter_round(&mut x, 3, 7, 11, 15);
        quarter_round(&mut x, 0, 5, 10, 15);
        quarter_round(&mut x, 1, 6, 11, 12);
        quarter_round(&mut x, 2, 7, 8, 13);
        quarter_round(&mut x, 3, 4, 9, 14);
    }
    let mut keystream = [0; 64];
    for i in 0..16 {
        keystream[4 * i..4 * i + 4].copy_from_slice(&x[i].wrapping_add(initial[i]).to_le_bytes());
    }
    keystream
}

/// §2.1.
fn quarter_round(x: &mut [u32; 16], a: usize, b: usize, c: usize, d: usize) {
    x[a] = x[a].wrapping_add(x[b]);
    x[d] = (x[d] ^ x[a]).rotate_left(16);
    x[c] = x[c].wrapping_add(x[d]);
    x[b] = (x[b] ^ x[c]).rotate_left(12);
    x[a] = x[a].wrapping_add(x[b]);
    x[d] = (x[d] ^ x[a]).rotate_left(8);
    x[c] = x[c].wrapping_add(x[d]);
    x[b] = (x[b] ^ x[c]).rotate_left(7);
}
