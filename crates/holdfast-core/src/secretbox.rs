//! XSalsa20-Poly1305 as NaCl's `crypto_secretbox`, the tag apart from the ciphertext.

use crypto_secretbox::aead::{AeadInPlace, KeyInit};
use crypto_secretbox::XSalsa20Poly1305;
use salsa20::cipher::consts::U10;
use zeroize::Zeroize;

use crate::{Error, Result};

pub const TAG_BYTES: usize = 16;

/// Seals `message` in place: it becomes the ciphertext, and the tag is the answer.
pub fn seal_in_place(key: &[u8; 32], nonce: &[u8; 24], message: &mut [u8]) -> [u8; 16] {
    XSalsa20Poly1305::new(key.into())
        .encrypt_in_place_detached(nonce.into(), &[], message)
        .map(Into::into)
        .unwrap_or_default()
}

/// Opens `message` in place; on [`Error::AuthFailed`] it is zeroed.
pub fn open_in_place(key: &[u8; 32], nonce: &[u8; 24], message: &mut [u8], tag: &[u8; 16]) -> Result<()> {
    XSalsa20Poly1305::new(key.into())
        .decrypt_in_place_detached(nonce.into(), &[], message, tag.into())
        .map_err(|_| {
            message.zeroize();
            Error::AuthFailed
        })
}

/// HSalsa20: the subkey of a key and 16 bytes (NaCl `crypto_core_hsalsa20`).
pub fn hsalsa20(key: &[u8; 32], input: &[u8; 16]) -> [u8; 32] {
    salsa20::hsalsa::<U10>(key.into(), input.into()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_what_was_sealed_and_zeroes_what_was_forged() {
        let mut message = *b"message";
        let tag = seal_in_place(&[1; 32], &[2; 24], &mut message);
        let mut forged = message;
        assert_eq!(
            open_in_place(&[1; 32], &[3; 24], &mut forged, &tag),
            Err(Error::AuthFailed)
        );
        assert_eq!(forged, [0; 7]);
        open_in_place(&[1; 32], &[2; 24], &mut message, &tag).unwrap();
        assert_eq!(&message, b"message");
    }
}
