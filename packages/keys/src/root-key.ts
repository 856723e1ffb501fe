/** The account's root key and its subkeys (world-backup-client §5.1, §5.2). */
import { type Bytes, decodeHex, decodeUtf8, encodeHex, encodeUtf8, type Random, Secret } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { decodeRootKey, encodeRootKey } from '@holdfast/wire'
import { sha256 } from '@noble/hashes/sha2.js'

/** Canonical root key JSON, as UTF-8. Everything of the account hangs below it. */
export type RootKey = Secret<'root-key'>

const CONTEXT = encodeUtf8('OXIDEKEY')

/** A new V1 root key: 32 random bytes. */
export function makeRootKey(random: Random): RootKey {
  const key = random(32)
  try {
    return hold(encodeRootKey({ version: 'V1', key: encodeHex(key) }))
  } finally {
    key.fill(0)
  }
}

/**
 * @param json root key JSON, V0 or V1, as a backup or a device holds it; need not be canonical.
 * @throws {StructureError} `invalid_root_key`.
 */
export function loadRootKey(json: string): RootKey {
  return hold(encodeRootKey(decodeRootKey(json)))
}

/** The canonical JSON that goes into a backup. It is the secret itself, as text that cannot be wiped. */
export function exposeRootKeyJson(rootKey: RootKey): string {
  return rootKey.use((bytes) => decodeUtf8(bytes))
}

function hold(json: string): RootKey {
  const bytes = encodeUtf8(json)
  try {
    return new Secret('root-key', bytes)
  } finally {
    bytes.fill(0)
  }
}

/**
 * libsodium `crypto_kdf` under the context `OXIDEKEY`.
 *
 * @param id subkey id, an unsigned integer of 64 bits.
 * @returns 32 bytes; the caller wipes them.
 * @throws {ArgumentError} `invalid_argument`: an id of more than 64 bits, or below 0.
 * @throws {HoldfastError} `secret_wiped`.
 * @example
 * ```ts
 * const subkey = deriveSubkey(engine, makeRootKey(engine.random), 0x101n)
 * ```
 */
export function deriveSubkey(engine: Engine, rootKey: RootKey, id: bigint): Bytes {
  const { version, key } = decodeRootKey(exposeRootKeyJson(rootKey))
  // A V0 key is hashed as text, even where it looks like hex.
  const base = version === 'V1' ? decodeHex(key) : sha256(encodeUtf8(key))
  try {
    return engine.kdf.subkey(base, CONTEXT, id, 32)
  } finally {
    base.fill(0)
  }
}
