//! Thin bindings: numbers and byte ranges across, a refusal as its number (see `holdfast_core::Error`).
//!
//! Lists travel flat: each item as its length (u32, little-endian) and its bytes. The allocator zeroes what it frees,
//! so nothing that passed through here stays behind in linear memory.

use holdfast_core::aead::Algorithm;
use holdfast_core::turtl::envelope;
use holdfast_core::world::{container, record, Designator};
use holdfast_core::{aead, hash, kdf, sealed_box, x25519, Error};
use wasm_bindgen::prelude::wasm_bindgen;

#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);

type Answer = Result<Vec<u8>, u32>;

fn answer(result: Result<Vec<u8>, Error>) -> Answer {
    result.map_err(|error| error as u32)
}

fn array<const N: usize>(bytes: &[u8]) -> Result<&[u8; N], u32> {
    bytes.try_into().map_err(|_| Error::InvalidArgument as u32)
}

fn algorithm(extended: bool) -> Algorithm {
    if extended {
        Algorithm::XChaCha20Poly1305
    } else {
        Algorithm::ChaCha20Poly1305
    }
}

/// The code of a refusal's number, so that TypeScript keeps no second table.
#[wasm_bindgen]
pub fn error_codes() -> String {
    (1..=20).map_while(error_code).collect::<Vec<_>>().join(" ")
}

fn error_code(number: u32) -> Option<&'static str> {
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

#[wasm_bindgen]
pub fn aead_seal(extended: bool, key: &[u8], nonce: &[u8], aad: &[u8], plaintext: &[u8]) -> Answer {
    answer(aead::seal(algorithm(extended), array(key)?, nonce, aad, plaintext))
}

#[wasm_bindgen]
pub fn aead_open(extended: bool, key: &[u8], nonce: &[u8], aad: &[u8], ciphertext: &[u8]) -> Answer {
    answer(aead::open(algorithm(extended), array(key)?, nonce, aad, ciphertext))
}

#[wasm_bindgen]
pub fn x25519_derive_public_key(secret_key: &[u8]) -> Answer {
    Ok(x25519::derive_public_key(array(secret_key)?).to_vec())
}

#[wasm_bindgen]
pub fn sealed_box_seal(public_key: &[u8], ephemeral_secret: &[u8], plaintext: &[u8]) -> Answer {
    answer(sealed_box::seal(
        array(public_key)?,
        array(ephemeral_secret)?,
        plaintext,
    ))
}

#[wasm_bindgen]
pub fn sealed_box_open(public_key: &[u8], secret_key: &[u8], sealed: &[u8]) -> Answer {
    answer(sealed_box::open(array(public_key)?, array(secret_key)?, sealed))
}

#[wasm_bindgen]
pub fn blake2b(message: &[u8], length: usize, key: &[u8]) -> Answer {
    answer(hash::blake2b(message, length, key))
}

#[wasm_bindgen]
pub fn blake3(message: &[u8], length: usize) -> Answer {
    answer(hash::blake3(message, length))
}

#[wasm_bindgen]
pub fn subkey(key: &[u8], context: &[u8], id: u64, length: usize) -> Answer {
    answer(kdf::subkey(array(key)?, array(context)?, id, length))
}

#[wasm_bindgen]
pub fn scrypt(password: &[u8], salt: &[u8], ops_limit: f64, mem_limit: f64, length: usize) -> Answer {
    answer(kdf::scrypt(
        password,
        array(salt)?,
        ops_limit as u64,
        mem_limit as u64,
        length,
    ))
}

#[wasm_bindgen]
pub fn argon2id(password: &[u8], salt: &[u8], ops_limit: f64, mem_limit: f64, length: usize) -> Answer {
    answer(kdf::argon2id(
        password,
        array(salt)?,
        ops_limit as u64,
        mem_limit as u64,
        length,
    ))
}

/// `keys` 32 bytes each, `nonces` 12 bytes each, `plaintexts` a flat list; answers a flat list.
#[wasm_bindgen]
pub fn envelopes_seal(keys: &[u8], nonces: &[u8], plaintexts: &[u8]) -> Answer {
    let mut out = Vec::with_capacity(plaintexts.len() + (keys.len() / 32) * envelope::OVERHEAD);
    for ((key, nonce), plaintext) in keys.chunks(32).zip(nonces.chunks(12)).zip(items(plaintexts)) {
        put(
            &mut out,
            &answer(envelope::seal(array(key)?, array(nonce)?, plaintext))?,
        );
    }
    Ok(out)
}

/// Answers a flat list; an item that was refused is a single length with the top bit set and the number below it.
#[wasm_bindgen]
pub fn envelopes_open(keys: &[u8], envelopes: &[u8]) -> Answer {
    let mut out = Vec::with_capacity(envelopes.len());
    for (key, envelope) in keys.chunks(32).zip(items(envelopes)) {
        match envelope::open(array(key)?, envelope) {
            Ok(plaintext) => put(&mut out, &plaintext),
            Err(error) => out.extend((1 << 31 | error as u32).to_le_bytes()),
        }
    }
    Ok(out)
}

