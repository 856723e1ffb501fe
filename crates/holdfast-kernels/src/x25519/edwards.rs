//! The twisted Edwards curve -x² + y² = 1 + d x² y² that is birationally equivalent to curve25519 by u = (1 + y) / (1 - y)
//! (RFC 7748 §4.1), four points at once, one per lane, in extended coordinates: x = X / Z, y = Y / Z, T = X Y / Z.
//!
//! -1 is a square and d is none, so the addition law is complete: no pair of points needs a case of its own, the identity included.
//! In the comments a number behind a name is its size (see `field`); all coordinates between operations are of size 1.
//!
//! Source: Hisil, Wong, Carter and Dawson, "Twisted Edwards curves revisited" (2008), §3.1, §3.3, and §4.4 for doubling in parallel.

use super::field::Fe;
use super::fraction::Fraction;
use super::lanes::Lanes;

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
        let (sum, difference) = y.plus_minus(x);
        Self {
            sum: sum.mul(&HALF),
            difference: difference.mul(&HALF),
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
        let (above, below) = u.plus_minus(&Fe::ONE); // 2
        if is_zero(&above) {
            return None; // u = -1, which has no y, is on the twist
        }
        let y = below.mul(&above.invert());
        let yy = y.square();
        let (_, numerator) = yy.plus_minus(&Fe::ONE); // 2
        let (denominator, _) = yy.mul(&D).plus_minus(&Fe::ONE); // 2
        let x = square_root_of_ratio(&numerator, &denominator)?;
        Some(Self {
            x,
            y,
            z: Fe::ONE,
            t: x.mul(&y),
        })
    }

    #[inline(never)]
    pub fn add(&mut self, other: &Self) {
        let mut other = *other;
        differences_and_sums(&mut self.x, &mut self.y);
        differences_and_sums(&mut other.x, &mut other.y);
        self.x.mul_assign(&other.x);
        self.y.mul_assign(&other.y);
        self.t.mul_assign(&TWICE_D);
        self.t.mul_assign(&other.t);
        self.z.mul_assign(&other.z.plus_minus(&other.z).0);
        self.finish_sum();
    }

    #[inline(never)]
    pub fn add_prepared(&mut self, other: &Prepared) {
        differences_and_sums(&mut self.x, &mut self.y);
        self.x.mul_assign(&other.difference);
        self.y.mul_assign(&other.sum);
        self.t.mul_assign(&other.product);
        self.finish_sum();
    }

    #[inline(never)]
    pub fn double(&mut self) {
        let Self { x, y, z, t } = self;
        Fe::update([&mut *t], [&*x, &*y], |[_], [x, y]| [x.add_halves(y)]);
        for coordinate in [&mut *x, &mut *y, &mut *z, &mut *t] {
            coordinate.square_assign();
        }
        Fe::update([&mut *x, &mut *y, &mut *z, &mut *t], [], |[a, b, zz, s], []| {
            let (g, h) = (a.sub_halves(b), a.add_halves(b)); // 2
            [h.sub_halves(s), h, g, g.add_halves(zz).add_halves(zz)]
        });
        *t = t.carry();
        self.multiply_ehgf();
    }

    pub fn times_sixteen(&mut self) {
        for _ in 0..4 {
            self.double();
        }
    }

    /// Of A, B, D, C in the places of x, y, z, t, the sum: E = B - A, H = B + A, G = D + C, F = D - C, and their products.
    #[inline(never)]
    fn finish_sum(&mut self) {
        let Self { x, y, z, t } = self;
        Fe::update([x, y, z, t], [], |[a, b, d, c], []| {
            [b.sub_halves(a), b.add_halves(a), d.add_halves(c), d.sub_halves(c)]
        });
        self.multiply_ehgf();
    }

    /// Of E, H, G, F in the places of x, y, z, t, the point E F, G H, F G, E H. Sizes e 3, f 1, g 2, h 2, or 2 each: no product
    /// of sizes is above 6.
    fn multiply_ehgf(&mut self) {
        let Self { x: e, y: h, z: g, t: f } = self;
        let mut eh = *e;
        eh.mul_assign(h);
        e.mul_assign(f);
        h.mul_assign(g);
        g.mul_assign(f);
        *f = eh;
    }

    /// Each lane replaced by the lane of that number.
    #[inline(always)]
    pub fn permuted<const A: usize, const B: usize, const C: usize, const D: usize>(&self) -> Self {
        let mut permuted = *self;
        let Self { x, y, z, t } = &mut permuted;
        Fe::update([x, y, z, t], [], |lanes, []| lanes.map(Lanes::permute::<A, B, C, D>));
        permuted
    }

    /// u = (1 + y) / (1 - y) = (Z + Y) / (Z - Y).
    pub fn u(&self) -> Fraction {
        let (numerator, denominator) = self.z.plus_minus(&self.y);
        Fraction { numerator, denominator }
    }
}

