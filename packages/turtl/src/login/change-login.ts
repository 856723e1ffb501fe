/**
 * Another password, another e-mail, or both (turtl §6.7), as one operation that survives a crash at each step:
 *
 *   1  the journal: the new login under the old master key and the old login under the new one
 *   2  PUT /users/{id}: the server takes the new auth token, the user's record and the keychain, all or nothing
 *   3  this device's copies and unsent changes come under the new master key, and the journal goes, in one transaction
 *
 * Whoever comes back with either login opens the journal, finds out by logging in which state the server is in, and goes on
 * from there. The server never has a half: what it holds opens either with the old login or with the new one. Until the journal
 * goes, whoever has the device and one of the two logins has the other.
 */
import { AuthenticationError, decodeBase64, decodeUtf8, encodeBase64, encodeUtf8, equalBytes, HoldfastError } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { deriveTurtlLogin, type LoginToken, type MasterKey, openLoginToken, sealLoginToken, verifyTurtlDerivations } from '@holdfast/keys'
import { openEnvelope, sealEnvelope } from '@holdfast/wire'
import type { TurtlClient } from '../client'
import { TurtlRejection } from '../client/turtl-error'
import { CURSOR, IGNORED, type TurtlStore } from '../store'
import { rewrap, rewrapBody, rewrapStored } from './rewrap'
import { checkNewLogin } from './rules'
import { connect, isLoginRefused, keepOrWipe, type LoginWorld, openSession, type TurtlSession, takesLogin, wipeLogin } from './session'

export interface LoginChange {
  /** As it is now, typed once more. The server does not ask for it (turtl §9), so a device left open would be enough. */
  readonly current: { readonly username: string; readonly password: string }
  /** E-mail; the same as now, when left out. Another one is not confirmed, and cannot share until it is. */
  readonly username?: string
  readonly password: string
}

/** Name of the journal among the values of the store. */
const JOURNAL = 'login-change'
/** Each more than enough for one change elsewhere at the same time. */
const MAX_ATTEMPTS = 4

interface Logins {
  readonly before: LoginToken
  readonly after: LoginToken
}

/**
 * Stop the sync first: it would go on with the old login. Saved logins and login tokens are void afterwards, and so are those
 * of other devices. Spaces, boards and notes keep their keys: who has the old password and an old copy of the keychain reads
 * them as before, so against a thief of both this is no help.
 *
 * @returns the new session; the old one's secrets are the caller's to wipe.
 * @throws {HoldfastError} `wrong_credentials`: `current` is not that of the session; nothing has been asked. `invalid_username`,
 *   `invalid_password`; `username_taken`. `turtl_unreachable`, `store_failed`: the change may stand half way; call
 *   `resumeLoginChange`. `turtl_rejected`: refused, nothing has changed. `turtl_login_failed`: neither login is taken any more.
 * @example
 * ```ts
 * const changed = await changeTurtlLogin(world, session, store, { current: { username, password }, password: better })
 * ```
 */
export async function changeTurtlLogin(
  world: LoginWorld,
  session: LoginToken,
  store: TurtlStore,
  change: LoginChange,
): Promise<TurtlSession> {
  const { current, password, username = current.username } = change
  checkNewLogin(username, password)
  verifyTurtlDerivations(world.engine)
  checkCurrent(world.engine, session, current)
  const after: LoginToken = { id: session.id, ...deriveTurtlLogin(world.engine, username, password) }
  return keepOrWipe(after, async () => {
    const logins = { before: session, after }
    await checkFree(connect(world, session), logins)
    await store.transact((tx) => tx.put('value', JOURNAL, encodeJournal(world.engine, logins)))
    return finish(world, store, logins)
  })
}

/**
 * Finishes a change that was broken off, whichever of the two logins people came back with; call it after each login, before the sync.
 *
 * @returns the session to go on with, or `undefined` when there was nothing to finish.
 * @throws as `changeTurtlLogin`. `login_change_overtaken`: the login opens no part of the journal, so the password was changed once more
 *   elsewhere. With an older login at hand, `rewrapStored` brings over what is unsent; then `forgetLoginChange`.
 */
export async function resumeLoginChange(world: LoginWorld, login: LoginToken, store: TurtlStore): Promise<TurtlSession | undefined> {
  const journal = await store.transact((tx) => tx.get('value', JOURNAL))
  if (journal === undefined) return undefined
  const logins = openJournal(world.engine, journal, login)
  const other = logins.before === login ? logins.after : logins.before
  return keepOrWipe(other, async () => {
    const isAtServer = await takesLogin(connect(world, logins.after))
    const session = isAtServer ? await settle(world, store, logins, undefined) : await finish(world, store, logins)
    if (other === logins.before) wipeLogin(other)
    return session
  })
}

/** Gives up what was broken off and cannot be finished. What the device has not sent stays under the login it was under. */
export async function forgetLoginChange(store: TurtlStore): Promise<void> {
  await store.transact((tx) => tx.remove('value', JOURNAL))
}

function checkCurrent(engine: Engine, session: LoginToken, { username, password }: LoginChange['current']): void {
  const typed = deriveTurtlLogin(engine, username, password)
  const isSame = typed.authToken.use((a) => session.authToken.use((b) => equalBytes(a, b)))
  wipeLogin(typed)
  if (isSame) return
  throw new HoldfastError('wrong_credentials', 'not changed: the current e-mail or password was typed wrong; type both again', {
    remedy: 'fix-input',
  })
}

