/**
 * The one interface behind which both engines stand: the Rust/WASM core and libsodium.
 *
 * Both engines give the same bytes for the same input, and the same error codes. Sizes are checked before anything is
 * allocated (`invalid_argument`, `limit_exceeded`: one call takes at most 512 MiB); a ciphertext that does not open is
 * `auth_failed`, never more specific, and gives no byte of plaintext.
 *
 * How bytes travel is a contract, told by a method's name:
 *
 *   seal, open                 copies in, returns a fresh array
 *   sealInto, openInto         copies in, writes to the start of the caller's array, returns the number of bytes; `out`
 *                              may overlap the inputs, and is left alone when the call throws
 *   sealInPlace, openInPlace   works inside an engine-owned {@link Buffer}
 *   sealBatch, openBatch       many messages, one result array and offsets ({@link Batch})
 *   sealMany, openMany         the same as a list of views of that one array
 *   make…, load… (of a key)    key material that stays inside the engine, behind a handle
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
  /** A handle was used after `free()`. */
  | 'key_freed'
  /** A buffer was used after `free()`. */
  | 'buffer_freed'
  /** The core trapped during this call; a fresh instance has taken over. */
  | 'core_poisoned'
  /** A handle or buffer of an instance that trapped. */
  | 'handle_stale'
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

/**
 * Key material inside an engine. `free` wipes it; a handle that is forgotten keeps its bytes until the engine goes.
 * It redacts itself wherever it could be printed.
 *
 * @throws `key_freed`, `handle_stale`: on use, after `free` or after the core trapped.
 */
export interface Handle<Kind extends string> extends Disposable {
  readonly kind: Kind
  /** Wipes. May be called twice. */
  free(): void
}

/** A 32-byte AEAD key. */
export type KeyHandle = Handle<'aead key'>
/** Both halves of an X25519 key pair, for opening. */
export type KeyPairHandle = Handle<'key pair'>
/** A public key to seal to, with a table of its multiples that makes every further box faster. */
export interface RecipientHandle extends Handle<'recipient'> {
  /** Builds the table now (about 30 KB); else it is built when enough boxes were asked for. @throws `weak_public_key`. */
  prepare(): void
}

export type Key = Uint8Array | KeyHandle
export type Recipient = Uint8Array | RecipientHandle

/** One key for all messages, or one each: as a list, or 32 bytes each one after another in one array, which is fastest. */
export type Keys = Key | readonly Key[]
/** A nonce for each message: as a list, or one after another in one array, which is fastest. */
export type Nonces = Uint8Array | readonly Uint8Array[]

/** Bytes owned by the engine, for work in place: nothing is copied across. */
export interface Buffer extends Disposable {
  readonly length: number
  /**
   * The bytes, to fill and to read. Take them anew for each use: a view taken earlier is detached when the engine's
   * memory has grown since.
   */
  readonly bytes: Bytes
  /** Wipes. May be called twice. */
  free(): void
}

/** Many messages in one array: message `i` is `bytes.subarray(offsets[i], offsets[i + 1])`. */
export interface Batch {
  readonly bytes: Bytes
  /** One more than there are messages. */
  readonly offsets: Uint32Array
}

/** What came of opening many: a refused message is empty, and its code stands in its place. */
export interface OpenedBatch extends Batch {
  readonly codes: readonly (CryptoErrorCode | undefined)[]
}

/** Messages to work on, as a list or as the result of an earlier batch. */
export type Messages = readonly Uint8Array[] | Batch

