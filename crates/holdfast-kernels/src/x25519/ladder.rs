//! The Montgomery ladder of RFC 7748 §5, on four lanes in two ways: four multiplications of their own points side by side, or
//! the independent parts of one step side by side.
//!
//! Both end with a fraction x / z that is left to the caller, who may invert many denominators at once.
//!
//! # Constant time
//!
//! 255 steps whatever the scalar; its bits choose by masks. The bytes of the scalar are read at public positions.
//!
//! Sources: RFC 7748 §5; Montgomery, "Speeding the Pollard and elliptic curve methods of factorization" (1987); for one step in three
//! rounds of four multiplications, the observation of Hisil, Egrice and Yassi, "Fast 4 way vectorized ladder for the complete
//! set of Montgomery curves" (2020), with the rounds filled differently.

use core::array::from_fn;

use super::field::Fe;
use super::fraction::Fraction;
use super::lanes::Lanes;

/// (A - 2) / 4 of curve25519 (RFC 7748 §4.1: a24) is 121,665 = -1,215 + 15 · 2^13.
const A24: [i16; 2] = [-1215, 15];

/// `scalar · u` in each lane. The scalars are clamped. The denominator is zero in the lanes of a `u` of low order.
#[inline(never)]
pub fn four(scalars: [&[u8; 32]; 4], points: [&[u8; 32]; 4]) -> Fraction {
    let x1 = Fe::from_bytes(points);
    let (mut x2, mut z2) = (Fe::ONE, Fe::ZERO);
    let (mut x3, mut z3) = (x1, Fe::ONE);
    let mut swapped = Lanes::ZERO;
    for t in (0..255).rev() {
        let bits = Lanes::new(from_fn(|lane| -bit(scalars[lane], t)));
        let swap = bits.xor(swapped);
        swapped = bits;
        Fe::swap(&mut x2, &mut x3, swap);
        Fe::swap(&mut z2, &mut z3, swap);

        // All of x2, z2, x3, z3 are of size 1 here; x1 is of size 2.
        let a = x2.add(&z2);
        let b = x2.sub(&z2);
        let aa = a.square();
        let bb = b.square();
        let da = x3.sub(&z3).mul(&a);
        let cb = x3.add(&z3).mul(&b);
        x3 = da.add(&cb).square();
        z3 = da.sub(&cb).square().mul(&x1);
        x2 = aa.mul(&bb);
        let e = aa.sub(&bb);
        z2 = e.mul(&aa.add(&e.scale(A24)));
    }
    Fe::swap(&mut x2, &mut x3, swapped);
    Fe::swap(&mut z2, &mut z3, swapped);
    Fraction {
        numerator: x2,
        denominator: z2,
    }
}

/// `scalar · u`, in lane 0. The scalar is clamped.
///
/// One step is three rounds of four multiplications:
///
/// ```text
/// lane      0              1               2             3
/// state     x2             z2              x3            z3
/// round 1   AA = A · A     BB = B · B      DA = D · A    CB = C · B
/// round 2   UU = U · U     VV = V · V      e = E · a24   x2 = AA · BB
/// round 3   x2 · 1         z2 = (AA+e)·E   x3 = UU · 1   z3 = VV · x1
/// ```
///
/// with A = x2 + z2, B = x2 - z2, C = x3 + z3, D = x3 - z3, E = AA - BB, U = DA + CB, V = DA - CB.
#[inline(never)]
pub fn one(scalar: &[u8; 32], point: &[u8; 32]) -> Fraction {
    let x1 = Fe::from_bytes([point; 4]);
    let a24 = Fe::from_limbs(&A24);
    // Lanes 0, 2 and 3 of the right side of round 3.
    let ones_and_x1 = Fe::ONE.shuffle::<0, 0, 0, 4>(&x1);
    let mut state = Fe::ONE.shuffle::<0, 4, 0, 0>(&Fe::ZERO).shuffle::<0, 1, 4, 3>(&x1);
    let mut swapped = 0;
    for t in (0..255).rev() {
        let bit = -bit(scalar, t);
        state = state.select(&state.shuffle::<2, 3, 0, 1>(&state), Lanes::splat(bit ^ swapped));
        swapped = bit;

        let turned = state.shuffle::<1, 0, 3, 2>(&state);
        let sums = state.add(&turned);
        let differences = state.sub(&turned);
        let abdc = sums.shuffle::<0, 4, 6, 2>(&differences);
        let abab = abdc.shuffle::<0, 1, 0, 1>(&abdc);
        let squares = abdc.mul(&abab);

        let turned = squares.shuffle::<1, 0, 3, 2>(&squares);
        let sums = squares.add(&turned);
        let differences = squares.sub(&turned); // E in lane 0, V in lane 2
        let uve = sums.shuffle::<2, 6, 4, 4>(&differences);
        let left = uve.shuffle::<0, 1, 2, 4>(&squares);
        let right = uve.shuffle::<0, 1, 4, 4>(&a24).shuffle::<0, 1, 2, 5>(&squares);
        let products = left.mul(&right);

        let aa = squares.shuffle::<4, 0, 4, 4>(&Fe::ZERO);
        let left = products.shuffle::<3, 2, 0, 1>(&products).add(&aa);
        let right = ones_and_x1.shuffle::<0, 4, 2, 3>(&differences);
        state = left.mul(&right);
    }
    let state = state.select(&state.shuffle::<2, 3, 0, 1>(&state), Lanes::splat(swapped));
    Fraction {
        numerator: state,
        denominator: state.shuffle::<1, 1, 1, 1>(&state),
    }
}

/// Bit `t` of the clamped scalar (RFC 7748 §5): the lowest three are 0, bit 254 is 1.
#[inline(always)]
fn bit(scalar: &[u8; 32], t: usize) -> i32 {
    match t {
        0..=2 => 0,
        254 => 1,
        _ => i32::from((scalar[t / 8] >> (t % 8)) & 1),
    }
}
