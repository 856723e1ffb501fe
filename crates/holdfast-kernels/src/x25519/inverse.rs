//! The inverse of one element of GF(2^255 - 19) in constant time, by the division steps of Bernstein and Yang, "Fast constant-time
//! gcd computation and modular inversion" (2019), in the half-delta form of Wuille, for which 590 steps suffice for
//! any input below 2^256 (bitcoin-core/secp256k1, doc/safegcd_implementation.md); 20 rounds of 30 are made.
//!
//! A step takes an odd f and any g to `(f, (g + f) / 2)`, `(f, g / 2)` or `(g, (g - f) / 2)`, keeping their greatest common divisor; in the end g is 0
//! and f is ±1. d and e follow such that f = d x and g = e x mod p, so d becomes ± 1 / x.
//!
//! # Representation and bounds
//!
//! Integers are nine limbs in radix 2^30, the lowest eight 0 to 2^30 - 1, the last signed. Thirty steps depend on the low thirty bits of f and g
//! only; they are collected in a matrix whose rows have |u| + |v| ≤ 2^30. Then:
//!
//! * |f|, |g| ≤ p throughout. d and e stay in (-2 p, p): negative inputs are raised by p first, so the matrix makes (-2^30 p, 2^30 p)
//!   of them; taking off a multiple of p below 2^30 makes that divisible by 2^30: (-2^31 p, 2^30 p), divided by 2^30. All fit 270 bits.
//! * A limb of a row times the matrix is at most (|u| + |v|) 2^30 ≤ 2^60; the multiples of p are at most 2^31 in magnitude, their limbs
//!   2^46; carries are below 2^32: sums are below 2^61 and fit `i64`.
//!
//! # Constant time
//!
//! The number of steps is fixed, choices are made by masks, and no index depends on a value.

use crate::rolled::rolled;

const LIMBS: usize = 9;
const MASK: i64 = (1 << 30) - 1;
/// p = 2^255 - 19 = 2^15 · 2^240 - 19.
const P_LOW: i64 = -19;
const P_HIGH: i64 = 1 << 15;
/// 1 / p mod 2^30.
const P_INVERSE: i64 = 395589093;
const _: () = assert!((P_INVERSE * P_LOW) & MASK == 1);
const ROUNDS: usize = 20;

type Integer = [i64; LIMBS];

#[derive(Clone, Copy)]
struct Matrix {
    u: i64,
    v: i64,
    q: i64,
    r: i64,
}

/// The canonical 1 / x of a canonical x; zero for zero.
#[inline(never)]
pub fn invert(x: &[u8; 32]) -> [u8; 32] {
    let mut f: Integer = [0; LIMBS];
    f[0] = P_LOW & MASK;
    for limb in &mut f[1..8] {
        *limb = MASK;
    }
    f[8] = P_HIGH - 1;
    let mut g = to_limbs(x);
    let mut d: Integer = [0; LIMBS];
    let mut e: Integer = [0; LIMBS];
    e[0] = 1;
    // -(delta + 1/2), where delta starts at 1/2.
    let mut zeta = -1;
    for _ in 0..ROUNDS {
        let matrix = thirty_steps(&mut zeta, f[0] as i32, g[0] as i32);
        apply_mod_p(&matrix, &mut d, &mut e);
        apply(&matrix, &mut f, &mut g);
    }
    canonical(&d, f[8] >> 63)
}

/// Steps on the low bits of f and g; the matrix takes (f, g) to 2^30 times what the steps make of them.
fn thirty_steps(zeta: &mut i32, low_f: i32, low_g: i32) -> Matrix {
    let (mut f, mut g) = (low_f, low_g);
    let (mut u, mut v, mut q, mut r) = (1i32, 0i32, 0i32, 1i32);
    for _ in 0..30 {
        let negative = *zeta >> 31;
        let odd = -(g & 1);
        let signed = |value: i32| (value ^ negative).wrapping_sub(negative);
        // g + f, or g - f when zeta is negative (and g - f is even too); nothing when g is even.
        g = g.wrapping_add(signed(f) & odd);
        q = q.wrapping_add(signed(u) & odd);
        r = r.wrapping_add(signed(v) & odd);
        // When zeta is negative and g was odd, f becomes the old g: f + (g - f).
        let exchange = negative & odd;
        *zeta = (*zeta ^ exchange).wrapping_sub(1);
        f = f.wrapping_add(g & exchange);
        u = u.wrapping_add(q & exchange);
        v = v.wrapping_add(r & exchange);
        g >>= 1;
        u = u.wrapping_shl(1);
        v = v.wrapping_shl(1);
    }
    Matrix {
        u: u.into(),
        v: v.into(),
        q: q.into(),
        r: r.into(),
    }
}

/// (f, g) · matrix / 2^30, exactly.
#[inline(never)]
fn apply(matrix: &Matrix, f: &mut Integer, g: &mut Integer) {
    let Matrix { u, v, q, r } = *matrix;
    let mut carry_f = (u * f[0] + v * g[0]) >> 30;
    let mut carry_g = (q * f[0] + r * g[0]) >> 30;
    for i in rolled(1..LIMBS) {
        carry_f += u * f[i] + v * g[i];
        carry_g += q * f[i] + r * g[i];
        f[i - 1] = carry_f & MASK;
        g[i - 1] = carry_g & MASK;
        carry_f >>= 30;
        carry_g >>= 30;
    }
    f[LIMBS - 1] = carry_f;
    g[LIMBS - 1] = carry_g;
}

