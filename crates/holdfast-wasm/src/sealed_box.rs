use alloc::boxed::Box;
use core::ptr;

use holdfast_core::sealed_box::{self, OpenJob, SealJob, OVERHEAD};
use holdfast_core::x25519::RecipientTable;
use holdfast_core::Error;

use crate::batch::{judge_length, judged, Batch};
use crate::memory::{bytes_mut, clean, BATCH};

/// Seals `length` bytes in place, behind 48 bytes for the header. `table` is null, or of the recipient.
#[no_mangle]
pub unsafe extern "C" fn sealed_box_seal(
    table: *const RecipientTable,
    public_key: &[u8; 32],
    ephemeral: &[u8; 32],
    message: *mut u8,
    length: usize,
) -> u32 {
    clean::<BATCH>(|| {
        let header = sealed_box::seal_in_place(table.as_ref(), public_key, ephemeral, bytes_mut(message, length))?;
        *message.sub(OVERHEAD).cast::<[u8; OVERHEAD]>() = header;
        Ok(())
    })
}

/// Opens `length` bytes in place, whose header stands before them.
#[no_mangle]
pub unsafe extern "C" fn sealed_box_open(
    public_key: &[u8; 32],
    secret_key: &[u8; 32],
    message: *mut u8,
    length: usize,
) -> u32 {
    clean::<BATCH>(|| {
        let header = *message.sub(OVERHEAD).cast::<[u8; OVERHEAD]>();
        sealed_box::open_in_place(public_key, secret_key, &header, bytes_mut(message, length))
    })
}

/// Seals each message where it ends up, behind its header, to the recipients whose public keys are the batch's keys; its
/// nonces are the ephemeral secrets. Refused as a whole: then nothing of it is to be used.
#[no_mangle]
pub unsafe extern "C" fn sealed_box_seal_batch(batch: &mut Batch) -> u32 {
    clean::<BATCH>(|| {
        batch.spread(OVERHEAD, 0);
        let mut sealed = Ok(());
        let jobs = (0..batch.count()).map(|index| {
            let (place, length) = batch.message(index);
            SealJob {
                public_key: batch.key(index),
                ephemeral_secret: &*batch.nonce(index, 32).as_ptr().cast(),
                message: bytes_mut(place.add(OVERHEAD), length - OVERHEAD),
                header: &mut *place.cast(),
            }
        });
        sealed_box::seal_batch(batch.table(), jobs, |_| sealed = Err(Error::WeakPublicKey));
        sealed
    })
}

/// Opens each box where it lies, then moves the plaintexts together. The one key of all is a public key with its secret key
/// behind it.
#[no_mangle]
pub unsafe extern "C" fn sealed_box_open_batch(batch: &mut Batch) -> u32 {
    clean::<BATCH>(|| {
        let at: *mut Batch = batch;
        let [public_key, secret_key]: &[[u8; 32]; 2] = &*(*at).key_at(0).cast();
        let jobs = judged(at, judge_length::<OVERHEAD>).map(|(index, place, length)| OpenJob {
            index,
            header: &*place.cast(),
            message: bytes_mut(place.add(OVERHEAD), length - OVERHEAD),
        });
        sealed_box::open_batch(public_key, secret_key, jobs, |index| {
            (*at).refuse(index, Error::AuthFailed)
        });
        (*at).gather(OVERHEAD, 0);
        Ok(())
    })
}

/// The table of a recipient, until [`recipient_release`]; null for a weak public key.
#[no_mangle]
pub extern "C" fn recipient_table(public_key: &[u8; 32]) -> *mut RecipientTable {
    let mut at = ptr::null_mut();
    clean::<BATCH>(|| {
        at = Box::into_raw(Box::new(RecipientTable::new(public_key)?));
        Ok(())
    });
    at
}

#[no_mangle]
pub unsafe extern "C" fn recipient_release(table: *mut RecipientTable) {
    drop(Box::from_raw(table));
}
