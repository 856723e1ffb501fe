use core::ptr;

use holdfast_core::aead::{self, Algorithm, Job};
use holdfast_core::Error;

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

/// One message of a batch, as eight numbers.
#[repr(C)]
pub struct AeadJob {
    pub key: *const [u8; 32],
    pub nonce: *const u8,
    pub aad: *const u8,
    pub aad_length: usize,
    /// Where the message lies before the call.
    pub source: *mut u8,
    /// Where it lies after the call.
    pub message: *mut u8,
    /// Of the plaintext.
    pub length: usize,
    /// Why it was refused; a number that stands here before the call stays.
    pub code: u32,
}

impl AeadJob {
    unsafe fn job<'a>(&self, message: *mut u8) -> Job<'a> {
        Job {
            key: &*self.key,
            nonce: &*self.nonce.cast(),
            aad: bytes(self.aad, self.aad_length),
            message: bytes_mut(message, self.length),
            tag: &mut *message.add(self.length).cast(),
        }
    }
}

/// Moves each message from its source to its place, last first, and seals it there; the tag is written behind it.
#[no_mangle]
pub unsafe extern "C" fn aead_seal_batch(extended: bool, jobs: *mut AeadJob, count: usize) -> u32 {
    let jobs = core::slice::from_raw_parts_mut(jobs, count);
    clean::<SMALL>(|| {
        for job in jobs.iter().rev().filter(|job| job.source != job.message) {
            ptr::copy(job.source, job.message, job.length);
        }
        if !extended {
            aead::seal_batch(&mut jobs.iter().map(|job| job.job(job.message)));
            return Ok(());
        }
        for job in jobs.iter() {
            let Job {
                key, aad, message, tag, ..
            } = job.job(job.message);
            *tag = aead::seal_in_place(Algorithm::XChaCha20Poly1305, key, bytes(job.nonce, 24), aad, message)?;
        }
        Ok(())
    })
}

/// Opens each message where it lies, then moves the plaintexts together, from the first one's source on. A refused one
/// has no length and its code.
#[no_mangle]
pub unsafe extern "C" fn aead_open_batch(extended: bool, jobs: *mut AeadJob, count: usize) -> u32 {
    let jobs = core::slice::from_raw_parts_mut(jobs, count);
    clean::<SMALL>(|| {
        open_all(extended, jobs);
        gather(jobs);
        Ok(())
    })
}

pub unsafe fn open_all(extended: bool, jobs: &mut [AeadJob]) {
    let base = jobs.as_mut_ptr();
    let mut refuse = |index: usize| {
        let job = &mut *base.add(index);
        if job.code == 0 {
            job.code = Error::AuthFailed as u32;
        }
    };
    let count = jobs.len();
    let mut each = (0..count).map(|index| {
        let job = &*base.add(index);
        job.job(job.source)
    });
    if !extended {
        aead::open_batch(&mut each, &mut refuse);
        return;
    }
    for (
        index,
        Job {
            key, aad, message, tag, ..
        },
    ) in each.enumerate()
    {
        let nonce = bytes((*base.add(index)).nonce, 24);
        if aead::open_in_place(Algorithm::XChaCha20Poly1305, key, nonce, aad, message, tag).is_err() {
            refuse(index);
        }
    }
}

/// Moves the opened plaintexts together, from the first one's source on.
pub unsafe fn gather(jobs: &mut [AeadJob]) {
    let Some(mut place) = jobs.first().map(|job| job.source) else {
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
