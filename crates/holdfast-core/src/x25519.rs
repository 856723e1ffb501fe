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
