use holdfast_core::aead::{self, Algorithm};
use holdfast_core::Error;

use crate::batch::{judge_length, judged, Batch};
use crate::memory::{bytes, bytes_mut, clean, SMALL};

fn algorithm(extended: bool) -> Algorithm {
    if extended {
        Algorithm::XChaCha20Poly1305
    } else {
        Algorithm::ChaCha20Poly1305
    }
}

/// Seals `length` bytes in place; the tag is written behind them.
#[no_mangle]
pub unsafe extern "C" fn aead_seal(
    extended: bool,
    key: &[u8; 32],
    nonce: *const u8,
    aad: *const u8,
    aad_length: usize,
    message: *mut u8,
    length: usize,
) -> u32 {
    clean::<SMALL>(|| {
        let algorithm = algorithm(extended);
        let nonce = bytes(nonce, algorithm.nonce_bytes());
        let tag = aead::seal_in_place(
            algorithm,
            key,
            nonce,
            bytes(aad, aad_length),
            bytes_mut(message, length),
        )?;
        bytes_mut(message.add(length), aead::TAG_BYTES).copy_from_slice(&tag);
        Ok(())
    })
}

/// Opens `length` bytes in place, whose tag stands behind them.
#[no_mangle]
pub unsafe extern "C" fn aead_open(
    extended: bool,
    key: &[u8; 32],
    nonce: *const u8,
    aad: *const u8,
    aad_length: usize,
    message: *mut u8,
    length: usize,
) -> u32 {
    clean::<SMALL>(|| {
        let algorithm = algorithm(extended);
        let nonce = bytes(nonce, algorithm.nonce_bytes());
        let tag = *message.add(length).cast::<[u8; aead::TAG_BYTES]>();
        aead::open_in_place(
            algorithm,
            key,
            nonce,
            bytes(aad, aad_length),
            bytes_mut(message, length),
            &tag,
        )
    })
}

/// Seals each message where it ends up, its tag behind it.
#[no_mangle]
pub unsafe extern "C" fn aead_seal_batch(extended: bool, batch: &mut Batch) -> u32 {
    clean::<SMALL>(|| {
        batch.spread(0, aead::TAG_BYTES);
        let length_of = |length: usize| length - aead::TAG_BYTES;
        if extended {
            for index in 0..batch.count() {
                let (place, length) = batch.message(index);
                let message = bytes_mut(place, length_of(length));
                let nonce = batch.nonce(index, 24);
                let algorithm = Algorithm::XChaCha20Poly1305;
                let tag = aead::seal_in_place(algorithm, batch.key(index), nonce, batch.aad(index), message)?;
                bytes_mut(place.add(length_of(length)), aead::TAG_BYTES).copy_from_slice(&tag);
            }
            return Ok(());
        }
        aead::seal_batch(&mut (0..batch.count()).map(|index| {
            let (place, length) = batch.message(index);
            let nonce = &*batch.nonce(index, 12).as_ptr().cast();
            batch.job(index, nonce, batch.aad(index), place, length_of(length))
        }));
        Ok(())
    })
}

/// Opens each message where it lies, then moves the plaintexts together.
#[no_mangle]
pub unsafe extern "C" fn aead_open_batch(extended: bool, batch: &mut Batch) -> u32 {
    clean::<SMALL>(|| {
        let at: *mut Batch = batch;
        let messages = judged(at, judge_length::<{ aead::TAG_BYTES }>);
        let mut refused = |index| (*at).refuse(index, Error::AuthFailed);
        if extended {
            for (index, place, length) in messages {
                let (message, tag) = bytes_mut(place, length).split_at_mut(length - aead::TAG_BYTES);
                let tag = &*tag.as_ptr().cast();
                let nonce = (*at).nonce(index, 24);
                let algorithm = Algorithm::XChaCha20Poly1305;
                if aead::open_in_place(algorithm, (*at).key(index), nonce, (*at).aad(index), message, tag).is_err() {
                    refused(index);
                }
            }
        } else {
            let mut jobs = messages.map(|(index, place, length)| {
                let nonce = &*(*at).nonce(index, 12).as_ptr().cast();
                (*at).job(index, nonce, (*at).aad(index), place, length - aead::TAG_BYTES)
            });
            aead::open_batch(&mut jobs, &mut refused);
        }
        (*at).gather(0, aead::TAG_BYTES);
        Ok(())
    })
}
