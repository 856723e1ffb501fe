//! Containers cross the border one file at a time: the caller puts the next file into memory, or takes it out, and in
//! between may report progress or give up. At most one packer, one unpacked container and one file are held at a time.

use alloc::vec;
use core::mem;

use holdfast_core::world::container::{self, Packer};
use holdfast_core::world::record::{self, FileRecord};
use holdfast_core::world::Designator;
use holdfast_core::{sealed_box, Error};

use crate::memory::{answer, bytes, bytes_mut, clean, Alone, LARGE};

static PACKER: Alone<Option<Packer>> = Alone::new(None);
static UNPACKED: Alone<Option<vec::IntoIter<FileRecord>>> = Alone::new(None);
static FILE: Alone<Option<FileRecord>> = Alone::new(None);

unsafe fn text<'a>(at: *const u8, length: usize) -> Result<&'a str, Error> {
    core::str::from_utf8(bytes(at, length)).map_err(|_| Error::InvalidArgument)
}

unsafe fn designator(at: *const u8, length: usize) -> Result<Designator, Error> {
    Designator::from_name(text(at, length)?).ok_or(Error::InvalidFileRecord)
}

/// Answers the CBOR of a file.
#[no_mangle]
pub unsafe extern "C" fn record_encode(
    name: *const u8,
    name_length: usize,
    path: *const u8,
    path_length: usize,
    content: *const u8,
    length: usize,
) -> u32 {
    clean::<LARGE>(|| {
        answer(record::encode(
            designator(name, name_length)?,
            text(path, path_length)?,
            bytes(content, length),
        ));
        Ok(())
    })
}

/// Holds the file of a CBOR record, for [`file_part`].
#[no_mangle]
pub unsafe extern "C" fn record_decode(cbor: *const u8, length: usize) -> u32 {
    clean::<LARGE>(|| {
        *FILE.alone() = Some(record::decode(bytes(cbor, length))?);
        Ok(())
    })
}

/// Starts a container; the first `reserve` bytes of the answer are left for what comes before it.
#[no_mangle]
pub unsafe extern "C" fn packer_start(root_key_json: *const u8, length: usize, mtime: f64, reserve: usize) -> u32 {
    clean::<LARGE>(|| {
        *PACKER.alone() = Some(Packer::new(text(root_key_json, length)?, mtime as u64, reserve));
        Ok(())
    })
}

#[no_mangle]
pub unsafe extern "C" fn packer_file(
    name: *const u8,
    name_length: usize,
    path: *const u8,
    path_length: usize,
    content: *const u8,
    length: usize,
) -> u32 {
    clean::<LARGE>(|| {
        let packer = PACKER.alone().as_mut().ok_or(Error::InvalidArgument)?;
        packer.file(
            designator(name, name_length)?,
            text(path, path_length)?,
            bytes(content, length),
        )
    })
}

/// Answers the container.
#[no_mangle]
pub unsafe extern "C" fn packer_finish() -> u32 {
    clean::<LARGE>(|| {
        answer(mem::take(PACKER.alone()).ok_or(Error::InvalidArgument)?.finish());
        Ok(())
    })
}

/// Answers the container in a sealed box, for which [`packer_start`] reserved 48 bytes.
#[no_mangle]
pub unsafe extern "C" fn packer_finish_sealed(public_key: &[u8; 32], ephemeral: &[u8; 32]) -> u32 {
    clean::<LARGE>(|| {
        let mut packed = mem::take(PACKER.alone()).ok_or(Error::InvalidArgument)?.finish();
        let (header, container) = packed
            .split_first_chunk_mut::<{ sealed_box::OVERHEAD }>()
            .ok_or(Error::InvalidArgument)?;
        *header = sealed_box::seal_in_place(None, public_key, ephemeral, container)?;
        answer(packed);
        Ok(())
    })
}

/// Gives up what was being packed or taken out; wiped by the allocator.
#[no_mangle]
pub extern "C" fn container_forget() {
    // SAFETY: `Alone`.
    unsafe {
        *PACKER.alone() = None;
        *UNPACKED.alone() = None;
        *FILE.alone() = None;
    }
}

