//! Linear memory: who owns which bytes, and how they are wiped.

use alloc::alloc::{alloc_zeroed, dealloc};
use alloc::vec::Vec;
use core::alloc::Layout;
use core::cell::UnsafeCell;
use core::hint::black_box;
use core::mem::MaybeUninit;
use core::ptr;
use core::slice;

use holdfast_core::Error;

/// SIMD loads like it.
const ALIGNMENT: usize = 16;
const SLOT_BYTES: usize = 256;

/// Stack that a call may use before its use is noticed by the wipe test of `@holdfast/crypto`: of a kernel, of a batch
/// of them, and of codecs and password hashes.
pub const SMALL: usize = 4 << 10;
pub const BATCH: usize = 64 << 10;
pub const LARGE: usize = 256 << 10;

/// One instance has one thread, and no call re-enters another: whoever runs has it alone.
pub struct Alone<T>(UnsafeCell<T>);

// SAFETY: see above; the module is never instantiated with shared memory.
unsafe impl<T> Sync for Alone<T> {}

impl<T> Alone<T> {
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// The caller holds no other reference to it.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn alone(&self) -> &mut T {
        &mut *self.0.get()
    }
}

static SLOTS: Alone<[u128; SLOT_BYTES / 16]> = Alone::new([0; SLOT_BYTES / 16]);
static RESULT: Alone<Vec<u8>> = Alone::new(Vec::new());

/// 256 bytes for keys, nonces and other small things of one call; zero again when it returns.
#[no_mangle]
pub extern "C" fn slots() -> *mut u8 {
    SLOTS.0.get().cast()
}

/// Zeroed bytes, 16-byte aligned, until [`release`]; null when there is no memory left.
#[no_mangle]
pub extern "C" fn allocate(length: usize) -> *mut u8 {
    match Layout::from_size_align(length, ALIGNMENT) {
        // SAFETY: the size is not zero.
        Ok(layout) if length > 0 => unsafe { alloc_zeroed(layout) },
        _ => ptr::null_mut(),
    }
}

/// Zeroes and gives back what [`allocate`] gave, with the same length.
#[no_mangle]
pub unsafe extern "C" fn release(at: *mut u8, length: usize) {
    dealloc(at, Layout::from_size_align_unchecked(length, ALIGNMENT));
}

#[no_mangle]
pub unsafe extern "C" fn wipe(at: *mut u8, length: usize) {
    at.write_bytes(0, length);
}

/// Where the last answer of unforeseen size lies, until [`forget_result`].
#[no_mangle]
pub extern "C" fn result() -> *const u8 {
    // SAFETY: `Alone`.
    unsafe { RESULT.alone() }.as_ptr()
}

#[no_mangle]
pub extern "C" fn result_length() -> usize {
    // SAFETY: `Alone`.
    unsafe { RESULT.alone() }.len()
}

#[no_mangle]
pub extern "C" fn forget_result() {
    answer(Vec::new());
}

pub fn answer(bytes: Vec<u8>) {
    // SAFETY: `Alone`; the old answer is dropped, and zeroed by the allocator.
    unsafe { *RESULT.alone() = bytes };
}

/// Runs `operation`, then zeroes the slots and `STACK` bytes of stack below this frame: what it computed with is gone.
pub fn clean<const STACK: usize>(operation: impl FnOnce() -> Result<(), Error>) -> u32 {
    let code = below(operation);
    wipe_stack::<STACK>();
    // SAFETY: `Alone`, and no reference to the slots outlives `operation`.
    unsafe { *SLOTS.alone() = [0; SLOT_BYTES / 16] };
    code
}

/// A frame of its own, at the place that [`wipe_stack`] takes afterwards.
#[inline(never)]
fn below(operation: impl FnOnce() -> Result<(), Error>) -> u32 {
    operation().map_or_else(|error| error as u32, |()| 0)
}

#[inline(never)]
fn wipe_stack<const STACK: usize>() {
    let mut stack = MaybeUninit::<[u8; STACK]>::uninit();
    // SAFETY: a local's own bytes.
    unsafe { stack.as_mut_ptr().write_bytes(0, 1) };
    black_box(&stack);
}

pub unsafe fn bytes<'a>(at: *const u8, length: usize) -> &'a [u8] {
    slice::from_raw_parts(at, length)
}

pub unsafe fn bytes_mut<'a>(at: *mut u8, length: usize) -> &'a mut [u8] {
    slice::from_raw_parts_mut(at, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_zero_when_given_and_refused_when_there_is_none() {
        let at = allocate(64);
        // SAFETY: just allocated.
        assert!(unsafe { bytes(at, 64) }.iter().all(|byte| *byte == 0));
        // SAFETY: with its own length.
        unsafe { release(at, 64) };
        assert!(allocate(0).is_null());
        assert!(allocate(isize::MAX as usize).is_null());
    }

    #[test]
    fn a_call_leaves_no_slot_behind() {
        // SAFETY: single-threaded test of statics that no other test touches.
        let slots = unsafe { bytes_mut(slots(), SLOT_BYTES) };
        slots.fill(7);
        assert_eq!(clean::<SMALL>(|| Err(Error::AuthFailed)), 3);
        assert!(slots.iter().all(|byte| *byte == 0));
    }
}
