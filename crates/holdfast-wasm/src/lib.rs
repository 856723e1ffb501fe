//! The ABI of `core.wasm`: plain functions over numbers, and no imports at all.
//!
//! * A pointer and a length name bytes of linear memory. The caller owns them: it got them from [`memory::allocate`] or
//!   from [`memory::slots`], wrote its input there, and reads the answer there.
//! * A function that can refuse answers 0 or the number of a [`holdfast_core::Error`] ([`error_code`] spells it).
//! * Messages are worked on in place. Answers whose size only the core knows are held in [`memory::result`].
//! * Before a function returns it zeroes the slots and the stack it used, and the allocator zeroes what it frees: of
//!   keys and intermediate values nothing stays behind. What a caller put into memory of its own, it wipes itself.
//!
//! Nothing of this is API: it is the inside of `@holdfast/crypto`, whose `wasm/core.ts` is its only caller, and checks
//! every length before it calls.

// Raw pointers are the whole of this crate's job; everything behind them is safe code in `holdfast-core`.
#![allow(unsafe_code)]
// Each function's contract is the one above; repeating it forty times would hide it.
#![allow(clippy::missing_safety_doc)]
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod aead;
mod batch;
mod container;
mod envelope;
mod hash;
#[cfg(any(test, target_arch = "wasm32"))]
mod heap;
mod kdf;
mod memory;
mod sealed_box;
mod x25519;

use holdfast_core::Error;
// wasm-pack only builds crates that link wasm-bindgen; nothing of it is used, and the build drops what it brings.
use wasm_bindgen as _;

/// A panic is a bug, and nobody is there to read a message: it traps, and the caller gives the instance up.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn trap(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

/// Writes the code of error `number` to the result; empty when there is none. TypeScript keeps no second table.
#[no_mangle]
pub extern "C" fn error_code(number: u32) {
    memory::answer(name_of(number).unwrap_or_default().as_bytes().to_vec());
}

fn name_of(number: u32) -> Option<&'static str> {
    use Error::*;
    const ALL: [Error; 20] = [
        InvalidArgument,
        LimitExceeded,
        AuthFailed,
        Truncated,
        UnsupportedVersion,
        UnsupportedAlgorithm,
        NoncanonicalHeader,
        WeakPublicKey,
        VersionNotDetected,
        ContainerDamaged,
        InvalidFileName,
        InvalidFileRecord,
        InvalidChecksum,
        ContainerTooLarge,
        InvalidPath,
        InvalidRootKey,
        InvalidManifest,
        DuplicatePath,
        InvalidHex,
        InvalidBackupKeyPair,
    ];
    ALL.into_iter().find(|error| *error as u32 == number).map(Error::code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_its_word_without_a_gap() {
        assert!((1..=20).all(|number| name_of(number).is_some()));
        assert_eq!([name_of(0), name_of(21)], [None, None]);
        assert_eq!(name_of(3), Some("auth_failed"));
    }
}
