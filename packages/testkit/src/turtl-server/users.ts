/** Accounts and logins (turtl §3.6, §3.7, §6.7). */
import { decodeBase64, decodeUtf8, encodeBase64, encodeHex, encodeUtf8, equalBytes, isObject } from '@holdfast/base'
import { hmac } from '@noble/hashes/hmac.js'
import { pbkdf2 } from '@noble/hashes/pbkdf2.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { type Caller, type Context, type Members, timestamp } from './context'
import { loadObject } from './objects'
import { Refusal } from './refusal'
import { deleteSpace } from './spaces'
import { logFor, logForMembers } from './sync-log'
import { validate } from './validate'

/** One for the whole server, from its configuration; another one invalidates every account (turtl §3.6). */
const SECURE_HASH_SALT = 'example server salt'
const MAX_ATTEMPTS = 5
const LOCK_MS = 60_000

/** What is stored of an auth token: two rounds, 128 bytes, base64 (turtl §3.6). */
export function hashAuth(auth: string, salt = SECURE_HASH_SALT): string {
  return encodeBase64(pbkdf2(sha256, encodeUtf8(auth), encodeUtf8(salt), { c: 2, dkLen: 128 }))
}

function isSameHash(context: Context, a: string, b: string): boolean {
  const key = context.random(32)
  const mac = (text: string) => hmac(sha256, key, encodeUtf8(text))
  return equalBytes(mac(a), mac(b))
}

/**
 * @param header `Authorization`; name and token are split at `:`, so that a name with one cannot log in.
 * @throws {Refusal} 403: unknown, wrong, or locked after five failures until a minute after the last of them. A right
 *   token is refused while locked; only a success sets the count back.
 */
export async function authenticate(context: Context, header: string | undefined): Promise<Caller> {
  const [username = '', auth = ''] = decodeCredentials(header).split(':')
  const [user] = await context.database.query<{
    id: string
    auth: string
    confirmed: boolean
    login_failed_last: number | null
    login_failed_count: number
  }>(
    'select id, auth, confirmed, login_failed_last, login_failed_count from @users where username = $1 and active order by id limit 1',
    username,
  )
  if (!user) throw new Refusal(403, 'login failed')
  const { id, confirmed, login_failed_count, login_failed_last } = user
  const now = context.clock.now()
  if (login_failed_count >= MAX_ATTEMPTS && now < (login_failed_last ?? 0) + LOCK_MS) throw new Refusal(403, 'too many failed logins')
  if (!isSameHash(context, user.auth, hashAuth(auth))) {
    const failed = 'update @users set login_failed_count = login_failed_count + 1, login_failed_last = $2 where id = $1'
    await context.database.query(failed, id, now)
    throw new Refusal(403, 'login failed')
  }
  if (login_failed_count > 0) await context.database.query('update @users set login_failed_count = 0 where id = $1', id)
  return { id, username, confirmed }
}

function decodeCredentials(header = ''): string {
  try {
    return decodeUtf8(decodeBase64(/^Basic (.+)$/.exec(header)?.[1] ?? '', 'credentials', 'optional'))
  } catch {
    throw new Refusal(403, 'login failed') // no credentials at all, which need no other answer than wrong ones
  }
}

export async function login(context: Context, { id }: Caller): Promise<string> {
  await context.database.query('update @users set last_login = $2 where id = $1', id, timestamp(context))
  return id
}

/** The answer holds the token that confirms the address: who joins can confirm alone (turtl §7.3). */
export async function join(context: Context, body: unknown): Promise<Members> {
  const { auth, username: typed, data: sent } = isObject(body) ? body : {}
  if (typeof auth !== 'string' || typeof typed !== 'string' || !isObject(sent)) throw new Refusal(400, 'expected auth, username and data')
  const username = typed.toLowerCase()
  const data = validate('user', { ...sent, username })
  const [taken] = await context.database.query('select id from @users where username = $1 limit 1', username)
  if (taken) throw new Refusal(403, `the username is taken: ${username}`)
  const [row] = await context.database.query<Members>(
    `insert into @users (username, auth, active, confirmed, confirmation_token, data, created, updated)
     values ($1, $2, true, $3, $4, $5, $6, $6) returning id, username, active, confirmed, confirmation_token, data, created, updated`,
    username,
    hashAuth(auth),
    context.confirmed,
    context.confirmed ? null : encodeHex(context.random(32)),
    JSON.stringify(data),
    timestamp(context),
  )
  if (row && context.confirmed) await tellInvites(context, { id: String(row.id), username, confirmed: true })
  return row ?? {}
}

/** @throws {Refusal} 500: somebody else's (turtl §9). */
export async function fetchUser(context: Context, caller: Caller, id: string): Promise<Members> {
  if (caller.id !== id) throw new Refusal(500, 'you can only read your own record')
  const user = await loadObject(context, 'user', id)
  return { ...user, profile_size: await profileSize(context, caller, id) }
}

/** Everything but `body`: what is stored beside it, a token that deletes the account among it (turtl §7.3), goes out too. */
export async function findUser(context: Context, email: string): Promise<Members | null> {
  const [row] = await context.database.query<{ id: string }>('select id from @users where username = $1 order by id limit 1', email)
  const user = row && (await loadObject(context, 'user', row.id))
  if (!user) return null
  const { body: _, ...found } = user
  return found
}

