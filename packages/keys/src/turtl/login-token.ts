import { decodeBase64, decodeHex, encodeUtf8, Secret, StructureError } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { openEnvelope } from '@holdfast/wire'
import type { MasterKey } from './master-key'
import { parsePrivateJson } from './private-json'

/** A published constant of Turtl's client: obfuscation only (turtl §3.7). */
const LOGIN_TOKEN_KEY = decodeHex('21625f77ecf8961f5bbb5e771251be502ef9adffd6c2b058c5d026ea90219034')

/** What a login token holds. The token has the master key in it, readable by anyone: treat it as the password itself. */
export interface LoginToken {
  /** User id, decimal. */
  readonly id: string
  readonly username: string
  readonly masterKey: MasterKey
  /** ASCII of the auth token, 322 hex digits. */
  readonly authToken: Secret<'turtl-auth-token'>
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