/// One point in four lanes, X, Y, Z, T, for the chain of doublings that no other work can share.
#[derive(Clone, Copy)]
pub struct Single(Fe);

impl Single {
    /// Lane 0 of `point`.
    pub fn new(point: &Point) -> Self {
        let mut coordinates = [point.x, point.y, point.z, point.t];
        Fe::transpose(&mut coordinates);
        Self(coordinates[0])
    }

    /// The formulas of [`Point::double`], its four squares and its four products each at once.
    #[inline(never)]
    pub fn double(&mut self) {
        // (X, Y, Z, X + Y) squared: A, B, Z², S.
        let left = &mut self.0;
        Fe::update([&mut *left], [], |[xyz], []| {
            [xyz.shuffle::<0, 1, 2, 4>(xyz.add_halves(xyz.permute::<1, 0, 3, 2>()))]
        });
        left.square_assign();
        let (mut f, mut right) = (*left, *left);
        // (E, G, F, E) · (F, H, G, H)
        Fe::update([&mut *left, &mut right, &mut f], [], |[squares, ..], []| {
            let turned = squares.permute::<1, 0, 2, 3>();
            let h = squares.add_halves(turned); // A + B in lane 0, 2 Z² in lane 2
            let g = squares.sub_halves(turned); // A - B in lane 0
            let e = h.sub_halves(squares.permute::<3, 3, 3, 3>()); // 3, lane 0
            [
                e.shuffle::<0, 4, 0, 0>(g),
                g.shuffle::<0, 4, 0, 4>(h),
                g.add_halves(h.permute::<2, 2, 2, 2>()),
            ]
        });
        let f = f.carry(); // 1, lane 0
        Fe::update([&mut *left, &mut right], [&f], |[eg, gh], [f]| {
            [eg.shuffle::<0, 1, 4, 3>(f), gh.shuffle::<4, 1, 0, 3>(f)]
        });
        left.mul_assign(&right);
    }

    /// Four such points as one [`Point`] of four lanes.
    pub fn gather(points: &[Self; 4]) -> Point {
        let mut coordinates = points.map(|point| point.0);
        Fe::transpose(&mut coordinates);
        let [x, y, z, t] = coordinates;
        Point { x, y, z, t }
    }

    /// Not constant time: for public keys.
    pub fn is_identity(&self) -> bool {
        self.0.to_bytes()[0] == [0; 32]
    }
}

/// y - x and y + x, of size 2.
#[inline(always)]
fn differences_and_sums(x: &mut Fe, y: &mut Fe) {
    Fe::update([x, y], [], |[x, y], []| [y.sub_halves(x), y.add_halves(x)]);
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
    let (sum, difference) = check.plus_minus(&u);
    if is_zero(&difference) {
        Some(root)
    } else if is_zero(&sum) {
        Some(root.mul(&SQRT_MINUS_ONE))
    } else {
        None
    }
}
