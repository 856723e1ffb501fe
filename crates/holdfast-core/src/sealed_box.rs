//! libsodium's `crypto_box_seal` (world-backup-client §2.1):
//!
//! ```text
//! offset  size  field
//! 0       32    ephemeral X25519 public key
//! 32      16    Poly1305 tag                 ┐ XSalsa20-Poly1305 under HSalsa20(shared secret),
//! 48      n     ciphertext                   ┘ nonce = BLAKE2b-192(ephemeral public || recipient public)
//! ```
//!
//! Anyone who knows the recipient's public key can make one: a sealed box proves nothing about its sender.

use alloc::vec::Vec;
use core::array;

use zeroize::{Zeroize, Zeroizing};

use crate::x25519::{derive_public_keys, exchange, shared_secrets, Exchange, RecipientTable};
use crate::{secretbox, Error, Result};
use holdfast_kernels::blake2b::{Blake2b, Params};

/// Bytes a sealed box is longer than its plaintext: the header.
pub const OVERHEAD: usize = 48;

/// Boxes worked on together; their keys live on the stack.
const GROUP: usize = 64;

/// `ephemeral_secret` is 32 fresh random bytes for every box.
pub fn seal(public_key: &[u8; 32], ephemeral_secret: &[u8; 32], plaintext: &[u8]) -> Result<Vec<u8>> {
    let mut sealed = [&[0; OVERHEAD], plaintext].concat();
    let (header, message) = sealed.split_at_mut(OVERHEAD);
    match seal_in_place(None, public_key, ephemeral_secret, message) {
        Ok(made) => header.copy_from_slice(&made),
        Err(error) => {
            sealed.zeroize();
            return Err(error);
        }
    }
    Ok(sealed)
}

/// The plaintext, or [`Error::AuthFailed`]: also for a box too short, or an ephemeral key of low order.
pub fn open(public_key: &[u8; 32], secret_key: &[u8; 32], sealed: &[u8]) -> Result<Vec<u8>> {
    let (header, ciphertext) = sealed.split_first_chunk::<OVERHEAD>().ok_or(Error::AuthFailed)?;
    let mut message = ciphertext.to_vec();
    open_in_place(public_key, secret_key, header, &mut message)?;
    Ok(message)
}

/// Turns the plaintext into the ciphertext and returns the header that belongs before it. `table`, if there is one, was made
/// from `public_key`. [`Error::WeakPublicKey`] for a recipient of low order leaves the message as it was.
pub fn seal_in_place(
    table: Option<&RecipientTable>,
    public_key: &[u8; 32],
    ephemeral_secret: &[u8; 32],
    message: &mut [u8],
) -> Result<[u8; OVERHEAD]> {
    let mut exchanged = Exchange::default();
    match table {
        Some(table) => table.exchange(ephemeral_secret, &mut exchanged)?,
        None => exchange(ephemeral_secret, public_key, &mut exchanged)?,
    }
    Ok(seal_under(
        &exchanged.shared,
        &exchanged.public_key,
        public_key,
        message,
    ))
}

/// Turns the ciphertext into the plaintext. On [`Error::AuthFailed`] the message is zeroed.
pub fn open_in_place(
    public_key: &[u8; 32],
    secret_key: &[u8; 32],
    header: &[u8; OVERHEAD],
    message: &mut [u8],
) -> Result<()> {
    let mut shared = Zeroizing::new([[0; 32]]);
    let mut weak = false;
    let (ephemeral_public, _) = parts(header);
    shared_secrets(
        array::from_ref(secret_key),
        array::from_ref(ephemeral_public),
        &mut *shared,
        |_| weak = true,
    );
    if weak || open_under(&shared[0], public_key, header, message).is_err() {
        message.zeroize();
        return Err(Error::AuthFailed);
    }
    Ok(())
}

/// One box of a batch to seal: `message` becomes the ciphertext in place, `header` is written.
pub struct SealJob<'a> {
    pub public_key: &'a [u8; 32],
    /// 32 fresh random bytes for every box.
    pub ephemeral_secret: &'a [u8; 32],
    pub message: &'a mut [u8],
    pub header: &'a mut [u8; OVERHEAD],
}

/// One box of a batch to open: `message` becomes the plaintext in place.
pub struct OpenJob<'a> {
    /// What the caller calls it.
    pub index: usize,
    pub header: &'a [u8; OVERHEAD],
    pub message: &'a mut [u8],
}

