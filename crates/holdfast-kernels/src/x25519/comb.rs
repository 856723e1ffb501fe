//! Many multiples of one point, from a table of 256 of them.
//!
//! A clamped scalar is written in 64 signed digits of radix 16, `Σ d[k] 16^k` with -8 ≤ d[k] ≤ 8. Row i of the table holds
//! 1 to 8 times 256^i P; the odd digits are added first, the sum is multiplied by 16, then the even digits are added:
//! 64 additions and 4 doublings instead of a ladder. The multiple is that of the integer, not of its residue, so components of low order
//! come out as in RFC 7748.
//!
//! The table is 32 KB and would not compress, so it is built when first needed; that costs about as much as two ladders.
//!
//! # Constant time
//!
//! Selection reads all eight entries of the row and keeps one by masks; a digit of zero keeps the identity; the sign
//! chooses by masks as well. Rows are visited in a fixed order. Building the table is not constant time: the point is public.
//!
//! Source: Bernstein, Duif, Lange, Schwabe and Yang, "High-speed high-security signatures" (2011), §4, with a wider comb.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::array::from_fn;

use super::edwards::{Point, Prepared, Single};
use super::field::Fe;
use super::fraction::{invert_all, Fraction};
use super::lanes::Lanes;

const ROWS: usize = 32;
const ENTRIES: usize = 8;
/// 30 words of limb pairs, and two of padding: an entry is eight whole vectors.
const VECTORS: usize = 8;

type Entry = [Lanes; VECTORS];

pub struct Comb(Box<[[Entry; ENTRIES]; ROWS]>);

impl Comb {
    /// `None` for a u on the twist or of low order.
    pub fn new(u: &[u8; 32]) -> Option<Self> {
        let rows = row_points(&Point::from_u(u)?);
        if rows[1].is_identity() {
            return None;
        }
        let mut multiples = Vec::with_capacity(ROWS / 4 * ENTRIES);
        for four_rows in rows.as_chunks::<4>().0 {
            let first = multiples.len();
            multiples.push(Single::gather(four_rows));
            for multiple in 2..=ENTRIES {
                let next = if multiple % 2 == 0 {
                    let mut half = multiples[first + multiple / 2 - 1];
                    half.double();
                    half
                } else {
                    let mut before = multiples[first + multiple - 2];
                    before.add(&multiples[first]);
                    before
                };
                multiples.push(next);
            }
        }
        let mut inverses: Vec<Fe> = multiples.iter().map(|point| point.z).collect();
        invert_all(&mut inverses);
        let mut table = Box::new([[[Lanes::ZERO; VECTORS]; ENTRIES]; ROWS]);
        for (index, (point, inverse)) in multiples.iter().zip(&inverses).enumerate() {
            let prepared = Prepared::new(&point.x.mul(inverse), &point.y.mul(inverse));
            for (lane, entry) in entries(&prepared).into_iter().enumerate() {
                table[index / ENTRIES * 4 + lane][index % ENTRIES] = entry;
            }
        }
        Some(Self(table))
    }

    /// The u of the multiples by four scalars, one per lane.
    pub fn four(&self, scalars: [&[u8; 32]; 4]) -> Fraction {
        let digits = scalars.map(digits);
        let mut sum = Point::IDENTITY;
        for k in odd_then_even(64) {
            if k == 0 {
                sum.times_sixteen();
            }
            let digits = from_fn(|lane| i32::from(digits[lane][k]));
            sum.add_prepared(&self.select([k / 2; 4], digits));
        }
        sum.u()
    }

    /// The u of the multiple by one scalar, in all lanes: each lane takes eight rows, then the lanes are added.
    pub fn one(&self, scalar: &[u8; 32]) -> Fraction {
        let digits = digits(scalar);
        let mut sum = Point::IDENTITY;
        for k in odd_then_even(16) {
            if k == 0 {
                sum.times_sixteen();
            }
            let rows = from_fn(|lane| k / 2 + 8 * lane);
            sum.add_prepared(&self.select(rows, from_fn(|lane| i32::from(digits[k + 16 * lane]))));
        }
        sum.add(&sum.permuted::<1, 0, 3, 2>());
        sum.add(&sum.permuted::<2, 3, 0, 1>());
        sum.u()
    }

