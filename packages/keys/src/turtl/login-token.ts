/** Logins that are kept (turtl §3.7): as a token, and as a file whose key is kept elsewhere. */
import { type Bytes, decodeBase64, decodeHex, decodeUtf8, encodeBase64, encodeUtf8, Secret, StructureError } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { openEnvelope, sealEnvelope } from '@holdfast/wire'
import type { TurtlLogin } from './login'
import type { MasterKey } from './master-key'
import { parsePrivateJson } from './private-json'

/** A published constant of Turtl's client: obfuscation only (turtl §3.7). */
const LOGIN_TOKEN_KEY = decodeHex('21625f77ecf8961f5bbb5e771251be502ef9adffd6c2b058c5d026ea90219034')

/** What a login token holds. The token has the master key in it, readable by anyone: treat it as the password itself. */
export interface LoginToken extends TurtlLogin {
  /** User id, decimal. */
  readonly id: string
}

/**
 * Whoever reads the token has the account, for the key it is sealed under is public. Ask people before you show it to them.
 *
 * @param nonce 12 bytes; random unless a vector pins it.
 * @returns base64 of a v6 envelope.
 * @example
 * ```ts
 * const token = sealLoginToken(engine, { id: '7', username, masterKey, authToken })
 * ```
 */
export function sealLoginToken(engine: Engine, { id, username, masterKey, authToken }: LoginToken, nonce?: Uint8Array): string {
  const auth = authToken.use((digits) => decodeUtf8(digits))
  const plaintext = encodeUtf8(JSON.stringify({ id, key: masterKey.use(encodeBase64), auth, username }))
  try {
    return encodeBase64(sealEnvelope(engine, LOGIN_TOKEN_KEY, plaintext, nonce))
  } finally {
    plaintext.fill(0)
  }
}

/**
 * @param token base64 of a v6 envelope; padding may be missing.
 * @throws {StructureError} `invalid_base64`, `invalid_login_token`, and an envelope's codes.
 * @throws {AuthenticationError} `auth_failed`.
 */
export function openLoginToken(engine: Engine, token: string): LoginToken {
  const plaintext = openEnvelope(engine, LOGIN_TOKEN_KEY, decodeBase64(token, 'login token', 'optional'))
  try {
    const { id, key, auth, username } = parsePrivateJson(plaintext) ?? {}
    // Ids of users travel as text in some places and as numbers in others (§4.2).
    const isId = typeof id === 'string' || Number.isSafeInteger(id)
    if (!isId || typeof key !== 'string' || typeof auth !== 'string' || typeof username !== 'string') throw invalid('something else')
    return { id: String(id), username, masterKey: holdMasterKey(key), authToken: new Secret('turtl-auth-token', encodeUtf8(auth)) }
  } finally {
    plaintext.fill(0)
  }
}

/** 32 bytes that open one saved login; kept apart from it, where the platform keeps secrets. */
export type SavedLoginKey = Secret<'turtl-saved-login-key'>

/**
 * A login token once more sealed, to be kept in a file `<user id>.login`.
 *
 * @param key fresh for each file.
 * @param nonce 12 bytes; random unless a vector pins it.
 * @returns the raw bytes of the file.
 */
export function sealSavedLogin(engine: Engine, key: SavedLoginKey, token: string, nonce?: Uint8Array): Bytes {
  return key.use((bytes) => sealEnvelope(engine, bytes, encodeUtf8(token), nonce))
}

/** @throws as `openLoginToken`; {StructureError} `invalid_utf8`. */
export function openSavedLogin(engine: Engine, key: SavedLoginKey, file: Uint8Array): LoginToken {
  const token = key.use((bytes) => openEnvelope(engine, bytes, file))
  try {
    return openLoginToken(engine, decodeUtf8(token, 'saved login'))
  } finally {
    token.fill(0)
  }
}

function holdMasterKey(text: string): MasterKey {
  const key = decodeBase64(text, 'master key of a login token', 'optional')
  if (key.length !== 32) throw invalid(`a master key of ${key.length} bytes`)
  try {
    return new Secret('turtl-master-key', key, 32)
  } finally {
    key.fill(0)
  }
}

const invalid = (got: string) =>
  new StructureError('invalid_login_token', { what: 'login token', expected: 'id, 32-byte key, auth and username', got })