/// Seals many boxes, each to its own recipient; `table`, if there is one, was made from the public key of all. A job whose
/// recipient is of low order is handed to `refused` by its place; its message stays as it was and its header becomes zero.
pub fn seal_batch<'a>(
    table: Option<&RecipientTable>,
    jobs: impl IntoIterator<Item = SealJob<'a>>,
    mut refused: impl FnMut(usize),
) {
    in_groups(jobs, |first, group: &mut [Option<SealJob>]| {
        let mut secrets = Zeroizing::new([[0; 32]; GROUP]);
        let mut publics = [[0; 32]; GROUP];
        let mut shared = Zeroizing::new([[0; 32]; GROUP]);
        let mut ephemeral_publics = [[0; 32]; GROUP];
        let count = group.len();
        for (index, job) in group.iter().flatten().enumerate() {
            secrets[index] = *job.ephemeral_secret;
            publics[index] = *job.public_key;
        }
        let mut weak = [false; GROUP];
        match table {
            Some(table) => table.shared_secrets(&secrets[..count], &mut shared[..count]),
            None => shared_secrets(&secrets[..count], &publics[..count], &mut shared[..count], |index| {
                weak[index] = true
            }),
        }
        derive_public_keys(&secrets[..count], &mut ephemeral_publics[..count]);
        for (index, job) in group.iter_mut().flatten().enumerate() {
            if weak[index] {
                *job.header = [0; OVERHEAD];
                refused(first + index);
            } else {
                *job.header = seal_under(&shared[index], &ephemeral_publics[index], job.public_key, job.message);
            }
        }
    });
}

/// Opens many boxes with one key. A box that does not open is handed to `refused` by its index, its message zeroed.
pub fn open_batch<'a>(
    public_key: &[u8; 32],
    secret_key: &[u8; 32],
    jobs: impl IntoIterator<Item = OpenJob<'a>>,
    mut refused: impl FnMut(usize),
) {
    let secrets = Zeroizing::new([*secret_key; GROUP]);
    in_groups(jobs, |_, group: &mut [Option<OpenJob>]| {
        let mut shared = Zeroizing::new([[0; 32]; GROUP]);
        let mut ephemeral_publics = [[0; 32]; GROUP];
        let count = group.len();
        for (index, job) in group.iter().flatten().enumerate() {
            ephemeral_publics[index] = *parts(job.header).0;
        }
        let mut weak = [false; GROUP];
        shared_secrets(
            &secrets[..count],
            &ephemeral_publics[..count],
            &mut shared[..count],
            |index| weak[index] = true,
        );
        for (index, job) in group.iter_mut().flatten().enumerate() {
            if weak[index] || open_under(&shared[index], public_key, job.header, job.message).is_err() {
                job.message.zeroize();
                refused(job.index);
            }
        }
    });
}

/// Calls `work` with up to [`GROUP`] jobs at a time, all `Some`, and the index of the first.
fn in_groups<T>(jobs: impl IntoIterator<Item = T>, mut work: impl FnMut(usize, &mut [Option<T>])) {
    let mut jobs = jobs.into_iter().fuse();
    let mut first = 0;
    loop {
        let mut group: [Option<T>; GROUP] = array::from_fn(|_| jobs.next());
        let count = group.iter().flatten().count();
        if count == 0 {
            return;
        }
        work(first, &mut group[..count]);
        first += count;
    }
}

fn parts(header: &[u8; OVERHEAD]) -> (&[u8; 32], &[u8; 16]) {
    let (ephemeral_public, tag) = header.split_at(32);
    (
        ephemeral_public.try_into().expect("32 bytes"),
        tag.try_into().expect("16 bytes"),
    )
}

fn seal_under(
    shared: &[u8; 32],
    ephemeral_public: &[u8; 32],
    public_key: &[u8; 32],
    message: &mut [u8],
) -> [u8; OVERHEAD] {
    let tag = secretbox::seal_in_place(&key(shared), &nonce(ephemeral_public, public_key), message);
    let mut header = [0; OVERHEAD];
    header[..32].copy_from_slice(ephemeral_public);
    header[32..].copy_from_slice(&tag);
    header
}

fn open_under(shared: &[u8; 32], public_key: &[u8; 32], header: &[u8; OVERHEAD], message: &mut [u8]) -> Result<()> {
    let (ephemeral_public, tag) = parts(header);
    secretbox::open_in_place(&key(shared), &nonce(ephemeral_public, public_key), message, tag)
}

