/** What a login to Turtl is made of (turtl §3.1–§3.4). */
import { decodeHex, encodeHex, encodeUtf8, equalBytes, HoldfastError, Secret } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { sealEnvelope } from '@holdfast/wire'
import { sha512 } from '@noble/hashes/sha2.js'
import { deriveMasterKey, type MasterKey, normaliseUsername } from './master-key'

/** Everything an e-mail and a password give; the caller wipes both secrets. */
export interface TurtlLogin {
  /** The e-mail, lowercase. */
  readonly username: string
  /** 32 bytes. */
  readonly masterKey: MasterKey
  /** ASCII of the auth token, 322 hex digits. It logs in: as good as the password. */
  readonly authToken: Secret<'turtl-auth-token'>
}

/**
 * Both secrets from one scrypt, which takes some 50 ms.
 *
 * @param username e-mail as typed; its case does not matter.
 * @param password case-sensitive, taken as it is: neither trimmed nor normalised.
 * @example
 * ```ts
 * const { username, masterKey, authToken } = deriveTurtlLogin(engine, 'Alice@Example.com', 'correct horse battery staple')
 * ```
 */
export function deriveTurtlLogin(engine: Engine, username: string, password: string): TurtlLogin {
  const lowercase = normaliseUsername(username)
  const nonce = sha512(encodeUtf8(lowercase)).slice(0, 12)
  const plaintext = encodeUtf8(encodeHex(sha512(encodeUtf8(password))))
  const masterKey = deriveMasterKey(engine, username, password)
  try {
    const token = encodeUtf8(encodeHex(masterKey.use((key) => sealEnvelope(engine, key, plaintext, nonce))))
    const authToken = new Secret('turtl-auth-token', token)
    token.fill(0)
    return { username: lowercase, masterKey, authToken }
  } catch (error) {
    masterKey.wipe()
    throw error
  } finally {
    plaintext.fill(0)
  }
}

/** Of the worked example (turtl §3.4). */
const KNOWN_MASTER_KEY = decodeHex('bf68e2099c4af398f8ea364ef2bd4236390050447e0c4b0f46a79adf90054bba')
/** First half of SHA-512 over the 322 digits of its token. */
const KNOWN_TOKEN_HASH = decodeHex('64c47bb9eea1626f85048e8362f4e45c0baa2cac772bcb27c2b021757c08b5fe')
const verified = new WeakSet<Engine>()

/**
 * The known-answer test to run before the first login: an engine that derives other keys, as one build of libsodium did
 * (turtl §3.1), would lock people out, or make accounts that nothing else opens. Costs one scrypt, the first time only.
 *
 * @throws {HoldfastError} `derivation_mismatch`.
 */
export function verifyTurtlDerivations(engine: Engine): void {
  if (verified.has(engine)) return
  const { masterKey, authToken } = deriveTurtlLogin(engine, 'Alice@Example.com', 'correct horse battery staple')
  const isMasterKeyRight = masterKey.use((key) => equalBytes(key, KNOWN_MASTER_KEY))
  const isTokenRight = authToken.use((token) => equalBytes(sha512(token).subarray(0, 32), KNOWN_TOKEN_HASH))
  if (!isMasterKeyRight || !isTokenRight)
    throw new HoldfastError(
      'derivation_mismatch',
      `the engine derives wrong keys: the known answer did not come out of ${isMasterKeyRight ? 'the auth token' : 'scrypt'}; use another engine or build, and send nothing made with this one`,
      { remedy: 'change-environment' },
    )
  verified.add(engine)
}
