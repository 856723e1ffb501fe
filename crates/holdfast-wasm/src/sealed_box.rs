use alloc::boxed::Box;
use core::{ptr, slice};

use holdfast_core::sealed_box::{self, OpenJob, SealJob, SealToJob, OVERHEAD};
use holdfast_core::x25519::RecipientTable;
use holdfast_core::Error;

use crate::memory::{bytes_mut, clean, BATCH};

/// Seals `length` bytes in place, behind 48 bytes for the header.
#[no_mangle]
pub unsafe extern "C" fn sealed_box_seal(
    public_key: &[u8; 32],
    ephemeral: &[u8; 32],
    message: *mut u8,
    length: usize,
) -> u32 {
    clean::<BATCH>(|| {
        let header = sealed_box::seal_in_place(public_key, ephemeral, bytes_mut(message, length))?;
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

/// One box of a batch, as six numbers.
#[repr(C)]
pub struct BoxJob {
    public_key: *const [u8; 32],
    /// Of this box alone.
    ephemeral_secret: *const [u8; 32],
    /// Where the message lies before the call.
    source: *mut u8,
    /// Where it lies after the call, behind its header.
    message: *mut u8,
    /// Of the plaintext.
    length: usize,
    /// Why it was refused; a number that stands here before the call stays.
    code: u32,
}

impl BoxJob {
    unsafe fn header<'a>(&self, message: *mut u8) -> &'a mut [u8; OVERHEAD] {
        &mut *message.sub(OVERHEAD).cast()
    }
}

/// Moves each message from its source to its place, last first, and seals it there; the header is written before it.
#[no_mangle]
pub unsafe extern "C" fn sealed_box_seal_batch(jobs: *mut BoxJob, count: usize) -> u32 {
    clean::<BATCH>(|| {
        spread(slice::from_raw_parts(jobs, count));
        let each = (0..count).map(|index| {
            let job = &*jobs.add(index);
            SealJob {
                public_key: &*job.public_key,
                ephemeral_secret: &*job.ephemeral_secret,
                message: bytes_mut(job.message, job.length),
                header: job.header(job.message),
            }
        });
        sealed_box::seal_batch(each, |index| (*jobs.add(index)).code = Error::WeakPublicKey as u32);
        Ok(())
    })
}

/// The same to the one recipient of `table`.
#[no_mangle]
pub unsafe extern "C" fn sealed_box_seal_batch_to(
    table: &RecipientTable,
    public_key: &[u8; 32],
    jobs: *mut BoxJob,
    count: usize,
) -> u32 {
    clean::<BATCH>(|| {
        spread(slice::from_raw_parts(jobs, count));
        let each = (0..count).map(|index| {
            let job = &*jobs.add(index);
            SealToJob {
                ephemeral_secret: &*job.ephemeral_secret,
                message: bytes_mut(job.message, job.length),
                header: job.header(job.message),
            }
        });
        sealed_box::seal_batch_to(table, public_key, each);
        Ok(())
    })
}

/// Opens each box where it lies with one key, then moves the plaintexts together, from the first box's start on. A
/// refused one has no length and its code.
#[no_mangle]
pub unsafe extern "C" fn sealed_box_open_batch(
    public_key: &[u8; 32],
    secret_key: &[u8; 32],
    jobs: *mut BoxJob,
    count: usize,
) -> u32 {
    clean::<BATCH>(|| {
        let each = (0..count).map(|index| {
            let job = &*jobs.add(index);
            OpenJob {
                header: job.header(job.source),
                message: bytes_mut(job.source, job.length),
            }
        });
        sealed_box::open_batch(public_key, secret_key, each, |index| {
            let job = &mut *jobs.add(index);
            if job.code == 0 {
                job.code = Error::AuthFailed as u32;
            }
        });
        gather(slice::from_raw_parts_mut(jobs, count));
        Ok(())
    })
}

unsafe fn spread(jobs: &[BoxJob]) {
    for job in jobs.iter().rev().filter(|job| job.source != job.message) {
        ptr::copy(job.source, job.message, job.length);
    }
}

unsafe fn gather(jobs: &mut [BoxJob]) {
    let Some(mut place) = jobs.first().map(|job| job.source.sub(OVERHEAD)) else {
        return;
    };
    for job in jobs {
        if job.code != 0 {
            job.length = 0;
        }
        ptr::copy(job.source, place, job.length);
        job.message = place;
        place = place.add(job.length);
    }
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