/// Unpacks, holds the files for [`next_file`], and answers the root key JSON.
#[no_mangle]
pub unsafe extern "C" fn container_unpack(packed: *const u8, length: usize, max_bytes: f64) -> u32 {
    clean::<LARGE>(|| hold(bytes(packed, length), max_bytes))
}

/// Opens the sealed box in place, then as [`container_unpack`].
#[no_mangle]
pub unsafe extern "C" fn container_unpack_sealed(
    public_key: &[u8; 32],
    secret_key: &[u8; 32],
    sealed: *mut u8,
    length: usize,
    max_bytes: f64,
) -> u32 {
    clean::<LARGE>(|| {
        let (header, container) = bytes_mut(sealed, length)
            .split_first_chunk_mut::<{ sealed_box::OVERHEAD }>()
            .ok_or(Error::AuthFailed)?;
        sealed_box::open_in_place(public_key, secret_key, header, container)?;
        hold(container, max_bytes)
    })
}

fn hold(container: &[u8], max_bytes: f64) -> Result<(), Error> {
    let contents = container::unpack(container, max_bytes as u64)?;
    answer(contents.root_key_json.as_bytes().to_vec());
    // SAFETY: `Alone`.
    unsafe { *UNPACKED.alone() = Some(contents.files.into_iter()) };
    Ok(())
}

/// Bytes of content that [`next_file`] has yet to give.
#[no_mangle]
pub extern "C" fn bytes_left() -> f64 {
    // SAFETY: `Alone`.
    let files = unsafe { UNPACKED.alone() }
        .as_ref()
        .map_or(&[][..], vec::IntoIter::as_slice);
    files.iter().map(|file| file.content.len() as f64).sum()
}

/// Holds the next file for [`file_part`]; whether there was one.
#[no_mangle]
pub extern "C" fn next_file() -> bool {
    // SAFETY: `Alone`.
    unsafe {
        *FILE.alone() = UNPACKED.alone().as_mut().and_then(Iterator::next);
        FILE.alone().is_some()
    }
}

/// Where part 0 (designator), 1 (path) or 2 (content) of the held file lies.
#[no_mangle]
pub extern "C" fn file_part(part: u32) -> *const u8 {
    part_of(part).as_ptr()
}

#[no_mangle]
pub extern "C" fn file_part_length(part: u32) -> usize {
    part_of(part).len()
}

fn part_of(part: u32) -> &'static [u8] {
    // SAFETY: `Alone`; only its address and length leave here.
    match (unsafe { FILE.alone() }, part) {
        (None, _) => &[],
        (Some(file), 0) => file.designator.name().as_bytes(),
        (Some(file), 1) => file.path.as_bytes(),
        (Some(file), _) => &file.content,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_go_in_and_come_out_one_at_a_time() {
        let json = b"{}";
        let put = |path: &[u8], content: &[u8]| {
            let name = b"orb_pkg";
            // SAFETY: pointers with their own lengths; the only test that uses these statics.
            unsafe {
                packer_file(
                    name.as_ptr(),
                    name.len(),
                    path.as_ptr(),
                    path.len(),
                    content.as_ptr(),
                    content.len(),
                )
            }
        };
        assert_eq!(put(b"early", b""), Error::InvalidArgument as u32);
        // SAFETY: as above.
        let packed = unsafe {
            assert_eq!(packer_start(json.as_ptr(), json.len(), 0.0, 0), 0);
            assert_eq!(put(b"/absolute", b""), Error::InvalidPath as u32);
            assert_eq!(put(b"a", b"one"), 0);
            assert_eq!(put(b"b", b"two!"), 0);
            assert_eq!(packer_finish(), 0);
            bytes(crate::memory::result(), crate::memory::result_length()).to_vec()
        };
        // SAFETY: as above.
        assert_eq!(unsafe { container_unpack(packed.as_ptr(), packed.len(), 1e6) }, 0);
        assert_eq!(bytes_left(), 7.0);
        let mut found = Vec::new();
        while next_file() {
            found.push([part_of(0), part_of(1), part_of(2)].map(<[u8]>::to_vec));
        }
        assert_eq!(
            found,
            [["orb_pkg", "a", "one"], ["orb_pkg", "b", "two!"]].map(|file| file.map(|part| part.as_bytes().to_vec()))
        );
        container_forget();
    }
}
