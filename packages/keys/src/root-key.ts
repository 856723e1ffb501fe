/** Subkeys of the account's root key (world-backup-client §5.2). */
import { type Bytes, decodeHex, encodeHex, encodeUtf8, type Random } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { decodeRootKey, encodeRootKey } from '@holdfast/wire'
import { sha256 } from '@noble/hashes/sha2.js'

const CONTEXT = encodeUtf8('OXIDEKEY')

/** A new V1 root key as canonical JSON. */
export function makeRootKey(random: Random): string {
  const key = random(32)
  try {
    return encodeRootKey({ version: 'V1', key: encodeHex(key) })
  } finally {
    key.fill(0)
  }
}

/**
 * @param id 64-bit subkey id.
 * @returns 32 bytes.
 * @throws {StructureError} `invalid_root_key`.
 */
export function deriveSubkey(engine: Engine, rootKeyJson: string, id: bigint): Bytes {
  const { version, key } = decodeRootKey(rootKeyJson)
  // A V0 key is hashed as text, even where it looks like hex.
  const base = version === 'V1' ? decodeHex(key) : sha256(encodeUtf8(key))
  try {
    return engine.kdf.subkey(base, CONTEXT, id, 32)
  } finally {
    base.fill(0)
  }
}
