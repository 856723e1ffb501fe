/** Logging in (turtl §3.7): what comes out of it is the same, whether by password, by token or by joining. */
import { type Fetch, HoldfastError } from '@holdfast/base'
import { deriveTurtlLogin, type LoginToken, type TurtlLogin, verifyTurtlDerivations } from '@holdfast/keys'
import type { AccountWorld } from '../account'
import { createTurtlClient, type TurtlClient } from '../client'
import { TurtlRejection } from '../client/turtl-error'
import { openModel, sealModel } from '../models/codec'
import type { Change } from '../models/sync-record'
import type { User } from '../models/user'
import { loadUserKeyPair, makeUserKeyPair, type UserKeyPair } from '../user-key-pair'
import { checkUsername } from './rules'

/** A server, and what is needed to speak to it. */
export interface LoginWorld extends AccountWorld {
  /** Base URL of the API. */
  readonly endpoint: string
  readonly fetch: Fetch
  readonly clientName?: string
}

/** Somebody who is logged in. `masterKey` and `authToken` are the caller's to wipe, `client` goes on using the latter. */
export interface TurtlSession extends LoginToken {
  readonly client: TurtlClient
  readonly user: User
  /**
   * `held`: as it should be. `made`: the record had no private key, and now has a new pair, as the original core makes it.
   * `mismatched`: the public key is not that of the private one: invites sealed to it go to somebody else; tell people.
   */
  readonly keyPairState: 'held' | 'made' | 'mismatched'
  /** Nothing when it is mismatched. */
  readonly keyPair?: UserKeyPair
  /** To queue for the server: the user with a new key pair, or nothing. */
  readonly changes: readonly Change[]
}

/**
 * @param username e-mail as typed.
 * @throws {HoldfastError} `turtl_login_failed`: wrong, or the account is locked. Do not repeat it by itself: five failures lock
 *   the account for a minute. `invalid_username`, `derivation_mismatch`, and the other codes of the client.
 * @throws {AuthenticationError} `auth_failed`: the server took the login, and its user record does not open with it.
 * @example
 * ```ts
 * const { client, masterKey } = await loginToTurtl({ engine, ids, clock, endpoint: 'https://turtl.example', fetch }, email, password)
 * const { records } = await client.fetchFullSync()
 * ```
 */
export async function loginToTurtl(world: LoginWorld, username: string, password: string): Promise<TurtlSession> {
  checkUsername(username)
  verifyTurtlDerivations(world.engine)
  const login = deriveTurtlLogin(world.engine, username, password)
  return keepOrWipe(login, () => openSession(world, login))
}

/** As `loginToTurtl`, from a login that was kept (`openLoginToken`, `openSavedLogin`). @throws as there; `turtl_login_failed` when the password has been changed since. */
export async function loginWithToken(world: LoginWorld, token: LoginToken): Promise<TurtlSession> {
  const session = await openSession(world, token)
  if (session.id === token.id) return session
  throw new HoldfastError(
    'other_account',
    `the login is for another account: user ${session.id} answered for user ${token.id}; log in with the e-mail and the password`,
    { remedy: 'authenticate-main-factor' },
  )
}

export function connect({ endpoint, fetch, clock, clientName }: LoginWorld, { username, authToken }: TurtlLogin): TurtlClient {
  return createTurtlClient({ endpoint, fetch, clock, username, authToken, ...(clientName === undefined ? {} : { clientName }) })
}

/** Asks once: failures are counted. @throws {HoldfastError} whatever is no answer to that question. */
export async function takesLogin(client: TurtlClient): Promise<boolean> {
  try {
    await client.authenticate()
    return true
  } catch (error) {
    if (isLoginRefused(error)) return false
    throw error
  }
}

/** Of the account's own routes a 403 says nothing else (turtl §3.6). */
export const isLoginRefused = (error: unknown): boolean =>
  error instanceof TurtlRejection && (error.code === 'turtl_login_failed' || error.status === 403)

export function wipeLogin({ masterKey, authToken }: TurtlLogin): void {
  masterKey.wipe()
  authToken.wipe()
}

/** The login lives on in what `work` gives back; when it gives nothing back, nobody else would wipe it. */
export async function keepOrWipe<Result>(login: TurtlLogin, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    wipeLogin(login)
    throw error
  }
}

export async function openSession(world: LoginWorld, { username, masterKey, authToken }: TurtlLogin): Promise<TurtlSession> {
  const { engine } = world
  const client = connect(world, { username, masterKey, authToken })
  const id = await client.authenticate()
  const wire = await client.fetchUser(id)
  const user = masterKey.use((key) => openModel(engine, 'user', wire, key))
  const session = { id, username, masterKey, authToken, client }
  if (user.data.privkey !== undefined) return { ...session, user, changes: [], ...checkKeyPair(world, user) }
  const { pubkey, privkey } = makeUserKeyPair(engine)
  const renewed: User = { ...user, pubkey, data: { ...user.data, privkey } }
  const keyPair = loadUserKeyPair(engine, renewed)
  return { ...session, user: renewed, changes: [editUser(world, session, renewed)], keyPairState: 'made', ...(keyPair ? { keyPair } : {}) }
}

/** A pair that does not fit locks nobody out of their notes. */
function checkKeyPair({ engine }: LoginWorld, user: User): Pick<TurtlSession, 'keyPairState' | 'keyPair'> {
  try {
    const keyPair = loadUserKeyPair(engine, user)
    return { keyPairState: 'held', ...(keyPair ? { keyPair } : {}) }
  } catch (error) {
    if (error instanceof HoldfastError) return { keyPairState: 'mismatched' }
    throw error
  }
}

/** The change that stores a user record, as settings or the key pair have changed it. */
export function editUser({ engine }: Pick<LoginWorld, 'engine'>, { masterKey }: Pick<TurtlLogin, 'masterKey'>, user: User): Change {
  return { action: 'edit', type: 'user', item_id: user.id, data: masterKey.use((key) => sealModel(engine, 'user', user, key)) }
}
