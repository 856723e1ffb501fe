//! The twisted Edwards curve -x² + y² = 1 + d x² y² that is birationally equivalent to curve25519 by u = (1 + y) / (1 - y)
//! (RFC 7748 §4.1), four points at once, one per lane, in extended coordinates: x = X / Z, y = Y / Z, T = X Y / Z.
//!
//! -1 is a square and d is none, so the addition law is complete: no pair of points needs a case of its own, the identity included.
//! In the comments a number behind a name is its size (see `field`); all coordinates between operations are of size 1.
//!
//! Source: Hisil, Wong, Carter and Dawson, "Twisted Edwards curves revisited" (2008), §3.1, §3.3, and §4.4 for doubling in parallel.

use super::field::Fe;
use super::fraction::Fraction;

const D: Fe = Fe::from_limbs(&[
    -1866, -1332, -3451, -2404, -2209, 3158, 1287, 2472, -4086, 4, -1498, 3828, 1943, 928, 3635, -50, 2928, 1905, 219,
    -92,
]);
const TWICE_D: Fe = Fe::from_limbs(&[
    -3751, -2664, 1290, 3383, 3773, -1877, 2575, -3248, 21, 7, -2996, -536, 3887, 1856, -922, -99, -2336, 3811, 438, 72,
]);
const SQRT_MINUS_ONE: Fe = Fe::from_limbs(&[
    176, -3979, 2515, -970, 3151, -3524, -2880, 214, 792, -1670, -2582, -1032, 2452, 1664, 3245, -1055, 4034, 1026,
    201, 87,
]);
/// 1/2 = 2^254 - 9.
const HALF: Fe = Fe::from_limbs(&[10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -128]);

#[derive(Clone, Copy)]
pub struct Point {
    pub x: Fe,
    pub y: Fe,
    pub z: Fe,
    pub t: Fe,
}

/// A point made ready to be added: (y + x) / 2, (y - x) / 2 and d x y, of size 1. Halves, so that nothing needs doubling later.
#[derive(Clone, Copy)]
pub struct Prepared {
    pub sum: Fe,
    pub difference: Fe,
    pub product: Fe,
}

impl Prepared {
    pub const IDENTITY: Self = Self {
        sum: HALF,
        difference: HALF,
        product: Fe::ZERO,
    };

    /// Of affine coordinates of size 1.
    #[inline(never)]
    pub fn new(x: &Fe, y: &Fe) -> Self {
        Self {
            sum: y.add(x).mul(&HALF),
            difference: y.sub(x).mul(&HALF),
            product: x.mul(y).mul(&D),
        }
    }
}

impl Point {
    pub const IDENTITY: Self = Self {
        x: Fe::ZERO,
        y: Fe::ONE,
        z: Fe::ONE,
        t: Fe::ZERO,
    };

    /// A point with this u coordinate, the same in all lanes; which of the two does not matter, as only u comes out again.
    /// `None` when u lies on the twist. Not constant time: for public keys.
    #[inline(never)]
    pub fn from_u(u: &[u8; 32]) -> Option<Self> {
        let u = Fe::from_bytes([u; 4]);
        let above = u.add(&Fe::ONE); // 2
        if is_zero(&above) {
            return None; // u = -1, which has no y, is on the twist
        }
        let y = u.sub(&Fe::ONE).mul(&above.invert());
        let yy = y.square();
        let numerator = yy.sub(&Fe::ONE); // 2
        let denominator = yy.mul(&D).add(&Fe::ONE); // 2
        let x = square_root_of_ratio(&numerator, &denominator)?;
        Some(Self {
            x,
            y,
            z: Fe::ONE,
            t: x.mul(&y),
        })
    }

    #[inline(never)]
    pub fn add(&self, other: &Self) -> Self {
        let a = self.y.sub(&self.x).mul(&other.y.sub(&other.x));
        let b = self.y.add(&self.x).mul(&other.y.add(&other.x));
        let c = self.t.mul(&TWICE_D).mul(&other.t);
        let d = self.z.mul(&other.z.add(&other.z));
        Self::from_efgh(&b.sub(&a), &d.sub(&c), &d.add(&c), &b.add(&a))
    }

    #[inline(never)]
    pub fn add_prepared(&self, other: &Prepared) -> Self {
        let a = self.y.sub(&self.x).mul(&other.difference);
        let b = self.y.add(&self.x).mul(&other.sum);
        let c = self.t.mul(&other.product);
        Self::from_efgh(&b.sub(&a), &self.z.sub(&c), &self.z.add(&c), &b.add(&a))
    }

