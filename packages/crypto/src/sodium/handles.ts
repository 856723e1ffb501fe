/** Key material and buffers of the fallback engine: plain memory, wiped by `free`. */
import { ArgumentError, type Bytes } from '@holdfast/base'
import { areFlatKeys } from '../batch'
import { checkLength, checkLimit, checkRange } from '../checks'
import type { Buffer, Key, KeyPair, KeyPairHandle, Keys, Recipient, RecipientHandle } from '../engine'
import { freed, Redacted, RedactedHandle } from '../handle'
import { refuse } from '../refusal'

export class SodiumHandle<Kind extends string> extends RedactedHandle<Kind> {
  readonly #bytes: Bytes
  #freed = false

  constructor(kind: Kind, bytes: Bytes) {
    super(kind)
    this.#bytes = bytes
  }

  reveal(): Bytes {
    if (this.#freed) throw freed('key_freed', this.kind)
    return this.#bytes
  }

  free(): void {
    this.#bytes.fill(0)
    this.#freed = true
  }
}

/** libsodium has no tables: preparing only finds out whether the key is any good. */
export class SodiumRecipient extends SodiumHandle<'recipient'> implements RecipientHandle {
  readonly #isWeak: (publicKey: Uint8Array) => boolean

  constructor(publicKey: Bytes, isWeak: (publicKey: Uint8Array) => boolean) {
    super('recipient', publicKey)
    this.#isWeak = isWeak
  }

  prepare(): void {
    if (this.#isWeak(this.reveal())) throw refuse('weak_public_key', 'the public key')
  }
}

export class SodiumBuffer extends Redacted implements Buffer {
  readonly kind = 'buffer'
  readonly length: number
  readonly #bytes: Bytes
  #freed = false

  constructor(length: number) {
    super()
    checkRange('buffer length', length, 1, Number.MAX_SAFE_INTEGER)
    checkLimit(length)
    this.length = length
    this.#bytes = new Uint8Array(length)
  }

  get bytes(): Bytes {
    if (this.#freed) throw freed('buffer_freed', this.kind)
    return this.#bytes
  }

  free(): void {
    this.#bytes.fill(0)
    this.#freed = true
  }
}

/** @throws `invalid_argument`, `key_freed`. */
export function keyBytes(key: Key): Uint8Array {
  if (key instanceof SodiumHandle) return revealKind(key, 'aead key')
  checkLength('key', key as Uint8Array, 32)
  return key as Uint8Array
}

/** Checks the keys of a batch. @throws `invalid_argument`, `key_freed`. */
export function checkKeys(keys: Keys, count: number): void {
  if (areFlatKeys(keys, count)) return
  for (const key of Array.isArray(keys) ? keys : [keys]) keyBytes(key)
}

/** @throws `invalid_argument`, `key_freed`. */
export function recipientBytes(recipient: Recipient): Uint8Array {
  if (recipient instanceof SodiumHandle) return revealKind(recipient, 'recipient')
  checkLength('public key', recipient as Uint8Array, 32)
  return recipient as Uint8Array
}

/** @throws `invalid_argument`, `key_freed`. */
export function keyPairBytes(keyPair: KeyPair | KeyPairHandle): { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array } {
  if (keyPair instanceof SodiumHandle) {
    const bytes = revealKind(keyPair, 'key pair')
    return { publicKey: bytes.subarray(0, 32), secretKey: bytes.subarray(32) }
  }
  const { publicKey, secretKey } = keyPair as KeyPair
  checkLength('public key', publicKey, 32)
  checkLength('secret key', secretKey, 32)
  return { publicKey, secretKey }
}

function revealKind(handle: SodiumHandle<string>, kind: string): Bytes {
  if (handle.kind !== kind)
    throw new ArgumentError({ what: kind, expected: `32 bytes or a ${kind} of this engine`, got: `a ${handle.kind}` })
  return handle.reveal()
}
