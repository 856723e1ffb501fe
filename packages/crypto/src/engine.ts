/**
 * The one interface behind which both engines stand: the Rust/WASM core and libsodium.
 *
 * Every method takes and returns plain bytes and copies what it keeps. Sizes are checked before anything is allocated
 * (`invalid_argument`, `limit_exceeded`); a ciphertext that does not open is `auth_failed`, never more specific.
 * Both engines give the same bytes for the same input, and the same error codes.
 */
import type { Bytes, Random } from '@holdfast/base'

export type Backend = 'wasm' | 'sodium'

/** Codes an engine may throw, besides those of `init`. */
export type CryptoErrorCode =
  | 'invalid_argument'
  | 'limit_exceeded'
  | 'auth_failed'
  | 'truncated'
  | 'unsupported_version'
  | 'unsupported_algorithm'
  | 'noncanonical_header'
  | 'weak_public_key'
  | 'randomness_unavailable'
  | ContainerErrorCode

/** world-backup-client §3.5, §17: what a V0 container can be refused for. */
export type ContainerErrorCode =
  /** `VersionNotDetectedError`: no version tag, or another one. */
  | 'version_not_detected'
  /** `IoError`: not gzip, corrupt tar, root key that is not UTF-8. */
  | 'container_damaged'
  /** `ReadFileNameError`: an entry name that is not UTF-8. */
  | 'invalid_file_name'
  /** `DecodeBackupFileError`: a file record that does not decode. */
  | 'invalid_file_record'
  /** `InvalidChecksumError`: content that does not match its BLAKE3. */
  | 'invalid_checksum'
  /** Ours: decompresses to more than the cap. */
  | 'container_too_large'
  /** Ours: a path the tar writer cannot name (absolute, `..`, NUL, empty). */
  | 'invalid_path'

/** An AEAD with a 32-byte key. `ciphertext` always carries the 16-byte tag at its end. */
export interface Aead {
  readonly keyLength: 32
  readonly nonceLength: 12 | 24
  readonly tagLength: 16
  /** @returns `plaintext.length + 16` bytes. */
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Bytes
  /** @throws `auth_failed` (also when shorter than the tag). */
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Bytes
}

/** An X25519 key pair, 32 raw bytes each; the secret half is stored unclamped (world-backup-client §2.1). */
export interface KeyPair {
  readonly publicKey: Bytes
  readonly secretKey: Bytes
}

/** libsodium `crypto_box_seal`: X25519, XSalsa20-Poly1305, BLAKE2b-192 nonce. 48 bytes longer than the plaintext. */
export interface SealedBox {
  readonly overhead: 48
  makeKeyPair(): KeyPair
  /** @throws `weak_public_key` when the shared secret would be all zero. */
  seal(publicKey: Uint8Array, plaintext: Uint8Array): Bytes
  /** As `seal`, with the ephemeral secret given: for vectors only; reusing one reveals the plaintexts. */
  sealWithEphemeral(publicKey: Uint8Array, ephemeralSecret: Uint8Array, plaintext: Uint8Array): Bytes
  /** @throws `auth_failed` (also when shorter than 48 bytes, or for an all-zero shared secret). */
  open(keyPair: KeyPair, box: Uint8Array): Bytes
}

export interface Hash {
  /** BLAKE2b; `length` 1 to 64, default 32; `key` up to 64 bytes. */
  blake2b(message: Uint8Array, options?: { readonly length?: number; readonly key?: Uint8Array }): Bytes
  /** BLAKE3, default mode; `length` 1 to 65536, default 32. */
  blake3(message: Uint8Array, options?: { readonly length?: number }): Bytes
}

export interface PasswordHashOptions {
  readonly password: Uint8Array
  /** 32 bytes for scrypt, 16 for Argon2id. */
  readonly salt: Uint8Array
  /** libsodium's opslimit. */
  readonly opsLimit: number
  /** libsodium's memlimit, in bytes; at most 1 GiB here. */
  readonly memLimit: number
  /** Bytes of output, 16 to 1024. */
  readonly length: number
}

export interface Kdf {
  /** libsodium `crypto_kdf_derive_from_key`: 32-byte key, 8-byte context, `length` 16 to 64. */
  subkey(key: Uint8Array, context: Uint8Array, id: bigint, length: number): Bytes
  /** libsodium `crypto_pwhash_scryptsalsa208sha256`. */
  scrypt(options: PasswordHashOptions): Bytes
  /** libsodium `crypto_pwhash` with `ALG_ARGON2ID13`. */
  argon2id(options: PasswordHashOptions): Bytes
}

/** Many Turtl v6 envelopes (turtl §1) in one call. An envelope is 33 bytes longer than its plaintext. */
export interface Envelopes {
  /** `keys`, `nonces` and `plaintexts` are parallel; `nonces` are 12 bytes each. */
  sealMany(keys: readonly Uint8Array[], nonces: readonly Uint8Array[], plaintexts: readonly Uint8Array[]): Bytes[]
  /** Never throws for a bad envelope: each result is the plaintext or the code it was refused with, in the order given. */
  openMany(keys: readonly Uint8Array[], envelopes: readonly Uint8Array[]): (Bytes | CryptoErrorCode)[]
}

/** A file as it travels in a V0 container. `designator` is one of the closed set of world-backup-client §4.1. */
export interface FileRecord {
  readonly designator: string
  readonly path: string
  readonly content: Uint8Array
}

export interface ContainerContents {
  /** Text of `root_secret.json` as found; judging it is the caller's (world-backup-client §3.5 rule 7). */
  readonly rootKeyJson: string
  readonly files: readonly { readonly designator: string; readonly path: string; readonly content: Bytes }[]
}

/** The World V0 container: gzip(tar(version, root key, CBOR file records)) (world-backup-client §3, §17). */
export interface Container {
  /** CBOR of one file record (§3.3), BLAKE3 checksum included. */
  encodeRecord(record: FileRecord): Bytes
  /** @throws `invalid_file_record`, `invalid_checksum`. */
  decodeRecord(cbor: Uint8Array): { designator: string; path: string; content: Bytes }
  /** `mtime` in Unix seconds, written into every tar header. @throws `invalid_path`. */
  pack(rootKeyJson: string, files: readonly FileRecord[], mtime: number): Bytes
  /** `maxBytes` caps the decompressed tar. @throws {ContainerErrorCode}. */
  unpack(container: Uint8Array, maxBytes: number): ContainerContents
  /** `pack` and sealed box in one call: the plaintext container never leaves the engine. */
  packSealed(publicKey: Uint8Array, rootKeyJson: string, files: readonly FileRecord[], mtime: number): Bytes
  /** Sealed box and `unpack` in one call. @throws `auth_failed` and what `unpack` throws. */
  unpackSealed(keyPair: KeyPair, sealed: Uint8Array, maxBytes: number): ContainerContents
}

export interface Engine {
  readonly backend: Backend
  /** The source every `make…` draws from; also handed to those who need randomness beside the engine. */
  readonly random: Random
  readonly aead: { readonly chacha20poly1305: Aead; readonly xchacha20poly1305: Aead }
  readonly x25519: {
    /** Clamps at use, as libsodium does. */
    derivePublicKey(secretKey: Uint8Array): Bytes
  }
  readonly sealedBox: SealedBox
  readonly hash: Hash
  readonly kdf: Kdf
  readonly envelopes: Envelopes
  readonly container: Container
}
