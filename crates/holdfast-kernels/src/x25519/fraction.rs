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
        Self {
            numerator: self.numerator.shuffle_once::<0, 4, 0, 4>(&other.numerator),
            denominator: self.denominator.shuffle_once::<0, 4, 0, 4>(&other.denominator),
        }
    }

    /// Zero over zero becomes zero over one: as RFC 7748 §5 inverts zero to zero, and so that it cannot spoil a product.
    fn without_zero_denominator(&self) -> Self {
        let is_zero = Lanes::new(self.denominator.carry().to_bytes().map(|bytes| {
            let words = bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word));
            let any = words.fold(0, |any, word| any | word);
            ((any | any.wrapping_neg()) >> 63) as i32 - 1
        }));
        Self {
            numerator: self.numerator.select_once(&Fe::ZERO, is_zero),
            denominator: self.denominator.select_once(&Fe::ONE, is_zero),
        }
    }
}

/// The canonical bytes of each quotient; zero where the denominator is zero. `scratch` is as long as `fractions`.
pub fn divide(fractions: &mut [Fraction], scratch: &mut [Fe], mut emit: impl FnMut(usize, [[u8; 32]; 4])) {
    let mut product = Fe::ONE;
    for (fraction, before) in fractions.iter_mut().zip(scratch.iter_mut()) {
        *fraction = fraction.without_zero_denominator();
        *before = product;
        product = product.mul(&fraction.denominator);
    }
    let mut inverse = product.invert();
    for (index, (fraction, before)) in fractions.iter().zip(scratch).enumerate().rev() {
        let quotient = fraction.numerator.mul(&inverse.mul(before));
        inverse = inverse.mul(&fraction.denominator);
        emit(index, quotient.to_bytes());
    }
}

/// Replaces each element, none of them zero, by its inverse. Takes size 2; gives size 1.
pub fn invert_all(elements: &mut [Fe]) {
    let mut product = Fe::ONE;
    let mut products = Vec::with_capacity(elements.len());
    for element in elements.iter() {
        products.push(product);
        product = product.mul(element);
    }
    let mut inverse = product.invert();
    for (element, before) in elements.iter_mut().zip(&products).rev() {
        let this = inverse.mul(before);
        inverse = inverse.mul(element);
        *element = this;
    }
}