    #[inline(never)]
    pub fn double(&self) -> Self {
        let a = self.x.square();
        let b = self.y.square();
        let zz = self.z.square();
        let h = a.add(&b); // 2
        let e = h.sub(&self.x.add(&self.y).square()); // 3
        let g = a.sub(&b); // 2
        let f = g.add(&zz.add(&zz)).carry(); // 1
        Self::from_efgh(&e, &f, &g, &h)
    }

    pub fn times_sixteen(&self) -> Self {
        self.double().double().double().double()
    }

    /// Sizes e 3, f 1, g 2, h 2, or 2 each: no product of sizes is above 6.
    #[inline(always)]
    fn from_efgh(e: &Fe, f: &Fe, g: &Fe, h: &Fe) -> Self {
        Self {
            x: e.mul(f),
            y: g.mul(h),
            z: f.mul(g),
            t: e.mul(h),
        }
    }

    /// Each lane replaced by the lane of that number.
    pub fn permute<const A: usize, const B: usize, const C: usize, const D: usize>(&self) -> Self {
        Self {
            x: self.x.shuffle_once::<A, B, C, D>(&self.x),
            y: self.y.shuffle_once::<A, B, C, D>(&self.y),
            z: self.z.shuffle_once::<A, B, C, D>(&self.z),
            t: self.t.shuffle_once::<A, B, C, D>(&self.t),
        }
    }

    /// u = (1 + y) / (1 - y) = (Z + Y) / (Z - Y).
    pub fn u(&self) -> Fraction {
        Fraction {
            numerator: self.z.add(&self.y),
            denominator: self.z.sub(&self.y),
        }
    }
}

/// One point in four lanes, X, Y, Z, T, for the chain of doublings that no other work can share.
#[derive(Clone, Copy)]
pub struct Single(Fe);

impl Single {
    /// Lane 0 of `point`.
    pub fn new(point: &Point) -> Self {
        Self(Fe::transpose(&[point.x, point.y, point.z, point.t])[0])
    }

    /// The formulas of [`Point::double`], its four squares and its four products each at once.
    #[inline(never)]
    pub fn double(&self) -> Self {
        let xyz = self.0;
        // (X, Y, Z, X + Y) squared: A, B, Z², S.
        let sum = xyz.add(&xyz.shuffle::<1, 0, 3, 2>(&xyz));
        let squares = xyz.shuffle::<0, 1, 2, 4>(&sum).square();
        let turned = squares.shuffle::<1, 0, 2, 3>(&squares);
        let h = squares.add(&turned); // A + B in lane 0, 2 Z² in lane 2
        let g = squares.sub(&turned); // A - B in lane 0
        let e = h.sub(&squares.shuffle::<3, 3, 3, 3>(&squares)); // 3, lane 0
        let f = g.add(&h.shuffle::<2, 2, 2, 2>(&h)).carry(); // 1, lane 0
                                                             // (E, G, F, E) · (F, H, G, H)
        let left = e.shuffle::<0, 4, 0, 0>(&g).shuffle::<0, 1, 4, 3>(&f);
        let right = f.shuffle::<0, 0, 4, 0>(&g).shuffle::<0, 4, 2, 4>(&h);
        Self(left.mul(&right))
    }

    /// Four such points as one [`Point`] of four lanes.
    pub fn gather(points: &[Self; 4]) -> Point {
        let [x, y, z, t] = Fe::transpose(&points.map(|point| point.0));
        Point { x, y, z, t }
    }

    /// Not constant time: for public keys.
    pub fn is_identity(&self) -> bool {
        self.0.to_bytes()[0] == [0; 32]
    }
}

fn is_zero(value: &Fe) -> bool {
    value.carry().to_bytes() == [[0; 32]; 4]
}

/// A root of `numerator / denominator`, both of size 2, the same in all lanes; `None` when the quotient is no square (RFC 8032 §5.1.3).
fn square_root_of_ratio(numerator: &Fe, denominator: &Fe) -> Option<Fe> {
    let (u, v) = (numerator.carry(), denominator.carry());
    let v3 = v.square().mul(&v);
    let v7 = v3.square().mul(&v);
    let root = u.mul(&v3).mul(&u.mul(&v7).pow_p58());
    let check = root.square().mul(&v);
    if is_zero(&check.sub(&u)) {
        Some(root)
    } else if is_zero(&check.add(&u)) {
        Some(root.mul(&SQRT_MINUS_ONE))
    } else {
        None
    }
}
