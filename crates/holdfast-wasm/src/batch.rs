//! Many messages in one call: what `@holdfast/crypto` (`wasm/batches.ts`) tells of them, and how they move.

use core::ptr;

use holdfast_core::aead::Job;
use holdfast_core::x25519::RecipientTable;
use holdfast_core::Error;

use crate::memory::{bytes, bytes_mut};

/// A batch, as twelve numbers: where everything lies.
#[repr(C)]
pub struct Batch {
    count: usize,
    /// The first key, and how far it is to the next: 0 when all share it.
    keys: *const u8,
    key_step: usize,
    /// Null, or where each key lies.
    key_places: *const *const u8,
    /// One after another; those of sealed boxes are their ephemeral secrets.
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
    /// Null, or of the one recipient of all.
    table: *const RecipientTable,
}

impl Batch {
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

    /// Where key `index` lies.
    #[inline(always)]
    pub unsafe fn key_at(&self, index: usize) -> *const u8 {
        match self.key_places.as_ref() {
            Some(_) => *self.key_places.add(index),
            None => self.keys.add(self.key_step * index),
        }
    }

    #[inline(always)]
    pub unsafe fn key<'a>(&self, index: usize) -> &'a [u8; 32] {
        &*self.key_at(index).cast()
    }

    #[inline(always)]
    pub unsafe fn aad<'a>(&self, index: usize) -> &'a [u8] {
        if self.aad_ends.is_null() {
            return bytes(self.aads, self.aad_length);
        }
        let start = self.end(self.aad_ends, index);
        bytes(self.aads.add(start), self.end(self.aad_ends, index + 1) - start)
    }

    /// Moves the messages apart, last first, each behind `before` bytes and before `after`; `ends` are then of all of it.
    pub unsafe fn spread(&mut self, before: usize, after: usize) {
        let overhead = before + after;
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

    /// Of the one recipient of all, where there is one and it has a table.
    pub unsafe fn table(&self) -> Option<&RecipientTable> {
        self.table.as_ref()
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

    /// Moves what was opened together: of each message what lies behind `before` bytes and before `after`. Of a refused one
    /// nothing stays.
    pub unsafe fn gather(&mut self, before: usize, after: usize) {
        let (mut start, mut length) = (0, 0);
        for index in 0..self.count {
            let end = *self.ends.add(index) as usize;
            if *self.codes.add(index) == 0 {
                let opened = end - start - before - after;
                ptr::copy(self.messages.add(start + before), self.messages.add(length), opened);
                length += opened;
            }
            *self.ends.add(index) = length as u32;
            start = end;
        }
    }
}

/// The messages that `judge` lets pass: number, start and length of each. The others are refused.
pub unsafe fn judged(
    batch: *mut Batch,
    judge: fn(&[u8]) -> Result<(), Error>,
) -> impl Iterator<Item = (usize, *mut u8, usize)> {
    (0..(*batch).count).filter_map(move |index| {
        let (place, length) = (*batch).message(index);
        match judge(bytes(place, length)) {
            Ok(()) => Some((index, place, length)),
            Err(error) => {
                (*batch).refuse(index, error);
                None
            }
        }
    })
}

/// A message shorter than what sealing adds was never sealed.
pub fn judge_length<const LEAST: usize>(message: &[u8]) -> Result<(), Error> {
    (message.len() >= LEAST).then_some(()).ok_or(Error::AuthFailed)
}
