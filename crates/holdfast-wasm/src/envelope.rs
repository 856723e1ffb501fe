use holdfast_core::aead;
use holdfast_core::base64;
use holdfast_core::turtl::envelope::{self, HEADER_BYTES};
use holdfast_core::Error;

use crate::batch::{judged, Batch};
use crate::memory::{bytes, bytes_mut, clean, SMALL};

/// Seals a batch of Turtl envelopes: the header, which is the associated data, goes before each message, the tag behind.
#[no_mangle]
pub unsafe extern "C" fn envelope_seal_batch(batch: &mut Batch) -> u32 {
    clean::<SMALL>(|| {
        batch.spread(HEADER_BYTES, aead::TAG_BYTES);
        aead::seal_batch(&mut (0..batch.count()).map(|index| {
            let (place, length) = batch.message(index);
            let nonce: &[u8; 12] = &*batch.nonce(index, 12).as_ptr().cast();
            let header = bytes_mut(place, HEADER_BYTES);
            header.copy_from_slice(&envelope::header(nonce));
            batch.job(
                index,
                nonce,
                header,
                place.add(HEADER_BYTES),
                length - envelope::OVERHEAD,
            )
        }));
        Ok(())
    })
}

/// Opens a batch of Turtl envelopes; the plaintexts come together.
#[no_mangle]
pub unsafe extern "C" fn envelope_open_batch(batch: &mut Batch) -> u32 {
    clean::<SMALL>(|| {
        let at: *mut Batch = batch;
        let mut jobs = judged(at, envelope::judge).map(|(index, place, length)| {
            let header = bytes(place, HEADER_BYTES);
            let nonce = &*place.add(HEADER_BYTES - 12).cast();
            (*at).job(
                index,
                nonce,
                header,
                place.add(HEADER_BYTES),
                length - envelope::OVERHEAD,
            )
        });
        aead::open_batch(&mut jobs, &mut |index| (*at).refuse(index, Error::AuthFailed));
        (*at).gather(HEADER_BYTES, aead::TAG_BYTES);
        Ok(())
    })
}

/// Decodes base64 texts that lie one after another from `text` on, text `i` up to `ends[i]`; afterwards their bytes lie
/// there, those of text `i` up to `ends[i]`: none for a text that is no base64.
#[no_mangle]
pub unsafe extern "C" fn base64_decode_batch(text: *mut u8, length: usize, ends: *mut u32, count: usize) {
    base64::decode_all(bytes_mut(text, length), core::slice::from_raw_parts_mut(ends, count));
}
