/** Turtl's master key (turtl §3.1): scrypt over the password, salted by the e-mail. */
import { concatBytes, encodeUtf8, Secret } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { sha512 } from '@noble/hashes/sha2.js'

const OPS_LIMIT = 524_288
const MEM_LIMIT = 16_777_216

/** 32 bytes: opens the user record and the keychain. */
export type MasterKey = Secret<'turtl-master-key'>

/** Locale-independent lowercasing; no trimming, no Unicode normalisation. */
export function normaliseUsername(username: string): string {
  return username.toLowerCase()
}

/**
 * @param username e-mail as typed; its case does not matter.
 * @param password case-sensitive, taken as it is: neither trimmed nor normalised.
 * @example
 * ```ts
 * const masterKey = deriveMasterKey(engine, 'Alice@Example.com', 'correct horse battery staple')
 * ```
 */
export function deriveMasterKey(engine: Engine, username: string, password: string): MasterKey {
  const salt = sha512(concatBytes(encodeUtf8('v0/'), encodeUtf8(normaliseUsername(username)))).slice(0, 32)
  return new Secret('turtl-master-key', scryptOnce(engine, encodeUtf8(password), salt), 32)
}

/** Turtl's scrypt, N = 16384, r = 8, p = 1; `password` is wiped. @returns 32 bytes; the caller wipes them. */
export function scryptOnce(engine: Engine, password: Uint8Array, salt: Uint8Array): Uint8Array {
  try {
    return engine.kdf.scrypt({ password, salt, opsLimit: OPS_LIMIT, memLimit: MEM_LIMIT, length: 32 })
  } finally {
    password.fill(0)
  }
}
