import { encodeHex, encodeUtf8 } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { sealEnvelope } from '@holdfast/wire'
import { sha512 } from '@noble/hashes/sha2.js'
import { deriveMasterKey, normaliseUsername } from './master-key'

/**
 * What Turtl's server knows instead of the password (turtl §3.3): deterministic, 322 hex digits.
 * The nonce comes from the username, so the same account always gives the same token.
 */
export function deriveAuthToken(engine: Engine, username: string, password: string): string {
  const nonce = sha512(encodeUtf8(normaliseUsername(username))).slice(0, 12)
  const plaintext = encodeUtf8(encodeHex(sha512(encodeUtf8(password))))
  const masterKey = deriveMasterKey(engine, username, password)
  try {
    return encodeHex(sealEnvelope(engine, masterKey, plaintext, nonce))
  } finally {
    masterKey.fill(0)
  }
}
