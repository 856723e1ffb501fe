//! X25519 (RFC 7748). Secret keys are 32 raw bytes, clamped at use; public keys are read as RFC 7748 §5 says: the top bit is
//! ignored, and encodings of p and above stand for their residue.
//!
//! ```text
//! lanes      one 128-bit vector, on wasm32 and as an array
//! field      four elements of GF(2^255 - 19), one per lane
//! fraction   divisions shared by many results
//! inverse    the one inversion they come down to
//! ladder     any point: four at once, or one spread over the lanes
//! edwards    the same curve in the form that has fast additions
//! comb       many multiples of one point: the base point, or a recipient's
//! ```
//!
//! No branch or index depends on a secret. That a shared secret came out all zero is not secret: it is refused in every path.
//! All arithmetic happens below one call, after which the stack it used is wiped.

mod comb;
mod edwards;
mod field;
mod fraction;
mod inverse;
mod ladder;
mod lanes;

use alloc::boxed::Box;
use core::array::from_fn;
use core::hint::black_box;

use once_cell::race::OnceBox;
use zeroize::{Zeroize, Zeroizing};

use crate::{Error, Result};
use comb::Comb;
use field::Fe;
use fraction::{divide, Fraction};

/// Vectors of four divided together.
const FOURS: usize = 16;

/// u = 9 (RFC 7748 §4.1).
const BASE_POINT: [u8; 32] = {
    let mut u = [0; 32];
    u[0] = 9;
    u
};

fn base_comb() -> &'static Comb {
    static COMB: OnceBox<Comb> = OnceBox::new();
    COMB.get_or_init(|| Box::new(Comb::new(&BASE_POINT).expect("the base point is on the curve and of high order")))
}

/// The public key of a secret. The first call builds the base point's table, which costs about two ladders.
pub fn derive_public_key(secret: &[u8; 32]) -> [u8; 32] {
    let mut public = [[0; 32]];
    derive_public_keys(core::slice::from_ref(secret), &mut public);
    public[0]
}

/// The shared secret, or [`Error::WeakPublicKey`] when it would be all zero. What is handed up is wiped when dropped; use
/// [`shared_secrets`] to have it written where it stays.
pub fn shared_secret(secret: &[u8; 32], public: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>> {
    let mut shared = Zeroizing::new([[0; 32]]);
    quotients_into(&mut *shared, &|_| ladder::one(secret, public), &|_| Fraction::default());
    refuse_zero(&shared[0])?;
    Ok(Zeroizing::new(shared[0]))
}

/// The public key of each secret; `publics` is as long as `secrets`.
pub fn derive_public_keys(secrets: &[[u8; 32]], publics: &mut [[u8; 32]]) {
    base_comb().multiples_into(secrets, publics);
}

/// The shared secret of each pair. All three slices have one length. A result that would be all zero is
/// written as zeros and its index handed to `refused`: it must not be used.
pub fn shared_secrets(
    secrets: &[[u8; 32]],
    publics: &[[u8; 32]],
    out: &mut [[u8; 32]],
    mut refused: impl FnMut(usize),
) {
    assert!(secrets.len() == publics.len() && secrets.len() == out.len());
    ladders_into(|index| (&secrets[index], &publics[index]), out);
    for (index, shared) in out.iter().enumerate() {
        if is_zero(shared) {
            refused(index);
        }
    }
}

fn ladders_into<'a>(pair: impl Fn(usize) -> (&'a [u8; 32], &'a [u8; 32]), out: &mut [[u8; 32]]) {
    quotients_into(
        out,
        &|index| {
            let (secret, public) = pair(index);
            ladder::one(secret, public)
        },
        &|indices| ladder::four(indices.map(|index| pair(index).0), indices.map(|index| pair(index).1)),
    );
}

impl Comb {
    fn multiples_into(&self, secrets: &[[u8; 32]], out: &mut [[u8; 32]]) {
        assert_eq!(secrets.len(), out.len());
        quotients_into(out, &|index| self.one(&secrets[index]), &|indices| {
            self.four(indices.map(|index| &secrets[index]))
        });
    }
}

/// What a sender of one message needs, written where it stays, as a value handed up would leave copies behind.
#[derive(Default)]
pub struct Exchange {
    pub public_key: [u8; 32],
    pub shared: Zeroizing<[u8; 32]>,
}