#[wasm_bindgen]
pub fn record_encode(designator: &str, path: &str, content: &[u8]) -> Answer {
    let designator = Designator::from_name(designator).ok_or(Error::InvalidFileRecord as u32)?;
    Ok(record::encode(designator, path, content))
}

/// A flat list: designator, path, content.
#[wasm_bindgen]
pub fn record_decode(cbor: &[u8]) -> Answer {
    let file = record::decode(cbor).map_err(|error| error as u32)?;
    Ok(flat([
        file.designator.name().as_bytes(),
        file.path.as_bytes(),
        &file.content,
    ]))
}

/// `parts` is a flat list: root key JSON, then designator, path and content of each file.
#[wasm_bindgen]
pub fn container_pack(parts: &[u8], mtime: f64) -> Answer {
    answer(pack(parts, mtime))
}

/// `container_pack` and sealed box in one.
#[wasm_bindgen]
pub fn container_pack_sealed(public_key: &[u8], ephemeral_secret: &[u8], parts: &[u8], mtime: f64) -> Answer {
    let packed = answer(pack(parts, mtime))?;
    answer(sealed_box::seal(array(public_key)?, array(ephemeral_secret)?, &packed))
}

/// A flat list: root key JSON, then designator, path and content of each file.
#[wasm_bindgen]
pub fn container_unpack(packed: &[u8], max_bytes: f64) -> Answer {
    answer(unpack(packed, max_bytes))
}

/// Sealed box and `container_unpack` in one.
#[wasm_bindgen]
pub fn container_unpack_sealed(public_key: &[u8], secret_key: &[u8], sealed: &[u8], max_bytes: f64) -> Answer {
    let packed = answer(sealed_box::open(array(public_key)?, array(secret_key)?, sealed))?;
    answer(unpack(&packed, max_bytes))
}

fn pack(parts: &[u8], mtime: f64) -> Result<Vec<u8>, Error> {
    let mut parts = items(parts);
    let mut text = || {
        parts
            .next()
            .map(|part| std::str::from_utf8(part).map_err(|_| Error::InvalidArgument))
            .transpose()
    };
    let root_key_json = text()?.ok_or(Error::InvalidArgument)?;
    let mut files = Vec::new();
    while let Some(designator) = parts.next() {
        let designator = std::str::from_utf8(designator)
            .ok()
            .and_then(Designator::from_name)
            .ok_or(Error::InvalidFileRecord)?;
        let path = parts
            .next()
            .and_then(|path| std::str::from_utf8(path).ok())
            .ok_or(Error::InvalidArgument)?;
        let content = parts.next().ok_or(Error::InvalidArgument)?;
        files.push(container::File {
            designator,
            path,
            content,
        });
    }
    container::pack(root_key_json, &files, mtime as u64)
}

fn unpack(packed: &[u8], max_bytes: f64) -> Result<Vec<u8>, Error> {
    let contents = container::unpack(packed, max_bytes as u64)?;
    let root_key_json = std::iter::once(contents.root_key_json.as_bytes());
    let files = contents
        .files
        .iter()
        .flat_map(|file| [file.designator.name().as_bytes(), file.path.as_bytes(), &file.content]);
    Ok(flat(root_key_json.chain(files)))
}

fn flat<'a>(items: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    for item in items {
        put(&mut out, item);
    }
    out
}

fn put(out: &mut Vec<u8>, item: &[u8]) {
    out.extend((item.len() as u32).to_le_bytes());
    out.extend(item);
}

/// Walks a flat list; a list cut short ends early, and the caller misses an item.
fn items(mut list: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = list.split_first_chunk::<4>()?;
        let (item, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        list = rest;
        Some(item)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_travel_flat() {
        let list = flat([&b"a"[..], b"", b"bcd"]);
        assert_eq!(items(&list).collect::<Vec<_>>(), [&b"a"[..], b"", b"bcd"]);
        assert_eq!(items(&list[..list.len() - 1]).count(), 2);
    }

    #[test]
    fn every_refusal_has_its_word_at_its_number() {
        let codes = error_codes();
        for (number, code) in (1..).zip(codes.split(' ')) {
            assert_eq!(error_code(number), Some(code));
        }
        assert_eq!(codes.split(' ').count(), 20);
    }

    #[test]
    fn envelopes_open_one_by_one() {
        let sealed = envelopes_seal(&[1; 64], &[2; 24], &flat([&b"one"[..], b"two"])).unwrap();
        let opened = envelopes_open(&[[1; 32], [9; 32]].concat(), &sealed).unwrap();
        assert_eq!(
            opened,
            [&3u32.to_le_bytes()[..], b"one", &(1u32 << 31 | 3).to_le_bytes()].concat()
        );
    }
}
