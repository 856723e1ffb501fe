/**
 * What a pool offers: the bulk and slow part of {@link Engine}, under the same names, with the same bytes and error codes,
 * as promises. One job runs in one worker; jobs wait their turn in the order asked for, and may end in any order.
 *
 * Keys, nonces, salts, passwords and associated data are copied when the call is made, as everywhere. Messages, files and
 * containers are *given up* unless `inputs: 'copy'` asks otherwise: when the call returns, their arrays are detached
 * (`length` is 0), for their memory has moved to the pool, which wipes it when the job is done. An array that is only part
 * of its buffer, or lies in shared memory, is copied and left as it was. Handles stay in their engine: pass bytes.
 *
 * A job may be refused with a code of the engine, or with one of {@link PoolErrorCode}.
 */
import type { Bytes } from '@holdfast/base'
import type {
  Backend,
  Batch,
  ContainerContents,
  CryptoErrorCode,
  FileRecord,
  KeyPair,
  Messages,
  OpenedBatch,
  PasswordHashOptions,
  Progress,
} from '../engine'
import type { InitOptions } from '../init'

export type PoolErrorCode =
  /** The job's signal fired; `cause` is the signal's reason. */
  | 'aborted'
  /** The worker died during the job; another has taken its place, and the job may be asked for again. */
  | 'worker_lost'
  /** Workers are missing here, or refused by policy or environment. */
  | 'workers_unavailable'
  /** The pool was closed before the job was done. */
  | 'pool_closed'

export interface PoolOptions extends Pick<InitOptions, 'backend' | 'wasm' | 'onFallback'> {
  /** Number of workers, 1 to 64; default: one for each core, at most 8. */
  readonly size?: number
  /** Address of the worker's script, for bundlers that do not find it; default: the file beside the entry. */
  readonly worker?: URL | string
}

export interface JobOptions {
  /** Ends the job with `aborted`: one that waits is dropped, one that runs loses its worker, which is replaced. */
  readonly signal?: AbortSignal
  /** Whether messages, files and containers are given up (`transfer`, the default) or stay the caller's (`copy`). */
  readonly inputs?: 'transfer' | 'copy'
}

export interface ContainerJobOptions extends JobOptions {
  /** As the engine's; what it throws ends the job. */
  readonly onProgress?: Progress
}

/** One for all, or one each: as a list, or for keys and nonces one after another in one array. */
type Each<Item> = Item | readonly Item[]
type Opened = (Bytes | CryptoErrorCode)[]

/** @see Aead of the engine. */
export interface PooledAead {
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array, job?: JobOptions): Promise<Bytes>
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array, job?: JobOptions): Promise<Bytes>
  sealBatch(
    keys: Each<Uint8Array>,
    nonces: Each<Uint8Array>,
    aads: Each<Uint8Array>,
    plaintexts: Messages,
    job?: JobOptions,
  ): Promise<Batch>
  sealMany(
    keys: Each<Uint8Array>,
    nonces: Each<Uint8Array>,
    aads: Each<Uint8Array>,
    plaintexts: Messages,
    job?: JobOptions,
  ): Promise<Bytes[]>
  openBatch(
    keys: Each<Uint8Array>,
    nonces: Each<Uint8Array>,
    aads: Each<Uint8Array>,
    ciphertexts: Messages,
    job?: JobOptions,
  ): Promise<OpenedBatch>
  openMany(
    keys: Each<Uint8Array>,
    nonces: Each<Uint8Array>,
    aads: Each<Uint8Array>,
    ciphertexts: Messages,
    job?: JobOptions,
  ): Promise<Opened>
}

/** @see X25519 of the engine. */
export interface PooledX25519 {
  derivePublicKeys(secretKeys: readonly Uint8Array[], job?: JobOptions): Promise<Bytes[]>
  sharedSecrets(secretKeys: readonly Uint8Array[], publicKeys: readonly Uint8Array[], job?: JobOptions): Promise<Opened>
}

/** @see SealedBox of the engine. Ephemeral keys are drawn in the worker, from the platform's CSPRNG. */
export interface PooledSealedBox {
  seal(publicKey: Uint8Array, plaintext: Uint8Array, job?: JobOptions): Promise<Bytes>
  open(keyPair: KeyPair, box: Uint8Array, job?: JobOptions): Promise<Bytes>
  sealBatch(publicKeys: Each<Uint8Array>, plaintexts: Messages, job?: JobOptions): Promise<Batch>
  sealMany(publicKeys: Each<Uint8Array>, plaintexts: Messages, job?: JobOptions): Promise<Bytes[]>
  openBatch(keyPair: KeyPair, boxes: Messages, job?: JobOptions): Promise<OpenedBatch>
  openMany(keyPair: KeyPair, boxes: Messages, job?: JobOptions): Promise<Opened>
}

/** @see Hash of the engine. */
export interface PooledHash {
  blake2b(message: Uint8Array, options?: { readonly length?: number; readonly key?: Uint8Array }, job?: JobOptions): Promise<Bytes>
  blake3(message: Uint8Array, options?: { readonly length?: number }, job?: JobOptions): Promise<Bytes>
}

/** @see Kdf of the engine. Password and salt are copied. */
export interface PooledKdf {
  scrypt(options: PasswordHashOptions, job?: JobOptions): Promise<Bytes>
  argon2id(options: PasswordHashOptions, job?: JobOptions): Promise<Bytes>
}

/** @see Envelopes of the engine. */
export interface PooledEnvelopes {
  sealBatch(keys: Each<Uint8Array>, nonces: Each<Uint8Array>, plaintexts: Messages, job?: JobOptions): Promise<Batch>
  sealMany(keys: Each<Uint8Array>, nonces: Each<Uint8Array>, plaintexts: Messages, job?: JobOptions): Promise<Bytes[]>
  openBatch(keys: Each<Uint8Array>, envelopes: Messages, job?: JobOptions): Promise<OpenedBatch>
  openMany(keys: Each<Uint8Array>, envelopes: Messages, job?: JobOptions): Promise<Opened>
}

/** @see Container of the engine. */
export interface PooledContainer {
  pack(rootKeyJson: string, files: readonly FileRecord[], mtime: number, job?: ContainerJobOptions): Promise<Bytes>
  unpack(container: Uint8Array, maxBytes: number, job?: ContainerJobOptions): Promise<ContainerContents>
  packSealed(
    publicKey: Uint8Array,
    rootKeyJson: string,
    files: readonly FileRecord[],
    mtime: number,
    job?: ContainerJobOptions,
  ): Promise<Bytes>
  unpackSealed(keyPair: KeyPair, sealed: Uint8Array, maxBytes: number, job?: ContainerJobOptions): Promise<ContainerContents>
}

export interface Pool extends AsyncDisposable {
  /** What every worker runs. */
  readonly backend: Backend
  /** Number of workers. */
  readonly size: number
  readonly aead: { readonly chacha20poly1305: PooledAead; readonly xchacha20poly1305: PooledAead }
  readonly x25519: PooledX25519
  readonly sealedBox: PooledSealedBox
  readonly hash: PooledHash
  readonly kdf: PooledKdf
  readonly envelopes: PooledEnvelopes
  readonly container: PooledContainer
  /** Ends every worker; jobs that wait or run are refused with `pool_closed`. May be called twice. */
  close(): Promise<void>
}
