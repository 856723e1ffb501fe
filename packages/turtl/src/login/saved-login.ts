/** Staying logged in (turtl §3.7): a file with the login in it, and a key that opens the file. */
import { type Bytes, Secret } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { type LoginToken, type SavedLoginKey, sealLoginToken, sealSavedLogin } from '@holdfast/keys'

export interface SavedLogin {
  readonly fileName: string
  readonly file: Bytes
  /** Keep it where the platform keeps secrets, never beside the file: whoever has both has the account. */
  readonly key: SavedLoginKey
}

/**
 * `openSavedLogin` of `@holdfast/keys` opens it again; `loginWithToken` logs in with what comes out.
 *
 * @example
 * ```ts
 * const { fileName, file, key } = saveTurtlLogin(engine, session)
 * ```
 */
export function saveTurtlLogin(engine: Engine, login: LoginToken): SavedLogin {
  const bytes = engine.random(32)
  const key = new Secret('turtl-saved-login-key', bytes, 32)
  bytes.fill(0)
  return { fileName: `${login.id}.login`, file: sealSavedLogin(engine, key, sealLoginToken(engine, login)), key }
}
