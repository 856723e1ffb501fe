import { encodeHex, encodeUtf8 } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { sealEnvelope } from '@holdfast/wire'
import { sha512 } from '@noble/hashes/sha2.js'
import { deriveMasterKey, normaliseUsername } from './master-key'

/**
 * What Turtl's server knows instead of the password (turtl §3.3): a v6 envelope under the master key, 322 hex digits.
 * The nonce comes from the username, so the same e-mail and password always give the same token. It logs in: keep it as
 * you would the password.
 *
 * @param username e-mail as typed; its case does not matter.
 * @param password case-sensitive, taken as it is.
 */
export function deriveAuthToken(engine: Engine, username: string, password: string): string {
  const nonce = sha512(encodeUtf8(normaliseUsername(username))).slice(0, 12)
  const plaintext = encodeUtf8(encodeHex(sha512(encodeUtf8(password))))
  const masterKey = deriveMasterKey(engine, username, password)
  try {
    return encodeHex(masterKey.use((key) => sealEnvelope(engine, key, plaintext, nonce)))
  } finally {
    masterKey.wipe()
    plaintext.fill(0)
  }
}
