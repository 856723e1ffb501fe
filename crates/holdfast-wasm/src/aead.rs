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

/// A batch, as eleven numbers: where everything lies that its messages do not share a place for.
#[repr(C)]
pub struct AeadBatch {
    count: usize,
    /// The first key, and how far it is to the next: 0 when all share it.
    keys: *const u8,
    key_step: usize,
    /// Null, or where each key lies.
    key_places: *const *const u8,
    nonces: *const u8,
    aads: *const u8,
    /// Of the one all share.
    aad_length: usize,
    /// Null, or where each of them ends behind `aads`.
    aad_ends: *const u32,
    /// One after another; room behind them for what sealing adds.
    messages: *mut u8,
    /// Where each message ends behind `messages`: before the call and after it.
    ends: *mut u32,
    /// Why each was refused: 0 for those that were not.
    codes: *mut u32,
}

impl AeadBatch {
    pub fn count(&self) -> usize {
        self.count
    }

    #[inline(always)]
    fn end(&self, list: *const u32, index: usize) -> usize {
        // SAFETY: the caller of the export vouches for the lists.
        index
            .checked_sub(1)
            .map_or(0, |before| unsafe { *list.add(before) } as usize)
    }

    #[inline(always)]
    unsafe fn key<'a>(&self, index: usize) -> &'a [u8; 32] {
        let key = match self.key_places.as_ref() {
            Some(_) => *self.key_places.add(index),
            None => self.keys.add(self.key_step * index),
        };
        &*key.cast()
    }

    #[inline(always)]
    unsafe fn aad<'a>(&self, index: usize) -> &'a [u8] {
        if self.aad_ends.is_null() {
            return bytes(self.aads, self.aad_length);
        }
        let start = self.end(self.aad_ends, index);
        bytes(self.aads.add(start), self.end(self.aad_ends, index + 1) - start)
    }

    /// Moves the messages apart, last first, each behind `before` bytes and before a tag; `ends` are then of all of it.
    pub unsafe fn spread(&mut self, before: usize) {
        let overhead = before + aead::TAG_BYTES;
        for index in (0..self.count).rev() {
            let (start, end) = (self.end(self.ends, index), self.end(self.ends, index + 1));
            let place = self.messages.add(start + overhead * index + before);
            ptr::copy(self.messages.add(start), place, end - start);
            *self.ends.add(index) = (end + overhead * (index + 1)) as u32;
        }
    }

    /// Where message `index` starts, all of it, and its length.
    #[inline(always)]
    pub unsafe fn message(&self, index: usize) -> (*mut u8, usize) {
        let start = self.end(self.ends, index);
        (self.messages.add(start), self.end(self.ends, index + 1) - start)
    }

    #[inline(always)]
    pub unsafe fn nonce<'a>(&self, index: usize, length: usize) -> &'a [u8] {
        bytes(self.nonces.add(length * index), length)
    }

    pub fn refuse(&mut self, index: usize, error: Error) {
        // SAFETY: as `end`.
        unsafe { *self.codes.add(index) = error as u32 };
    }

    /// The message of `length` bytes at `place`, its tag behind it.
    #[inline(always)]
    pub unsafe fn job<'a>(
        &self,
        index: usize,
        nonce: &'a [u8; 12],
        aad: &'a [u8],
        place: *mut u8,
        length: usize,
    ) -> Job<'a> {
        Job {
            index,
            key: self.key(index),
            nonce,
            aad,
            message: bytes_mut(place, length),
            tag: &mut *place.add(length).cast(),
        }
    }

    /// Moves what was opened together: of each message what lies behind `before` bytes and before the tag. Of a refused one
    /// nothing stays.
    pub unsafe fn gather(&mut self, before: usize) {
        let (mut start, mut length) = (0, 0);
        for index in 0..self.count {
            let end = *self.ends.add(index) as usize;
            if *self.codes.add(index) == 0 {
                let opened = end - start - before - aead::TAG_BYTES;
                ptr::copy(self.messages.add(start + before), self.messages.add(length), opened);
                length += opened;
            }
            *self.ends.add(index) = length as u32;
            start = end;
        }
    }
}

/// Seals each message where it ends up, its tag behind it.
#[no_mangle]
pub unsafe extern "C" fn aead_seal_batch(extended: bool, batch: &mut AeadBatch) -> u32 {
    clean::<SMALL>(|| {
        batch.spread(0);
        let length_of = |length: usize| length - aead::TAG_BYTES;
        if extended {
            for index in 0..batch.count {
                let (place, length) = batch.message(index);
                let message = bytes_mut(place, length_of(length));
                let nonce = batch.nonce(index, 24);
                let algorithm = Algorithm::XChaCha20Poly1305;
                let tag = aead::seal_in_place(algorithm, batch.key(index), nonce, batch.aad(index), message)?;
                bytes_mut(place.add(length_of(length)), aead::TAG_BYTES).copy_from_slice(&tag);
            }
            return Ok(());
        }
        aead::seal_batch(&mut (0..batch.count).map(|index| {
            let (place, length) = batch.message(index);
            let nonce = &*batch.nonce(index, 12).as_ptr().cast();
            batch.job(index, nonce, batch.aad(index), place, length_of(length))
        }));
        Ok(())
    })
}

/// Opens each message where it lies, then moves the plaintexts together.
#[no_mangle]
pub unsafe extern "C" fn aead_open_batch(extended: bool, batch: &mut AeadBatch) -> u32 {
    clean::<SMALL>(|| {
        let at: *mut AeadBatch = batch;
        let long_enough = (0..batch.count).filter(|index| {
            let (_, length) = (*at).message(*index);
            if length < aead::TAG_BYTES {
                (*at).refuse(*index, Error::AuthFailed);
            }
            length >= aead::TAG_BYTES
        });
        let mut jobs = long_enough.map(|index| {
            let (place, length) = (*at).message(index);
            // Of an extended nonce this is not all: see below.
            let nonce = &*(*at).nonces.add(12 * index).cast();
            (*at).job(index, nonce, (*at).aad(index), place, length - aead::TAG_BYTES)
        });
        let mut refused = |index| (*at).refuse(index, Error::AuthFailed);
        if extended {
            for job in jobs {
                let nonce = (*at).nonce(job.index, 24);
                let algorithm = Algorithm::XChaCha20Poly1305;
                if aead::open_in_place(algorithm, job.key, nonce, job.aad, job.message, job.tag).is_err() {
                    refused(job.index);
                }
            }
        } else {
            aead::open_batch(&mut jobs, &mut refused);
        }
        (*at).gather(0);
        Ok(())
    })
}