/** An AEAD with a 32-byte key. `ciphertext` always carries the 16-byte tag at its end. */
export interface Aead {
  readonly keyLength: 32
  readonly nonceLength: 12 | 24
  readonly tagLength: 16
  /** A fresh random key that never leaves the engine. */
  makeKey(): KeyHandle
  /** @param key 32 bytes, copied; wipe your own. */
  loadKey(key: Uint8Array): KeyHandle
  /** @returns `plaintext.length + 16` bytes. */
  seal(key: Key, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Bytes
  /** @throws `auth_failed` (also when shorter than the tag). */
  open(key: Key, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Bytes
  /** @param out at least `plaintext.length + 16` bytes. */
  sealInto(out: Uint8Array, key: Key, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): number
  /** @param out at least `ciphertext.length - 16` bytes. */
  openInto(out: Uint8Array, key: Key, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): number
  /** Turns the first `length` bytes of `buffer` into ciphertext and tag. @returns `length + 16`. */
  sealInPlace(key: Key, nonce: Uint8Array, aad: Uint8Array, buffer: Buffer, length: number): number
  /** Turns the first `length` bytes of `buffer` into the plaintext; zeroes them when it does not open. @returns `length - 16`. */
  openInPlace(key: Key, nonce: Uint8Array, aad: Uint8Array, buffer: Buffer, length: number): number
  /** One key and nonce per message, or one key or `aad` for all. */
  sealBatch(keys: Keys, nonces: Nonces, aads: Uint8Array | readonly Uint8Array[], plaintexts: Messages): Batch
  sealMany(keys: Keys, nonces: Nonces, aads: Uint8Array | readonly Uint8Array[], plaintexts: Messages): Bytes[]
  /** Never throws for a bad message. */
  openBatch(keys: Keys, nonces: Nonces, aads: Uint8Array | readonly Uint8Array[], ciphertexts: Messages): OpenedBatch
  /** Each result is the plaintext or the code it was refused with, in the order given. */
  openMany(keys: Keys, nonces: Nonces, aads: Uint8Array | readonly Uint8Array[], ciphertexts: Messages): (Bytes | CryptoErrorCode)[]
}

/** An X25519 key pair, 32 raw bytes each; the secret half is stored unclamped (world-backup-client §2.1). */
export interface KeyPair {
  readonly publicKey: Bytes
  readonly secretKey: Bytes
}

/** X25519 (RFC 7748). Secret keys are 32 raw bytes, clamped at use, as libsodium does. */
export interface X25519 {
  derivePublicKey(secretKey: Uint8Array): Bytes
  derivePublicKeys(secretKeys: readonly Uint8Array[]): Bytes[]
  /** @throws `weak_public_key` when the shared secret would be all zero. */
  sharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Bytes
  /** Each result is the shared secret or `weak_public_key`, in the order given. */
  sharedSecrets(secretKeys: readonly Uint8Array[], publicKeys: readonly Uint8Array[]): (Bytes | CryptoErrorCode)[]
}

/** libsodium `crypto_box_seal`: X25519, XSalsa20-Poly1305, BLAKE2b-192 nonce. 48 bytes longer than the plaintext. */
export interface SealedBox {
  readonly overhead: 48
  makeKeyPair(): KeyPair
  /** Keeps both halves inside the engine; wipe your own copy of the secret one. */
  loadKeyPair(keyPair: KeyPair): KeyPairHandle
  loadRecipient(publicKey: Uint8Array): RecipientHandle
  /** @throws `weak_public_key` when the shared secret would be all zero. */
  seal(recipient: Recipient, plaintext: Uint8Array): Bytes
  /** As `seal`, with the ephemeral secret given: for vectors only; reusing one reveals the plaintexts. */
  sealWithEphemeral(publicKey: Uint8Array, ephemeralSecret: Uint8Array, plaintext: Uint8Array): Bytes
  /** @param out at least `plaintext.length + 48` bytes. */
  sealInto(out: Uint8Array, recipient: Recipient, plaintext: Uint8Array): number
  /** @throws `auth_failed` (also when shorter than 48 bytes, or for an all-zero shared secret). */
  open(keyPair: KeyPair | KeyPairHandle, box: Uint8Array): Bytes
  /** @param out at least `box.length - 48` bytes. */
  openInto(out: Uint8Array, keyPair: KeyPair | KeyPairHandle, box: Uint8Array): number
  /** To one recipient each, or all to one. @throws `weak_public_key`: for any of them; nothing is sealed. */
  sealBatch(recipients: Recipient | readonly Recipient[], plaintexts: Messages): Batch
  sealMany(recipients: Recipient | readonly Recipient[], plaintexts: Messages): Bytes[]
  /** All with one key pair. Never throws for a bad box. */
  openBatch(keyPair: KeyPair | KeyPairHandle, boxes: Messages): OpenedBatch
  openMany(keyPair: KeyPair | KeyPairHandle, boxes: Messages): (Bytes | CryptoErrorCode)[]
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
  subkey(key: Key, context: Uint8Array, id: bigint, length: number): Bytes
  /** libsodium `crypto_pwhash_scryptsalsa208sha256`. */
  scrypt(options: PasswordHashOptions): Bytes
  /** libsodium `crypto_pwhash` with `ALG_ARGON2ID13`. */
  argon2id(options: PasswordHashOptions): Bytes
}

/** Many Turtl v6 envelopes (turtl §1) in one call. An envelope is 33 bytes longer than its plaintext. */
export interface Envelopes {
  /** One 12-byte nonce per message; one key each, or one for all. */
  sealBatch(keys: Keys, nonces: Nonces, plaintexts: Messages): Batch
  sealMany(keys: Keys, nonces: Nonces, plaintexts: Messages): Bytes[]
  /**
   * Standard base64 of many envelopes (RFC 4648 §4), padded or not, to their bytes; an empty message for what is none.
   *
   * @throws {HoldfastError} `limit_exceeded`: more than 512 MiB of text.
   */
  decodeTexts(texts: readonly string[]): Batch
  /** `decodeTexts` and `openBatch` in one call: the bytes in between never leave the engine. What is no base64 is `truncated`. */
  openTexts(keys: Keys, texts: readonly string[]): OpenedBatch
  /** Never throws for a bad envelope. */
  openBatch(keys: Keys, envelopes: Messages): OpenedBatch
  /** Each result is the plaintext or the code it was refused with, in the order given. */
  openMany(keys: Keys, envelopes: Messages): (Bytes | CryptoErrorCode)[]
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

/** Heard between files: bytes done so far, and of how many in all. What it throws ends the call. */
export type Progress = (done: number, total: number) => void

/** The World V0 container: gzip(tar(version, root key, CBOR file records)) (world-backup-client §3, §17). */
export interface Container {
  /** CBOR of one file record (§3.3), BLAKE3 checksum included. */
  encodeRecord(record: FileRecord): Bytes
  /** @throws `invalid_file_record`, `invalid_checksum`. */
  decodeRecord(cbor: Uint8Array): { designator: string; path: string; content: Bytes }
  /**
   * @param mtime Unix seconds, written into every tar header.
   * @param onProgress in bytes of content.
   * @throws `invalid_path`, `invalid_file_record`.
   */
  pack(rootKeyJson: string, files: readonly FileRecord[], mtime: number, onProgress?: Progress): Bytes
  /**
   * @param maxBytes caps the decompressed tar.
   * @param onProgress in bytes of content, once all of it has been checked.
   * @throws {ContainerErrorCode}.
   */
  unpack(container: Uint8Array, maxBytes: number, onProgress?: Progress): ContainerContents
  /** `pack` and sealed box in one call: the plaintext container never leaves the engine. */
  packSealed(publicKey: Uint8Array, rootKeyJson: string, files: readonly FileRecord[], mtime: number, onProgress?: Progress): Bytes
  /** Sealed box and `unpack` in one call. @throws `auth_failed` and what `unpack` throws. */
  unpackSealed(keyPair: KeyPair | KeyPairHandle, sealed: Uint8Array, maxBytes: number, onProgress?: Progress): ContainerContents
}

export interface Engine {
  readonly backend: Backend
  /** The source every `make…` draws from; also handed to those who need randomness beside the engine. */
  readonly random: Random
  /** @param length bytes, all zero at first; leave room for the tag. */
  makeBuffer(length: number): Buffer
  readonly aead: { readonly chacha20poly1305: Aead; readonly xchacha20poly1305: Aead }
  readonly x25519: X25519
  readonly sealedBox: SealedBox
  readonly hash: Hash
  readonly kdf: Kdf
  readonly envelopes: Envelopes
  readonly container: Container
}