    /// `digits[lane]` times the point of `rows[lane]`, in each lane.
    #[inline(never)]
    fn select(&self, rows: [usize; 4], digits: [i32; 4]) -> Prepared {
        let digits = Lanes::new(digits);
        let negative = digits.shr::<31>();
        let magnitude = digits.xor(negative).sub(negative);
        let is_zero = magnitude.eq(Lanes::ZERO);

        let masks = [
            entry_masks(magnitude.permute::<0, 0, 0, 0>()),
            entry_masks(magnitude.permute::<1, 1, 1, 1>()),
            entry_masks(magnitude.permute::<2, 2, 2, 2>()),
            entry_masks(magnitude.permute::<3, 3, 3, 3>()),
        ];
        let rows = rows.map(|row| &self.0[row]);
        let mut words = [Lanes::ZERO; 4 * VECTORS];
        for vector in 0..VECTORS {
            let chosen = from_fn(|lane| {
                let kept: [Lanes; ENTRIES] = from_fn(|entry| rows[lane][entry][vector].and(masks[lane][entry]));
                let [a, b, c, d, e, f, g, h] = kept;
                a.or(b).or(c.or(d)).or(e.or(f).or(g.or(h)))
            });
            words[4 * vector..][..4].copy_from_slice(&Lanes::transpose(chosen));
        }

        // Of a digit of zero nothing was chosen; the identity's sum and difference are a half, its product is zero.
        let half = |k: usize| Prepared::IDENTITY.sum.words()[k].and(is_zero);
        // -(x, y) = (-x, y): sum and difference change places, the product its sign.
        let (sums, rest) = words.split_at(10);
        let (differences, products) = rest.split_at(10);
        Prepared {
            sum: Fe::from_words(from_fn(|k| sums[k].select(differences[k], negative).or(half(k)))),
            difference: Fe::from_words(from_fn(|k| differences[k].select(sums[k], negative).or(half(k)))),
            product: Fe::from_words(from_fn(|k| products[k].xor(negative).sub_halves(negative))),
        }
    }
}

/// 1, 3, 5, … then 0, 2, 4, …, all below the even `count`.
fn odd_then_even(count: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |step| (2 * step + 1) % (count + 1))
}

/// 256^i P for each row i.
fn row_points(point: &Point) -> [Single; ROWS] {
    let mut next = Single::new(point);
    from_fn(|_| {
        let row = next;
        for _ in 0..8 {
            next.double();
        }
        row
    })
}

/// The entries of the four lanes, each its 30 words one after the other.
#[inline(never)]
fn entries(prepared: &Prepared) -> [Entry; 4] {
    let mut words = [Lanes::ZERO; 4 * VECTORS];
    let parts = [&prepared.sum, &prepared.difference, &prepared.product];
    for (words, part) in words.chunks_mut(10).zip(parts) {
        words.copy_from_slice(part.words());
    }
    let mut entries = [[Lanes::ZERO; VECTORS]; 4];
    for (vector, words) in words.as_chunks().0.iter().enumerate() {
        for (entry, word) in entries.iter_mut().zip(Lanes::transpose(*words)) {
            entry[vector] = word;
        }
    }
    entries
}

/// All ones for the entry that holds `magnitude` times the point; none for a magnitude of zero.
#[inline(always)]
fn entry_masks(magnitude: Lanes) -> [Lanes; ENTRIES] {
    from_fn(|entry| magnitude.eq(Lanes::splat(entry as i32 + 1)))
}

/// The clamped scalar (RFC 7748 §5) in signed digits of radix 16: -8 to 7, the last 4 to 8.
#[inline(never)]
fn digits(scalar: &[u8; 32]) -> [i8; 64] {
    let mut digits = from_fn(|k| (scalar[k / 2] >> (4 * (k % 2)) & 15) as i8);
    digits[0] &= 8;
    digits[63] = (digits[63] & 3) | 4;
    for k in 0..63 {
        let carry = (digits[k] + 8) >> 4;
        digits[k] -= carry << 4;
        digits[k + 1] += carry;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_the_clamped_scalar_and_in_range() {
        for byte in 0..=255u8 {
            for scalar in [
                [byte; 32],
                from_fn(|i| byte.wrapping_mul(i as u8 | 1)),
                from_fn(|i| if i == 31 { byte } else { 0xff }),
            ] {
                let digits = digits(&scalar);
                assert!(digits[..63].iter().all(|digit| (-8..8).contains(digit)));
                assert!((4..=8).contains(&digits[63]));
                let mut clamped = scalar;
                clamped[0] &= 248;
                clamped[31] = (clamped[31] & 127) | 64;
                let mut rebuilt = [0; 32];
                let mut carry = 0;
                for (byte, pair) in rebuilt.iter_mut().zip(digits.as_chunks::<2>().0) {
                    carry += i32::from(pair[0]) + 16 * i32::from(pair[1]);
                    *byte = carry as u8;
                    carry >>= 8;
                }
                assert_eq!((rebuilt, carry), (clamped, 0));
            }
        }
    }
}