/** The server would take an e-mail that is somebody's (turtl §9), and nobody could tell the two accounts apart. */
async function checkFree(client: TurtlClient, { before, after }: Logins): Promise<void> {
  if (after.username === before.username || !(await client.findUser(after.username))) return
  throw new HoldfastError('username_taken', 'not changed: another account has that e-mail address; choose another one', {
    remedy: 'fix-input',
  })
}

/** From step 2: the server knows the old login alone, as far as we know. */
async function finish(world: LoginWorld, store: TurtlStore, logins: Logins): Promise<TurtlSession> {
  return settle(world, store, logins, await bringToServer(world, store, logins))
}

/** @returns as `put`; `undefined` when the answer was lost, and the server has the new login all the same. */
async function bringToServer(world: LoginWorld, store: TurtlStore, logins: Logins): Promise<readonly string[] | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await put(world, logins)
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error
      if (isUnchanged(error)) {
        if (attempt < MAX_ATTEMPTS && error instanceof TurtlRejection && error.status === 409) continue
        await forgetLoginChange(store)
        throw error
      }
      // An answer was lost, or a request of before has arrived since: the server itself says which.
      if (await takesLogin(connect(world, logins.after))) return undefined
      throw error
    }
  }
}

/** Whether the server said, or was never asked, so that nothing can have changed there. */
const isUnchanged = (error: unknown) =>
  error instanceof AuthenticationError || (error instanceof TurtlRejection && error.status < 500 && !isLoginRefused(error))

/**
 * Sends what the server has under the old master key under the new one. It is fetched first: a keychain that is not the server's,
 * entry by entry, is refused, and one that is out of date would put back keys that have been changed.
 *
 * @returns the sequence numbers of what that added to the log.
 */
async function put(world: LoginWorld, logins: Logins): Promise<readonly string[]> {
  const client = connect(world, logins.before)
  const { records } = await client.fetchFullSync()
  const of = (kind: string) => records.flatMap(({ type, data }) => (type === kind ? [data] : []))
  const [user = {}] = of('user')
  const body = rewrapBody(world.engine, logins.before.masterKey, logins.after.masterKey, user.body)
  if (body === undefined) throw new AuthenticationError('the user record of the server')
  const { syncIds } = await client.changePassword(logins.before.id, {
    user: { ...user, username: logins.after.username, body },
    auth: logins.after.authToken.use((digits) => decodeUtf8(digits)),
    keychain: of('keychain').map((entry) => rewrap(world.engine, logins, entry)),
  })
  return syncIds
}

/** Step 3, and the session that goes on. @param syncIds of the change itself; `undefined` when its answer was lost. */
async function settle(world: LoginWorld, store: TurtlStore, logins: Logins, syncIds: readonly string[] | undefined): Promise<TurtlSession> {
  const session = await openSession(world, logins.after)
  const ownRecords = syncIds ?? (await findOwnRecords(session, await store.transact((tx) => tx.get('value', CURSOR))))
  await store.transact((tx) => {
    rewrapStored(world.engine, tx, logins)
    const ignored = readList(tx.get('value', IGNORED))
    tx.put('value', IGNORED, JSON.stringify([...new Set([...ignored, ...ownRecords])]))
    tx.remove('value', JOURNAL)
  })
  return session
}

/** The log tells every device of the user to stop, this one too; its own word is not for itself. */
async function findOwnRecords({ client }: TurtlSession, cursor: string | undefined): Promise<readonly string[]> {
  if (cursor === undefined) return []
  const { records } = await client.fetchChanges(cursor, 'reconnect')
  return records.flatMap(({ id, action }) => (action === 'change-password' && id !== undefined ? [id] : []))
}

function readList(json: string | undefined): readonly unknown[] {
  const list: unknown = JSON.parse(json ?? '[]')
  return Array.isArray(list) ? list : []
}

/** The journal holds logins, each readable to who has the other one; nothing in it is readable to who has neither. */
function encodeJournal(engine: Engine, { before, after }: Logins): string {
  const under = (key: MasterKey, login: LoginToken) =>
    encodeBase64(key.use((bytes) => sealEnvelope(engine, bytes, encodeUtf8(sealLoginToken(engine, login)))))
  return JSON.stringify({ after: under(before.masterKey, after), before: under(after.masterKey, before) })
}

function openJournal(engine: Engine, journal: string, login: LoginToken): Logins {
  const sealed = JSON.parse(journal) as Readonly<Record<'after' | 'before', string>>
  const open = (text: string): LoginToken | undefined => {
    try {
      const token = login.masterKey.use((key) => openEnvelope(engine, key, decodeBase64(text, 'journal of a login change')))
      const opened = openLoginToken(engine, decodeUtf8(token))
      token.fill(0)
      return opened
    } catch (error) {
      if (error instanceof AuthenticationError) return undefined
      throw error
    }
  }
  const after = open(sealed.after)
  if (after) return { before: login, after }
  const before = open(sealed.before)
  if (before) return { before, after: login }
  throw new HoldfastError(
    'login_change_overtaken',
    'a change of the login was broken off here, and another one was made elsewhere: this login opens neither end of it; log in with the password that this device knew last, if unsent changes matter',
    { remedy: 'authenticate-main-factor' },
  )
}