/** Bytes of the notes in a user's own spaces, and of their files. */
export async function profileSize(context: Context, caller: Caller, id: string): Promise<number> {
  if (caller.id !== id) throw new Refusal(403, 'you can only ask for your own size')
  const [row] = await context.database.query<{ size: number | null }>(
    `select sum(octet_length(n.data::text) + coalesce((n.data->'file'->>'size')::int, 0))::float8 as size
     from @notes n join @spaces s on s.id = n.space_id where s.data->>'user_id' = $1`,
    id,
  )
  return row?.size ?? 0
}

/**
 * New credentials and everything that was under the old master key, in one transaction (turtl §6.7). The old password is
 * not asked for, and an address that is taken is accepted (turtl §9).
 *
 * @throws {Refusal} 403: another user's. 400: a part is missing. 409: the keychain is not the stored one.
 */
export async function changePassword(context: Context, caller: Caller, id: string, body: unknown): Promise<Members> {
  if (caller.id !== id) throw new Refusal(403, 'you can only change your own record')
  const { user, auth, keychain } = isObject(body) ? body : {}
  if (!isObject(user) || typeof auth !== 'string' || !Array.isArray(keychain)) throw new Refusal(400, 'expected user, auth and keychain')
  const username = String(validate('user', user).username).toLowerCase()
  const entries = keychain.map((entry) => validate('keychain', entry))
  const stored = await context.database.query<{ id: string; data: Members }>('select id, data from @keychain where user_id = $1', id)
  const held = new Map(stored.map((entry) => [entry.id, entry.data]))
  if (entries.length !== held.size || !entries.every((entry) => held.has(String(entry.id))))
    throw new Refusal(409, 'the keychain has changed: fetch it again')

  await context.database.transaction(async (database) => {
    const [row] = await database.query<{ data: Members; confirmed: boolean }>('select data, confirmed from @users where id = $1', id)
    await database.query(
      'update @users set username = $2, auth = $3, data = $4, confirmed = $5, updated = $6 where id = $1',
      id,
      username,
      hashAuth(auth),
      JSON.stringify({ ...row?.data, username, body: user.body }),
      row?.confirmed === true && username === caller.username,
      timestamp(context),
    )
    for (const entry of entries) {
      const data = JSON.stringify({ ...held.get(String(entry.id)), body: entry.body })
      await database.query('update @keychain set data = $2, updated = $3 where id = $1', String(entry.id), data, timestamp(context))
    }
  })

  const syncIds = [await logFor(context, caller, { type: 'user', action: 'change-password', itemId: id }, [id])]
  for (const { id: itemId } of entries)
    syncIds.push(await logFor(context, caller, { type: 'keychain', action: 'edit', itemId: String(itemId) }, [id]))
  const spaces = await context.database.query<{ space_id: string }>('select distinct space_id from @spaces_users where user_id = $1', id)
  for (const { space_id } of spaces)
    syncIds.push(await logForMembers(context, caller, { type: 'space', action: 'edit', itemId: space_id }, space_id))
  return { sync_ids: syncIds }
}

/** @throws {Refusal} 403: another user. */
export async function deleteUser(context: Context, caller: Caller, id: string): Promise<true> {
  if (caller.id !== id) throw new Refusal(403, 'you can only delete your own account')
  const owned = await context.database.query<{ id: string }>("select id from @spaces where data->>'user_id' = $1", id)
  for (const space of owned) await deleteSpace(context, caller, space.id)
  await context.database.query('delete from @keychain where user_id = $1', id)
  await context.database.query('delete from @users where id = $1', id)
  return true
}

export async function confirm(context: Context, email: string, token: string): Promise<true> {
  const [user] = await context.database.query<{ id: string }>(
    'update @users set confirmed = true, confirmation_token = null, updated = $3 where username = $1 and confirmation_token = $2 returning id',
    email,
    token,
    timestamp(context),
  )
  if (!user) throw new Refusal(404, 'no such confirmation')
  const caller = { id: user.id, username: email, confirmed: true }
  await logFor(context, caller, { type: 'user', action: 'edit', itemId: user.id }, [user.id])
  await tellInvites(context, caller)
  return true
}

/** Invites that were sent to the address before anybody had confirmed it (turtl §5.3). */
async function tellInvites(context: Context, caller: Caller): Promise<void> {
  const invites = await context.database.query<{ id: string }>(
    'select id from @spaces_invites where to_user = $1 order by id',
    caller.username,
  )
  for (const { id } of invites) await logFor(context, caller, { type: 'invite', action: 'add', itemId: id }, [caller.id])
}

/** The original sends an e-mail with a link; here the token waits where the original keeps it too: in `data`. */
export async function requestDeletion(context: Context, email: string): Promise<true> {
  const [user] = await context.database.query<{ id: string; data: Members }>('select id, data from @users where username = $1', email)
  if (!user) throw new Refusal(404, 'no such user')
  const data = JSON.stringify({ ...user.data, delete_token: encodeHex(context.random(32)) })
  await context.database.query('update @users set data = $2, updated = $3 where id = $1', user.id, data, timestamp(context))
  return true
}

/** The link of such an e-mail. @throws {Refusal} 403: with `raw`, or with a wrong token (turtl §9). */
export async function deleteByToken(context: Context, email: string, token: string, raw: string | undefined): Promise<true> {
  const [user] = await context.database.query<{ id: string; data: Members }>('select id, data from @users where username = $1', email)
  if (raw !== undefined || user?.data.delete_token !== token) throw new Refusal(403, 'the token is not valid')
  return deleteUser(context, { id: user.id, username: email, confirmed: true }, user.id)
}
