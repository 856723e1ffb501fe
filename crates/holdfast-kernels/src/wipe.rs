//! Zeroing that the compiler may not leave out, as one call: written out where it is used it would be a tenth of the core.

use core::hint::black_box;

/// Zeroes `bytes`.
#[inline(never)]
pub(crate) fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    black_box(bytes);
}
