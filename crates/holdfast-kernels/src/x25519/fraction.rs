//! Many divisions for the price of one: Montgomery's trick ("Speeding the Pollard and elliptic curve methods of
//! factorization", 1987, §10.3.1), on top of the four that share a lane each.

use alloc::vec::Vec;

use super::field::Fe;
use super::lanes::Lanes;

/// A quotient not yet divided out, in each lane. Both parts are of size 2.
#[derive(Clone, Copy, Default)]
pub struct Fraction {
    pub numerator: Fe,
    pub denominator: Fe,
}

impl Fraction {
    /// Lane 0 of `self` and of `other`, in lanes 0 and 1.
    pub fn beside(&self, other: &Self) -> Self {
        let mut both = *self;
        Fe::update(
            [&mut both.numerator, &mut both.denominator],
            [&other.numerator, &other.denominator],
            |[a, b], [c, d]| [a.shuffle::<0, 4, 0, 4>(c), b.shuffle::<0, 4, 0, 4>(d)],
        );
        both
    }

    /// Zero over zero becomes zero over one: as RFC 7748 §5 inverts zero to zero, and so that it cannot spoil a product.
    fn clear_zero_denominator(&mut self) {
        let is_zero = Lanes::new(self.denominator.carry().to_bytes().map(|bytes| {
            let words = bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word));
            let any = words.fold(0, |any, word| any | word);
            ((any | any.wrapping_neg()) >> 63) as i32 - 1
        }));
        Fe::update(
            [&mut self.numerator, &mut self.denominator],
            [&Fe::ZERO, &Fe::ONE],
            |[numerator, denominator], [zero, one]| [numerator.select(zero, is_zero), denominator.select(one, is_zero)],
        );
    }
}

/// The canonical bytes of each quotient; zero where the denominator is zero. `scratch` is as long as `fractions`.
pub fn divide(fractions: &mut [Fraction], scratch: &mut [Fe], mut emit: impl FnMut(usize, [[u8; 32]; 4])) {
    let mut product = Fe::ONE;
    for (fraction, before) in fractions.iter_mut().zip(scratch.iter_mut()) {
        fraction.clear_zero_denominator();
        *before = product;
        product.mul_assign(&fraction.denominator);
    }
    let mut inverse = product.invert();
    for (index, (fraction, before)) in fractions.iter().zip(scratch).enumerate().rev() {
        let quotient = fraction.numerator.mul(&inverse.mul(before));
        inverse.mul_assign(&fraction.denominator);
        emit(index, quotient.to_bytes());
    }
}

/// Replaces each element, none of them zero, by its inverse. Takes size 2; gives size 1.
pub fn invert_all(elements: &mut [Fe]) {
    let mut product = Fe::ONE;
    let mut products = Vec::with_capacity(elements.len());
    for element in elements.iter() {
        products.push(product);
        product.mul_assign(element);
    }
    let mut inverse = product.invert();
    for (element, before) in elements.iter_mut().zip(&products).rev() {
        let this = inverse.mul(before);
        inverse.mul_assign(element);
        *element = this;
    }
}
