//! Poly1305 as a textbook has it, for tests: numbers as lists of digits in base 256, reduced by folding.

/// The tag of `message` under a one-time key (RFC 8439 §2.5.1).
pub(crate) fn tag(key: &[u8; 32], message: &[u8]) -> [u8; 16] {
    let mut r: [u8; 16] = key[..16].try_into().unwrap();
    for i in [3, 7, 11, 15] {
        r[i] &= 15;
    }
    for i in [4, 8, 12] {
        r[i] &= 252;
    }
    let mut h = [0u32; 17];
    for block in message.chunks(16) {
        let with_one = block.iter().copied().chain([1]);
        for (digit, byte) in h.iter_mut().zip(with_one) {
            *digit += u32::from(byte);
        }
        h = reduce(multiply(&h, &r));
    }
    // h - p when h >= p: h + 5 then reaches 2^130.
    let mut plus_five = h;
    plus_five[0] += 5;
    let plus_five = carried(plus_five);
    let h = if plus_five[16] >= 4 { plus_five } else { h };
    let mut carry = 0;
    std::array::from_fn(|i| {
        carry += h[i] + u32::from(key[16 + i]);
        let digit = carry as u8;
        carry >>= 8;
        digit
    })
}

fn multiply(h: &[u32; 17], r: &[u8; 16]) -> [u32; 33] {
    let mut product = [0; 33];
    for (i, digit) in h.iter().enumerate() {
        for (j, factor) in r.iter().enumerate() {
            product[i + j] += digit * u32::from(*factor);
        }
    }
    product
}

/// x = low + 2^136·high, and 2^136 = 2^6·2^130 is 5·2^6 here; then the top two bits above 2^130, until none is left.
fn reduce(product: [u32; 33]) -> [u32; 17] {
    let product = carried(product);
    let mut h: [u32; 17] = std::array::from_fn(|i| product[i] + if i < 16 { 320 * product[i + 17] } else { 0 });
    for _ in 0..4 {
        // The top digit may hold more than a byte here; what is above its two lowest bits is a multiple of 2^130.
        for i in 0..16 {
            h[i + 1] += h[i] >> 8;
            h[i] &= 255;
        }
        h[0] += 5 * (h[16] >> 2);
        h[16] &= 3;
    }
    carried(h)
}

fn carried<const N: usize>(mut digits: [u32; N]) -> [u32; N] {
    for i in 0..N - 1 {
        digits[i + 1] += digits[i] >> 8;
        digits[i] &= 255;
    }
    digits
}
