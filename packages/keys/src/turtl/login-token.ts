import { decodeBase64, decodeHex, decodeUtf8, StructureError } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { openEnvelope } from '@holdfast/wire'

/** A published constant of Turtl's client: obfuscation only (turtl §3.7). */
const LOGIN_TOKEN_KEY = decodeHex('21625f77ecf8961f5bbb5e771251be502ef9adffd6c2b058c5d026ea90219034')

/** Holds the master key in the clear: treat a login token as the password itself. */
export interface LoginToken {
  readonly id: string
  /** Master key, base64. */
  readonly key: string
  readonly auth: string
  readonly username: string
}

/** @throws {StructureError} `invalid_base64`, `invalid_login_token`, and an envelope's codes; {AuthenticationError} `auth_failed`. */
export function openLoginToken(engine: Engine, token: string): LoginToken {
  const text = decodeUtf8(openEnvelope(engine, LOGIN_TOKEN_KEY, decodeBase64(token, 'login token', 'optional')), 'login token')
  const members = parseObject(text)
  const { id, key, auth, username } = members
  if (typeof id !== 'string' || typeof key !== 'string' || typeof auth !== 'string' || typeof username !== 'string') throw invalid()
  return { id, key, auth, username }
}

const invalid = (cause?: unknown) =>
  new StructureError(
    'invalid_login_token',
    { what: 'login token', expected: 'id, key, auth and username', got: 'something else' },
    { cause },
  )

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch (cause) {
    throw invalid(cause)
  }
  throw invalid()
}
