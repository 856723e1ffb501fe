import { decodeUtf8 } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { deriveTurtlLogin } from './login'

/**
 * What Turtl's server knows instead of the password (turtl §3.3): a v6 envelope under the master key, 322 hex digits.
 * The nonce comes from the username, so the same e-mail and password always give the same token. It logs in: keep it as
 * you would the password.
 *
 * @param username e-mail as typed; its case does not matter.
 * @param password case-sensitive, taken as it is.
 */
export function deriveAuthToken(engine: Engine, username: string, password: string): string {
  const { masterKey, authToken } = deriveTurtlLogin(engine, username, password)
  try {
    return authToken.use((token) => decodeUtf8(token))
  } finally {
    masterKey.wipe()
    authToken.wipe()
  }
}