/// [`derive_public_key`] and [`shared_secret`] with one division.
pub fn exchange(secret: &[u8; 32], peer: &[u8; 32], exchanged: &mut Exchange) -> Result<()> {
    exchange_with(secret, || ladder::one(secret, peer), exchanged)
}

fn exchange_with(secret: &[u8; 32], shared: impl Fn() -> Fraction, exchanged: &mut Exchange) -> Result<()> {
    let mut both = Zeroizing::new([[0; 32]; 2]);
    let base = base_comb();
    quotients_into(
        &mut *both,
        &|index| if index == 0 { base.one(secret) } else { shared() },
        &|_| Fraction::default(),
    );
    exchanged.public_key = both[0];
    *exchanged.shared = both[1];
    refuse_zero(&exchanged.shared)
}

/// One public key made ready for many shared secrets. Making it costs about two of them.
pub struct RecipientTable {
    public: [u8; 32],
    /// None for a key on the twist, which has no Edwards form: those go up the ladder.
    comb: Option<Comb>,
}

impl RecipientTable {
    /// [`Error::WeakPublicKey`] for a point of low order, with which every shared secret is all zero.
    pub fn new(public: &[u8; 32]) -> Result<Self> {
        let comb = Comb::new(public);
        if comb.is_none() {
            shared_secret(&[0; 32], public)?;
        }
        Ok(Self { public: *public, comb })
    }

    /// The shared secret of each secret with this public key; `out` is as long as `secrets`.
    ///
    /// None is all zero: the point is not of low order, so 8 P has the prime order of the curve's or the twist's large subgroup, and a clamped scalar is
    /// 8 k with 2^251 ≤ k < 2^252, less than either prime.
    pub fn shared_secrets(&self, secrets: &[[u8; 32]], out: &mut [[u8; 32]]) {
        assert_eq!(secrets.len(), out.len());
        match &self.comb {
            Some(comb) => comb.multiples_into(secrets, out),
            None => ladders_into(|index| (&secrets[index], &self.public), out),
        }
        assert!(!out.iter().any(is_zero), "refused when the table was made");
    }

    /// [`exchange`] with this public key.
    pub fn exchange(&self, secret: &[u8; 32], exchanged: &mut Exchange) -> Result<()> {
        let shared = || match &self.comb {
            Some(comb) => comb.one(secret),
            None => ladder::one(secret, &self.public),
        };
        exchange_with(secret, shared, exchanged)
    }
}

fn refuse_zero(shared: &[u8; 32]) -> Result<()> {
    if is_zero(shared) {
        return Err(Error::WeakPublicKey);
    }
    Ok(())
}

/// Compared whole.
fn is_zero(bytes: &[u8; 32]) -> bool {
    bytes.iter().fold(0, |any, byte| any | byte) == 0
}

/// Fills `out` by fours; one or two left over are cheaper alone (three are not). The fraction of `one` is in lane 0.
fn quotients_into(out: &mut [[u8; 32]], one: &dyn Fn(usize) -> Fraction, four: &dyn Fn([usize; 4]) -> Fraction) {
    fill(out, one, four);
    wipe_stack();
}

#[inline(never)]
fn fill(out: &mut [[u8; 32]], one: &dyn Fn(usize) -> Fraction, four: &dyn Fn([usize; 4]) -> Fraction) {
    let mut fractions = [Fraction::default(); FOURS];
    let mut scratch = [Fe::ZERO; FOURS];
    for (group, out) in out.chunks_mut(4 * FOURS).enumerate() {
        let mut count = 0;
        for (fraction, four_out) in fractions.iter_mut().zip(out.chunks(4)) {
            let first = (group * FOURS + count) * 4;
            *fraction = match four_out.len() {
                1 => one(first),
                2 => one(first).beside(&one(first + 1)),
                length => four(from_fn(|lane| first + lane.min(length - 1))),
            };
            count += 1;
        }
        divide(&mut fractions[..count], &mut scratch[..count], |index, quotients| {
            for (out, quotient) in out[4 * index..].iter_mut().zip(&quotients) {
                *out = *quotient;
            }
        });
    }
}

/// Overwrites the stack below the caller's frame, where the calls made before kept scalars, points and results. Those go 20 KB deep.
#[inline(never)]
fn wipe_stack() {
    let mut below = [0u64; 3072];
    black_box(&mut below).zeroize();
}

#[cfg(test)]
mod tests;