/// (d, e) · matrix / 2^30 mod p, in (-2 p, p).
#[inline(never)]
fn apply_mod_p(matrix: &Matrix, d: &mut Integer, e: &mut Integer) {
    let Matrix { u, v, q, r } = *matrix;
    // p times these is added: once for each negative input, and what makes the lowest limb zero.
    let (d_negative, e_negative) = (d[LIMBS - 1] >> 63, e[LIMBS - 1] >> 63);
    let mut p_d = (u & d_negative) + (v & e_negative);
    let mut p_e = (q & d_negative) + (r & e_negative);
    let mut carry_d = u * d[0] + v * e[0];
    let mut carry_e = q * d[0] + r * e[0];
    p_d -= (P_INVERSE.wrapping_mul(carry_d & MASK) + p_d) & MASK;
    p_e -= (P_INVERSE.wrapping_mul(carry_e & MASK) + p_e) & MASK;
    carry_d = (carry_d + P_LOW * p_d) >> 30;
    carry_e = (carry_e + P_LOW * p_e) >> 30;
    for i in rolled(1..LIMBS) {
        carry_d += u * d[i] + v * e[i];
        carry_e += q * d[i] + r * e[i];
        if i == LIMBS - 1 {
            carry_d += P_HIGH * p_d;
            carry_e += P_HIGH * p_e;
        }
        d[i - 1] = carry_d & MASK;
        e[i - 1] = carry_e & MASK;
        carry_d >>= 30;
        carry_e >>= 30;
    }
    d[LIMBS - 1] = carry_d;
    e[LIMBS - 1] = carry_e;
}

/// `value` in (-2 p, p), negated when `negative` is all ones, mod p.
fn canonical(value: &Integer, negative: i64) -> [u8; 32] {
    let mut value = *value;
    add_p_if_negative(&mut value);
    for limb in value.iter_mut() {
        *limb = (*limb ^ negative) - negative;
    }
    carry(&mut value);
    add_p_if_negative(&mut value);
    to_bytes(&value)
}

#[inline(never)]
fn add_p_if_negative(value: &mut Integer) {
    let negative = value[LIMBS - 1] >> 63;
    value[0] += P_LOW & negative;
    value[LIMBS - 1] += P_HIGH & negative;
    carry(value);
}

fn carry(value: &mut Integer) {
    for i in rolled(0..LIMBS - 1) {
        value[i + 1] += value[i] >> 30;
        value[i] &= MASK;
    }
}

fn to_limbs(bytes: &[u8; 32]) -> Integer {
    let mut limbs = [0; LIMBS];
    let mut buffer: u64 = 0;
    let mut held = 0;
    let mut next = 0;
    for byte in bytes {
        buffer |= u64::from(*byte) << held;
        held += 8;
        if held >= 30 {
            limbs[next] = buffer as i64 & MASK;
            next += 1;
            buffer >>= 30;
            held -= 30;
        }
    }
    limbs[next] = buffer as i64;
    limbs
}

fn to_bytes(limbs: &Integer) -> [u8; 32] {
    let mut buffer: u64 = 0;
    let mut held = 0;
    let mut next = limbs.iter();
    core::array::from_fn(|_| {
        if held < 8 {
            buffer |= (*next.next().expect("nine limbs hold 270 bits") as u64) << held;
            held += 30;
        }
        let byte = buffer as u8;
        buffer >>= 8;
        held -= 8;
        byte
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::Seeded;

    /// Whether x · y is 1 mod p: schoolbook in bytes, 2^256 being 38 mod p. What is left is below 2 p.
    fn product_is_one(x: &[u8; 32], y: &[u8; 32]) -> bool {
        let mut product = [0i64; 64];
        for i in 0..32 {
            for j in 0..32 {
                product[i + j] += i64::from(x[i]) * i64::from(y[j]);
            }
        }
        let mut low: [i64; 32] = core::array::from_fn(|i| product[i] + 38 * product[i + 32]);
        for _ in 0..3 {
            for i in 0..32 {
                let carry = low[i] >> 8;
                low[i] &= 255;
                low[(i + 1) % 32] += if i == 31 { 38 * carry } else { carry };
            }
        }
        low[0] += 19 * (low[31] >> 7);
        low[31] &= 127;
        for i in 0..31 {
            low[i + 1] += low[i] >> 8;
            low[i] &= 255;
        }
        let mut p_and_one = [0xff; 32];
        (p_and_one[0], p_and_one[31]) = (0xee, 0x7f);
        low == small(1).map(i64::from) || low == p_and_one
    }

    fn small(value: u8) -> [u8; 32] {
        core::array::from_fn(|i| if i == 0 { value } else { 0 })
    }

    #[test]
    fn an_inverse_times_its_element_is_one() {
        let mut random = Seeded::new(21);
        let mut values: Vec<[u8; 32]> = (1..=255).map(small).collect();
        // p - 255 to p - 1, and powers of two.
        values.extend((0xed - 0xec..0xed).map(|low| {
            let mut value = [0xff; 32];
            (value[0], value[31]) = (low, 0x7f);
            value
        }));
        values.extend((0..255).map(|bit| core::array::from_fn(|i| if i == bit / 8 { 1 << (bit % 8) } else { 0 })));
        values.extend((0..if cfg!(debug_assertions) { 200 } else { 20_000 }).map(|_| {
            let mut value = random.array();
            value[31] &= 0x3f;
            value
        }));
        for value in values {
            assert!(product_is_one(&value, &invert(&value)), "{value:02x?}");
        }
        assert_eq!(invert(&small(0)), small(0));
        assert_eq!(invert(&small(1)), small(1));
    }
}
