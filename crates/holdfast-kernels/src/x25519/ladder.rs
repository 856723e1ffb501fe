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
/// The letters are those of [`one`].
#[inline(never)]
pub fn four(scalars: [&[u8; 32]; 4], points: [&[u8; 32]; 4]) -> Fraction {
    let x1 = Fe::from_bytes(points);
    let (mut x2, mut z2) = (Fe::ONE, Fe::ZERO);
    let (mut x3, mut z3) = (x1, Fe::ONE);
    let mut e = Fe::ZERO;
    let mut swapped = Lanes::ZERO;
    for t in (0..255).rev() {
        let bits = Lanes::new(from_fn(|lane| -bit(scalars[lane], t)));
        let swap = bits.xor(swapped);
        swapped = bits;
        // In the places of x2, z2, x3, z3, of size 1: A, B, C, D, of size 2.
        Fe::update([&mut x2, &mut z2, &mut x3, &mut z3], [], |[x2, z2, x3, z3], []| {
            let (x, z) = (x2.xor(x3).and(swap), z2.xor(z3).and(swap));
            let (x2, z2, x3, z3) = (x2.xor(x), z2.xor(z), x3.xor(x), z3.xor(z));
            [
                x2.add_halves(z2),
                x2.sub_halves(z2),
                x3.add_halves(z3),
                x3.sub_halves(z3),
            ]
        });
        z3.mul_assign(&x2);
        x3.mul_assign(&z2);
        x2.square_assign();
        z2.square_assign();
        // AA, BB, DA + CB, DA - CB; and E.
        Fe::update([&mut x3, &mut z3, &mut e], [&x2, &z2], |[cb, da, _], [aa, bb]| {
            [da.add_halves(cb), da.sub_halves(cb), aa.sub_halves(bb)]
        });
        x3.square_assign();
        z3.square_assign();
        z3.mul_assign(&x1); // of size 2
        let mut sum = e.scale(A24);
        Fe::update([&mut sum], [&x2], |[scaled], [aa]| [aa.add_halves(scaled)]);
        x2.mul_assign(&z2);
        z2 = e;
        z2.mul_assign(&sum);
    }
    Fe::update([&mut x2, &mut z2], [&x3, &z3], |[x2, z2], [x3, z3]| {
        [x2.select(x3, swapped), z2.select(z3, swapped)]
    });
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
    // x2, z2, x3, z3, and lanes 0, 2 and 3 of the right side of round 3.
    let (mut state, mut ones_and_x1) = (x1, x1);
    Fe::update([&mut state, &mut ones_and_x1], [&Fe::ONE], |[x1, _], [one]| {
        let one_and_zero = one.shuffle::<0, 4, 0, 0>(Lanes::ZERO);
        [one_and_zero.shuffle::<0, 1, 4, 3>(x1), one.shuffle::<0, 0, 0, 4>(x1)]
    });
    let mut swapped = 0;
    let [mut left, mut right, mut aa, mut last_right] = [Fe::ZERO; 4];
    for t in (0..255).rev() {
        let bit = -bit(scalar, t);
        let swap = Lanes::splat(bit ^ swapped);
        swapped = bit;
        Fe::update([&mut left, &mut right], [&state], |_, [state]| {
            let state = state.select(state.permute::<2, 3, 0, 1>(), swap);
            let turned = state.permute::<1, 0, 3, 2>();
            let abdc = state.add_halves(turned).shuffle::<0, 4, 6, 2>(state.sub_halves(turned));
            [abdc, abdc.permute::<0, 1, 0, 1>()]
        });
        left.mul_assign(&right);
        Fe::update(
            [&mut left, &mut right, &mut aa, &mut last_right],
            [&a24, &ones_and_x1],
            |[squares, ..], [a24, ones_and_x1]| {
                let turned = squares.permute::<1, 0, 3, 2>();
                let differences = squares.sub_halves(turned); // E in lane 0, V in lane 2
                let uve = squares.add_halves(turned).shuffle::<2, 6, 4, 4>(differences);
                [
                    uve.shuffle::<0, 1, 2, 4>(squares),
                    uve.shuffle::<0, 1, 4, 4>(a24).shuffle::<0, 1, 2, 5>(squares),
                    squares.shuffle::<4, 0, 4, 4>(Lanes::ZERO),
                    ones_and_x1.shuffle::<0, 4, 2, 3>(differences),
                ]
            },
        );
        left.mul_assign(&right);
        Fe::update([&mut state], [&left, &aa], |_, [products, aa]| {
            [products.permute::<3, 2, 0, 1>().add_halves(aa)]
        });
        state.mul_assign(&last_right);
    }
    let mut denominator = state;
    Fe::update([&mut state, &mut denominator], [], |[state, _], []| {
        let state = state.select(state.permute::<2, 3, 0, 1>(), Lanes::splat(swapped));
        [state, state.permute::<1, 1, 1, 1>()]
    });
    Fraction {
        numerator: state,
        denominator,
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
