/** Turtl's master key (turtl §3.1): scrypt over the password, salted by the e-mail. */
import { type Bytes, concatBytes, encodeUtf8 } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { sha512 } from '@noble/hashes/sha2.js'

const OPS_LIMIT = 524_288
const MEM_LIMIT = 16_777_216

/** Locale-independent lowercasing; no trimming, no normalisation. */
export function normaliseUsername(username: string): string {
  return username.toLowerCase()
}

/**
 * @param username e-mail as typed.
 * @param password case-sensitive, taken as it is.
 * @returns 32 bytes.
 */
export function deriveMasterKey(engine: Engine, username: string, password: string): Bytes {
  const salt = sha512(concatBytes(encodeUtf8('v0/'), encodeUtf8(normaliseUsername(username)))).slice(0, 32)
  return engine.kdf.scrypt({ password: encodeUtf8(password), salt, opsLimit: OPS_LIMIT, memLimit: MEM_LIMIT, length: 32 })
}
