/** Joining (turtl §3.7): an account, and the spaces and boards everybody begins with. */
import { decodeUtf8, HoldfastError } from '@holdfast/base'
import { deriveTurtlLogin, type TurtlLogin, verifyTurtlDerivations } from '@holdfast/keys'
import { makeTurtlAccount, type TurtlAccount } from '../account'
import type { TurtlClient } from '../client'
import { sealModel } from '../models/codec'
import type { Change } from '../models/sync-record'
import type { User } from '../models/user'
import { makeUserKeyPair } from '../user-key-pair'
import { checkNewLogin } from './rules'
import { connect, editUser, keepOrWipe, type LoginWorld, openSession, type TurtlSession, takesLogin } from './session'

export interface Joined {
  readonly session: TurtlSession
  /** With the default content in it; with nothing where the account was there before and has its own. */
  readonly account: TurtlAccount
  /** To store and to send, in this order. */
  readonly changes: readonly Change[]
}

const DEFAULT_SPACES = [
  { title: 'Personal', color: '#408080' },
  { title: 'Work', color: '#439645' },
  { title: 'Home', color: '#800000' },
]
const DEFAULT_BOARDS = ['Bookmarks', 'Photos', 'Passwords']

/**
 * May be called again after any failure, with the same e-mail and password: an account that was made before its answer got
 * lost is recognised by taking the login, once, since failures are counted there.
 *
 * @param username e-mail as typed.
 * @throws {HoldfastError} `invalid_username`, `invalid_password`, `derivation_mismatch`; `turtl_rejected`: the e-mail is taken;
 *   `turtl_unreachable`: maybe joined, maybe not.
 * @example
 * ```ts
 * const { session, account, changes } = await joinTurtl(world, 'alice@example.com', password)
 * ```
 */
export async function joinTurtl(
  world: LoginWorld,
  username: string,
  password: string,
  { name }: { readonly name?: string } = {},
): Promise<Joined> {
  checkNewLogin(username, password)
  verifyTurtlDerivations(world.engine)
  const login = deriveTurtlLogin(world.engine, username, password)
  return keepOrWipe(login, async () => {
    const isNew = await joinOrRecognise(world, login, name)
    const session = await openSession(world, login)
    if (!isNew && (await hasSpaces(session)))
      return { session, account: makeTurtlAccount(world, session.masterKey, session.user), changes: session.changes }
    return makeDefaultContent(world, session)
  })
}

/** @returns whether the account was made just now, for certain. */
async function joinOrRecognise(world: LoginWorld, login: TurtlLogin, name: string | undefined): Promise<boolean> {
  const client = connect(world, login)
  try {
    await client.join({
      auth: login.authToken.use((digits) => decodeUtf8(digits)),
      username: login.username,
      data: sealNewUser(world, login, name),
    })
    return true
  } catch (error) {
    if (error instanceof HoldfastError && (await recognises(client))) return false
    throw error
  }
}

/** The public form of a user who has no id yet. */
function sealNewUser(
  { engine }: LoginWorld,
  { username, masterKey }: TurtlLogin,
  name: string | undefined,
): Readonly<Record<string, unknown>> {
  const { pubkey, privkey } = makeUserKeyPair(engine)
  const user: User = { id: '0', username, pubkey, ...(name === undefined ? {} : { name }), keys: [], data: { privkey, settings: {} } }
  const { id: _, ...fields } = masterKey.use((key) => sealModel(engine, 'user', user, key))
  return fields
}

async function recognises(client: TurtlClient): Promise<boolean> {
  try {
    return await takesLogin(client)
  } catch (error) {
    if (error instanceof HoldfastError) return false // what the join itself failed with says more
    throw error
  }
}

async function hasSpaces({ client }: TurtlSession): Promise<boolean> {
  const { records } = await client.fetchFullSync()
  return records.some(({ type }) => type === 'space')
}

async function makeDefaultContent(world: LoginWorld, session: TurtlSession): Promise<Joined> {
  const ids = await world.ids.makeIds(DEFAULT_SPACES.length)
  const [personal = ''] = ids
  const settings = { ...session.user.data.settings, default_space: personal }
  const user: User = { ...session.user, data: { ...session.user.data, settings } }
  const account = makeTurtlAccount(world, session.masterKey, user)
  const spaces = await account.saveSpaces(DEFAULT_SPACES.map((data, i) => ({ id: ids[i] ?? '', data })))
  const boards = await account.saveBoards(DEFAULT_BOARDS.map((title) => ({ space_id: personal, data: { title } })))
  return {
    session: { ...session, user, changes: [] },
    account,
    changes: [...spaces.changes, ...boards.changes, editUser(world, session, user)],
  }
}