/// NaCl's `crypto_box_beforenm`.
fn key(shared: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(secretbox::hsalsa20(shared, &[0; 16]))
}

fn nonce(ephemeral_public: &[u8; 32], public_key: &[u8; 32]) -> [u8; 24] {
    let mut hasher = Blake2b::new(&Params::unkeyed(24));
    hasher.update(ephemeral_public);
    hasher.update(public_key);
    let mut nonce = [0; 24];
    hasher.finish(&mut nonce);
    nonce
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x25519::derive_public_key;
    use holdfast_kernels::test_support::Seeded;

    /// world-backup-client §14, `sealedBox`.
    #[test]
    fn seals_the_worked_example() {
        let factor: [u8; 32] = hex::decode("67a9b25d7cd2e11cba781af1d4be91c73d3561e5a8fbc2904cb6c2f274acae37")
            .unwrap()
            .try_into()
            .unwrap();
        let public = derive_public_key(&factor);
        let sealed = seal(&public, &[1; 32], &[2; 32]).unwrap();
        assert_eq!(
            hex::encode(&sealed),
            "a4e09292b651c278b9772c569f5fa9bb13d906b46ab68c9df9dc2b4409f8a2096c28813bfd2227d2c3dc1e4faf7d4543453305b6dd14ad7dbf187e7a30492a941ec79ded167011c0cde72b50ed84e5b5"
        );
        assert_eq!(open(&public, &factor, &sealed).unwrap(), [2; 32]);
    }

    #[test]
    fn refuses_what_was_damaged_cut_or_made_with_a_weak_key() {
        let public = derive_public_key(&[3; 32]);
        let sealed = seal(&public, &[4; 32], b"text").unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut damaged = sealed.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&public, &[3; 32], &damaged), Err(Error::AuthFailed));
        }
        for length in 0..sealed.len() {
            assert_eq!(open(&public, &[3; 32], &sealed[..length]), Err(Error::AuthFailed));
        }
        assert_eq!(seal(&[0; 32], &[4; 32], b""), Err(Error::WeakPublicKey));
        assert_eq!(open(&public, &[3; 32], &[0; 64]), Err(Error::AuthFailed));
    }

    /// The construction of world-backup-client §2.1, from dalek and RustCrypto's crates.
    fn reference_seal(public_key: &[u8; 32], ephemeral_secret: &[u8; 32], message: &[u8]) -> Vec<u8> {
        use crypto_secretbox::aead::{Aead, KeyInit};
        use crypto_secretbox::XSalsa20Poly1305;
        use salsa20::cipher::consts::U10;
        let mut base = [0; 32];
        base[0] = 9;
        let ephemeral_public = x25519_dalek::x25519(*ephemeral_secret, base);
        let shared = x25519_dalek::x25519(*ephemeral_secret, *public_key);
        let key = salsa20::hsalsa::<U10>((&shared).into(), &[0u8; 16].into());
        let nonce = blake2b_simd::Params::new()
            .hash_length(24)
            .hash(&[ephemeral_public, *public_key].concat());
        let sealed = XSalsa20Poly1305::new(&key)
            .encrypt(nonce.as_bytes().into(), message)
            .unwrap();
        [&ephemeral_public[..], &sealed].concat()
    }

    /// A keypair, and as many messages as there are lengths, with an ephemeral secret each.
    fn messages(seed: u64, lengths: impl Iterator<Item = usize>) -> Vec<([u8; 32], Vec<u8>)> {
        let mut random = Seeded::new(seed);
        lengths.map(|length| (random.array(), random.bytes(length))).collect()
    }

    fn many_lengths() -> impl Iterator<Item = usize> {
        let boxes = if cfg!(debug_assertions) { 50 } else { 2_000 };
        (0..=300).chain((0..boxes).map(|index| index * 37 % 301))
    }

    #[test]
    fn each_path_seals_what_the_reference_seals_at_every_length() {
        let secret = Seeded::new(1).array();
        let public = derive_public_key(&secret);
        let table = RecipientTable::new(&public).unwrap();
        let messages = messages(2, many_lengths());
        let expected: Vec<Vec<u8>> = messages
            .iter()
            .map(|(ephemeral, message)| reference_seal(&public, ephemeral, message))
            .collect();

        let mut batch: Vec<Vec<u8>> = messages
            .iter()
            .map(|(_, message)| [&[0; 48], &message[..]].concat())
            .collect();
        let mut to_one = batch.clone();
        seal_batch(
            None,
            batch.iter_mut().zip(&messages).map(|(sealed, (ephemeral_secret, _))| {
                let (header, message) = sealed.split_first_chunk_mut().unwrap();
                SealJob {
                    public_key: &public,
                    ephemeral_secret,
                    message,
                    header,
                }
            }),
            |index| panic!("refused {index}"),
        );
        seal_batch(
            Some(&table),
            to_one.iter_mut().zip(&messages).map(|(sealed, (ephemeral_secret, _))| {
                let (header, message) = sealed.split_first_chunk_mut().unwrap();
                SealJob {
                    public_key: &public,
                    ephemeral_secret,
                    message,
                    header,
                }
            }),
            |index| panic!("refused {index}"),
        );
        assert!(batch == expected && to_one == expected);
        for ((ephemeral, message), expected) in messages.iter().zip(&expected).step_by(7) {
            assert_eq!(&seal(&public, ephemeral, message).unwrap(), expected);
            let mut in_place = message.clone();
            let header = seal_in_place(Some(&table), &public, ephemeral, &mut in_place).unwrap();
            assert_eq!(&[&header[..], &in_place].concat(), expected);
            assert_eq!(&open(&public, &secret, expected).unwrap(), message);
        }

        open_batch(
            &public,
            &secret,
            batch.iter_mut().enumerate().map(|(index, sealed)| {
                let (header, message) = sealed.split_first_chunk_mut().unwrap();
                OpenJob { index, header, message }
            }),
            |index| panic!("refused {index}"),
        );
        for (opened, (_, message)) in batch.iter().zip(&messages) {
            assert_eq!(&opened[48..], message);
        }
    }

    #[test]
    fn a_batch_to_distinct_recipients_refuses_only_the_weak() {
        let mut random = Seeded::new(3);
        let messages = messages(4, 0..150);
        let weak = [3, 64, 65, 149];
        let secrets: Vec<[u8; 32]> = random.keys(150);
        let publics: Vec<[u8; 32]> = secrets
            .iter()
            .enumerate()
            .map(|(index, secret)| {
                if weak.contains(&index) {
                    [0; 32]
                } else {
                    derive_public_key(secret)
                }
            })
            .collect();
        let mut batch: Vec<Vec<u8>> = messages
            .iter()
            .map(|(_, message)| [&[1; 48], &message[..]].concat())
            .collect();
        let mut refused = Vec::new();
        seal_batch(
            None,
            batch
                .iter_mut()
                .zip(&messages)
                .zip(&publics)
                .map(|((sealed, (ephemeral_secret, _)), public_key)| {
                    let (header, message) = sealed.split_first_chunk_mut().unwrap();
                    SealJob {
                        public_key,
                        ephemeral_secret,
                        message,
                        header,
                    }
                }),
            |index| refused.push(index),
        );
        assert_eq!(refused, weak);
        for (index, (ephemeral, message)) in messages.iter().enumerate() {
            if weak.contains(&index) {
                assert_eq!(batch[index], [&[0; 48], &message[..]].concat());
            } else {
                assert_eq!(batch[index], reference_seal(&publics[index], ephemeral, message));
            }
        }
    }

    /// world-backup-client §17: ephemeral keys that are all zero or of order 1 are refused.
    #[test]
    fn a_batch_to_open_refuses_and_zeroes_only_what_is_forged_or_weak() {
        let secret = Seeded::new(5).array();
        let public = derive_public_key(&secret);
        let messages = messages(6, 1..140);
        let mut batch: Vec<Vec<u8>> = messages
            .iter()
            .map(|(ephemeral, message)| seal(&public, ephemeral, message).unwrap())
            .collect();
        batch[5][..32].fill(0);
        batch[64][..32].fill(0);
        batch[64][0] = 1;
        batch[70][40] ^= 1;
        *batch[138].last_mut().unwrap() ^= 0x80;
        let mut refused = Vec::new();
        open_batch(
            &public,
            &secret,
            batch.iter_mut().enumerate().map(|(index, sealed)| {
                let (header, message) = sealed.split_first_chunk_mut().unwrap();
                OpenJob { index, header, message }
            }),
            |index| refused.push(index),
        );
        assert_eq!(refused, [5, 64, 70, 138]);
        for (index, (_, message)) in messages.iter().enumerate() {
            if refused.contains(&index) {
                assert!(batch[index][48..].iter().all(|byte| *byte == 0));
            } else {
                assert_eq!(&batch[index][48..], message);
            }
        }
    }
}
