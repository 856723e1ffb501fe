//! Tar as the reference writes it (world-backup-client §3.2, §17): old GNU headers, a GNU long name before what does not
//! fit the 100 bytes of a name.

use alloc::string::String;
use alloc::vec::Vec;

use crate::{Error, Result};

pub const BLOCK: usize = 512;
const NAME_BYTES: usize = 100;

/// Everything that stands before an entry's `size` bytes of data.
///
/// # Errors
/// [`Error::InvalidPath`]: absolute, `..`, NUL or empty.
pub fn header(path: &str, size: u64, mtime: u64) -> Result<Vec<u8>> {
    // The reference would take a NUL or `..` behind byte 100 of a long name; nothing could restore it.
    if path.is_empty() || path.starts_with('/') || path.contains('\0') || path.split('/').any(|segment| segment == "..")
    {
        return Err(Error::InvalidPath);
    }
    let name = normalise(path);
    if name.len() <= NAME_BYTES {
        return Ok(block(name.as_bytes(), 0o600, None, size, mtime, 0).to_vec());
    }
    // The long name is the path as it came; the header has what its first 100 bytes come to.
    let short = normalise(&path[..path.floor_char_boundary(NAME_BYTES)]);
    let long = path.len() as u64 + 1;
    let mut header = block(b"././@LongLink", 0o644, Some(0), long, 0, b'L').to_vec();
    header.extend(path.as_bytes());
    header.push(0);
    header.extend(padding(long));
    header.extend(block(short.as_bytes(), 0o600, None, size, mtime, 0));
    Ok(header)
}

/// [`header`] of a short relative name, which needs no judging.
pub fn header_of_short(name: &str, size: u64, mtime: u64) -> [u8; BLOCK] {
    block(name.as_bytes(), 0o600, None, size, mtime, 0)
}

/// The zeros behind `size` bytes of data.
pub fn padding(size: u64) -> &'static [u8] {
    &[0; BLOCK][..(size.next_multiple_of(BLOCK as u64) - size) as usize]
}

/// `./x//./y` is `x/y`; a trailing slash stays, and of a path that is nothing but `.` one stays.
fn normalise(path: &str) -> String {
    let segments = path.split('/').filter(|&segment| !segment.is_empty() && segment != ".");
    let mut name = segments.collect::<Vec<_>>().join("/");
    if name.is_empty() {
        name.push('.');
    }
    if path.ends_with('/') {
        name.push('/');
    }
    name
}

fn block(name: &[u8], mode: u64, owner: Option<u64>, size: u64, mtime: u64, kind: u8) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[..name.len()].copy_from_slice(name);
    octal(&mut block[100..108], mode);
    if let Some(owner) = owner {
        octal(&mut block[108..116], owner);
        octal(&mut block[116..124], owner);
    }
    number(&mut block[124..136], size);
    number(&mut block[136..148], mtime);
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar  \0");
    // The checksum counts its own field as spaces.
    let sum = block.iter().map(|&byte| u64::from(byte)).sum::<u64>() + 8 * 32;
    octal(&mut block[148..156], sum);
    block
}

/// Octal digits and a NUL; what has more digits than fit is a big-endian number with the top bit set.
fn number(field: &mut [u8], value: u64) {
    if value < 1 << 33 {
        return octal(field, value);
    }
    let first = field.len() - 8;
    field[first..].copy_from_slice(&value.to_be_bytes());
    field[0] = 0x80;
}

fn octal(field: &mut [u8], value: u64) {
    let digits = field.len() - 1;
    for (place, digit) in field[..digits].iter_mut().rev().enumerate() {
        *digit = b'0' + (value >> (3 * place) & 7) as u8;
    }
}
