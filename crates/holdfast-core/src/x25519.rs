//! X25519 (RFC 7748). Secret keys are 32 raw bytes, clamped at use.

use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::{Error, Result};

pub fn derive_public_key(secret_key: &[u8; 32]) -> [u8; 32] {
    PublicKey::from(&StaticSecret::from(*secret_key)).to_bytes()
}

/// The shared secret, or [`Error::WeakPublicKey`] when it would be all zero, compared in constant time.
pub fn shared_secret(secret_key: &[u8; 32], public_key: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>> {
    let shared = StaticSecret::from(*secret_key).diffie_hellman(&PublicKey::from(*public_key));
    if shared.was_contributory() {
        Ok(Zeroizing::new(shared.to_bytes()))
    } else {
        Err(Error::WeakPublicKey)
    }
}

/// The public key of each secret; `publics` is as long as `secrets`.
pub fn derive_public_keys(secrets: &[[u8; 32]], publics: &mut [[u8; 32]]) {
    assert_eq!(secrets.len(), publics.len());
    for (secret, public) in secrets.iter().zip(publics) {
        *public = derive_public_key(secret);
    }
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
    for (index, out) in out.iter_mut().enumerate() {
        *out = [0; 32];
        match shared_secret(&secrets[index], &publics[index]) {
            Ok(shared) => *out = *shared,
            Err(_) => refused(index),
        }
    }
}

/// One public key made ready for many shared secrets.
pub struct RecipientTable {
    public: [u8; 32],
}

impl RecipientTable {
    /// [`Error::WeakPublicKey`] for a point of low order, with which every shared secret is all zero.
    pub fn new(public: &[u8; 32]) -> Result<Self> {
        shared_secret(&[0; 32], public)?;
        Ok(Self { public: *public })
    }

    /// The shared secret of each secret with this public key; `out` is as long as `secrets`. None is all zero.
    pub fn shared_secrets(&self, secrets: &[[u8; 32]], out: &mut [[u8; 32]]) {
        assert_eq!(secrets.len(), out.len());
        for (secret, out) in secrets.iter().zip(out) {
            *out = shared_secret(secret, &self.public).map_or([0; 32], |shared| *shared);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The law of RFC 7748 §6.1.
    #[test]
    fn both_sides_agree() {
        let alice: [u8; 32] = std::array::from_fn(|i| i as u8);
        let bob = [9; 32];
        let one = shared_secret(&alice, &derive_public_key(&bob)).unwrap();
        let other = shared_secret(&bob, &derive_public_key(&alice)).unwrap();
        assert_eq!(one, other);
    }

    #[test]
    fn refuses_points_of_low_order() {
        for low in ["00", "01"] {
            let mut point = [0; 32];
            point[0] = hex::decode(low).unwrap()[0];
            assert_eq!(shared_secret(&[5; 32], &point), Err(Error::WeakPublicKey));
        }
    }
}
