/** What clients meet at the original server, sentence by sentence (turtl §6.8, §9). Bodies are no ciphertext: it never looks. */
import { readFileSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import { encodeBase64, encodeUtf8 } from '@holdfast/base'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createFakeClock, seededRandom } from '../src/index'
import { makeTurtlServer, type TurtlServer } from '../src/turtl-server/index'
import { hashAuth } from '../src/turtl-server/users'

interface Json {
  readonly [name: string]: Json
}

const clock = createFakeClock()
let database: PGlite
let server: TurtlServer

beforeAll(async () => {
  database = await PGlite.create()
  server = await makeTurtlServer({ database, clock, random: seededRandom('turtl-server') })
})
beforeEach(() => server.reset())
afterAll(async () => {
  await server.close()
  await database.close()
})

interface Answer {
  readonly status: number
  readonly json: Json
}

async function ask(method: string, path: string, body?: unknown, as?: Person, at = server): Promise<Answer> {
  const headers: Record<string, string> = as ? { authorization: `Basic ${encodeBase64(encodeUtf8(`${as.username}:${as.auth}`))}` } : {}
  const content = body === undefined ? null : body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body)
  const answer = await at.fetch(new Request(`https://turtl.example${path}`, { method, headers, body: content }))
  return { status: answer.status, json: (await answer.json()) as Json }
}

interface Person {
  readonly id: string
  readonly username: string
  readonly auth: string
}

async function join(username: string, at = server): Promise<Person> {
  const auth = `auth of ${username}`
  const { json } = await ask(
    'POST',
    '/users',
    { username, auth, data: { username, pubkey: 'PUBKEY', body: 'BODY', settings: 'private' } },
    undefined,
    at,
  )
  return { id: String(json.id), username, auth }
}

let recordCount = 0
const record = (type: string, action: string, data: object) => ({
  id: `f${recordCount++}`,
  type,
  action,
  item_id: 'not looked at',
  user_id: 1,
  data,
})
const sync = (as: Person, ...records: readonly object[]) => ask('POST', '/sync', records, as)
const space = (id: string) => record('space', 'add', { id, user_id: '99', body: 'B', title: 'plaintext' })
const board = (id: string, space_id: string) => record('board', 'add', { id, space_id, user_id: '99', keys: [], body: 'B' })
const note = (id: string, space_id: string, more: object = {}) =>
  record('note', 'add', { id, space_id, board_id: null, user_id: '99', mod: 7, keys: [], body: 'B', ...more })
const changes = async (as: Person, since: unknown = 0) => (await ask('GET', `/sync?sync_id=${since}&type=poll`, undefined, as)).json
const names = (answer: Json) => (answer.records as unknown as Json[]).map(({ type, action }) => `${type}/${action}`)
const find = (answer: Json, type: string, id: string) =>
  (answer.records as unknown as Json[]).findLast((r) => String(r.type) === type && String(r.item_id) === id)?.data
const errorOf = ({ status, json }: Answer) => [status, typeof json.error?.message]
const failureCodes = ({ json }: Answer) => (json.failures as unknown as Json[]).map(({ error }) => error?.code)

/** Owner and another member of one space. */
async function share(role: string): Promise<{ readonly owner: Person; readonly member: Person }> {
  const [owner, member] = [await join('owner@example.com'), await join('member@example.com')]
  await sync(owner, space('aa'))
  await invite(owner, member.username, role)
  await ask('POST', '/spaces/aa/invites/accepted/1f', {}, member)
  return { owner, member }
}

const invite = (from: Person, to_user: string, role = 'member', id = '1f') =>
  ask(
    'POST',
    '/spaces/aa/invites',
    {
      id,
      space_id: 'aa',
      from_user_id: 1,
      from_username: 'liar',
      to_user,
      role,
      is_passphrase_protected: false,
      is_pubkey_protected: false,
      title: 'T',
      body: 'B',
    },
    from,
  )

describe('accounts (turtl §3.6, §3.7, §6.7)', () => {
  test('an auth token is stored as two rounds of PBKDF2 under one salt for all', () => {
    const { cases } = JSON.parse(readFileSync(new URL('../../../vectors/turtl-auth.json', import.meta.url), 'utf8'))
    const { token } = cases.find(({ id }: { id: string }) => id === 'auth.example.authtoken').out
    expect(hashAuth(token, 'example server salt')).toBe(
      'VnQtoP/lg6S99uW5OKs8bZE4zlt3QS6LzTJe2GvYsiGDmWSSH/TdprR6raTp7kjzHC4padN+QTBsAuHTNvYGAMKSQE3bTdGwSGxKB0H+3xiWPchAsSpagx1VbVtZEYuOU3d9DXyAQPS4im6BvpnaKaMvT1upPbiqJji07cP06F8=',
    )
  })

  test('a join answers with an id that is text, and keeps known fields alone', async () => {
    const { json } = await ask('POST', '/users', { username: 'A@Example.com', auth: 'x', data: { pubkey: 'P', body: 'B', settings: 'S' } })
    expect(json).toMatchObject({
      id: '1',
      username: 'a@example.com',
      confirmed: true,
      data: { username: 'a@example.com', pubkey: 'P', body: 'B' },
    })
    expect(json.data).not.toHaveProperty('settings')
  })

  test('a login answers with the user id as JSON text', async () => {
    const alice = await join('alice@example.com')
    expect(await ask('POST', '/auth', undefined, alice)).toEqual({ status: 200, json: '1' })
  })

  test('a wrong token, an unknown name and no header at all are 403', async () => {
    const alice = await join('alice@example.com')
    for (const as of [{ ...alice, auth: 'wrong' }, { ...alice, username: 'nobody@example.com' }, undefined])
      expect(errorOf(await ask('POST', '/auth', undefined, as))).toEqual([403, 'string'])
  })

  test('five failures lock an account for a minute, for the right token too; a success before that counts from nothing', async () => {
    const alice = await join('alice@example.com')
    const login = async (auth: string) => (await ask('POST', '/auth', undefined, { ...alice, auth })).status
    for (let i = 0; i < 4; i++) expect(await login('wrong')).toBe(403)
    expect(await login(alice.auth)).toBe(200)
    for (let i = 0; i < 5; i++) expect(await login('wrong')).toBe(403)
    expect(await login(alice.auth)).toBe(403)
    clock.advance(60_000)
    expect(await login(alice.auth)).toBe(200)
  })

  test('a name with a colon cannot log in', async () => {
    expect((await ask('POST', '/auth', undefined, await join('a:b@example.com'))).status).toBe(403)
  })

  test('reading another user is 500, oneself shows confirmed and profile_size', async () => {
    const alice = await join('alice@example.com')
    expect((await ask('GET', '/users/2', undefined, alice)).status).toBe(500)
    expect((await ask('GET', '/users/1', undefined, alice)).json).toMatchObject({ id: '1', confirmed: true, body: 'BODY', profile_size: 0 })
  })

  test('an address is found without its body, a plus in it stays a plus; an unknown one is null', async () => {
    const alice = await join('alice+turtl@example.com')
    const { json } = await ask('GET', '/users/email/alice+turtl@example.com', undefined, alice)
    expect(json).toMatchObject({ id: '1', pubkey: 'PUBKEY', confirmed: true })
    expect(json).not.toHaveProperty('body')
    expect(await ask('GET', '/users/email/alice%2Bturtl%40example.com', undefined, alice)).toMatchObject({ json: { id: '1' } })
    expect(await ask('GET', '/users/email/nobody@example.com', undefined, alice)).toEqual({ status: 200, json: null })
  })

  test('the token that deletes an account goes out to whoever looks it up', async () => {
    const [alice, mallory] = [await join('alice@example.com'), await join('mallory@example.com')]
    await ask('POST', '/users/delete/alice@example.com')
    const { delete_token } = (await ask('GET', '/users/email/alice@example.com', undefined, mallory)).json
    expect((await ask('GET', `/users/delete/alice@example.com/${delete_token}?raw=1`)).status).toBe(403)
    expect(await ask('GET', `/users/delete/alice@example.com/${delete_token}`)).toEqual({ status: 200, json: true })
    expect((await ask('POST', '/auth', undefined, alice)).status).toBe(403)
  })

  test('an unconfirmed account confirms itself with what its join was answered, and may share from then on', async () => {
    const strict = await makeTurtlServer({ database, schema: 'strict', clock, random: seededRandom('strict'), confirmed: false })
    await strict.reset()
    const alice = await join('alice@example.com', strict)
    const { json } = await ask('POST', '/users', { username: 'bob@example.com', auth: 'x', data: { body: 'B' } }, undefined, strict)
    expect((await ask('GET', '/users/1', undefined, alice, strict)).json.confirmed).toBe(false)
    const confirmed = await ask('GET', `/users/confirm/bob@example.com/${json.confirmation_token}`, undefined, undefined, strict)
    expect(confirmed).toEqual({ status: 200, json: true })
    const bob = { id: '2', username: 'bob@example.com', auth: 'x' }
    const invites: number[] = []
    for (const [as, id] of [
      [alice, 'aa'],
      [bob, 'bb'],
    ] as const) {
      await ask('POST', '/sync', [space(id)], as, strict)
      const body = { id: '1f', space_id: id, to_user: 'carol@example.com', role: 'guest', body: 'B' }
      invites.push((await ask('POST', `/spaces/${id}/invites`, body, as, strict)).status)
    }
    expect(invites).toEqual([403, 200])
  })

  test('a new password takes every keychain entry in one step: another number or another id is 409', async () => {
    const alice = await join('alice@example.com')
    const entry = { id: 'e1', type: 'space', item_id: 'aa', user_id: '1', body: 'OLD' }
    await sync(alice, record('keychain', 'add', entry), space('aa'))
    const put = (keychain: readonly object[], as = alice) =>
      ask('PUT', '/users/1', { user: { username: 'alice@example.com', body: 'NEW' }, auth: 'new', keychain }, as)
    expect((await put([])).status).toBe(409)
    expect((await put([{ ...entry, id: 'e2' }])).status).toBe(409)
    expect((await ask('PUT', '/users/1', { user: { body: 'NEW' }, auth: 'new', keychain: [] }, alice)).status).toBe(400)
    expect((await put([{ ...entry, body: 'NEW' }])).json.sync_ids).toHaveLength(3)
    expect((await ask('POST', '/auth', undefined, alice)).status).toBe(403)
    const now = { ...alice, auth: 'new' }
    const log = await changes(now, 2)
    expect(names(log)).toEqual(['user/change-password', 'keychain/edit', 'space/edit'])
    expect(find(log, 'keychain', 'e1')).toMatchObject({ body: 'NEW', item_id: 'aa' })
    expect((await ask('GET', '/users/1', undefined, now)).json).toMatchObject({ body: 'NEW', pubkey: 'PUBKEY', confirmed: true })
  })

  test('a new address may be one that is taken, and is not confirmed', async () => {
    const [bob, alice] = [await join('bob@example.com'), await join('alice@example.com')]
    const body = { user: { username: 'bob@example.com', body: 'NEW' }, auth: 'new', keychain: [] }
    expect((await ask('PUT', '/users/2', body, alice)).status).toBe(200)
    const [row] = (await database.query<Json>('select username, confirmed from turtl.users where id = 2')).rows
    expect(row).toEqual({ username: bob.username, confirmed: false })
  })

  test('deleting an account deletes its spaces, for every member', async () => {
    const { owner, member } = await share('member')
    expect((await ask('DELETE', '/users/1', undefined, member)).status).toBe(403)
    expect(await ask('DELETE', '/users/1', undefined, owner)).toEqual({ status: 200, json: true })
    expect((await ask('POST', '/auth', undefined, owner)).status).toBe(403)
    expect(names((await ask('GET', '/sync/full', undefined, member)).json)).toEqual(['user/add'])
  })
})

describe('sending changes (turtl §6.3, §6.8)', () => {
  test('a success names the record, the object and the sequence numbers it made', async () => {
    const alice = await join('alice@example.com')
    const sent = space('aa')
    const { json } = await sync(alice, sent)
    expect(json).toMatchObject({ failures: [], blocked: [] })
    expect(json.success).toMatchObject([{ id: sent.id, user_id: '1', item_id: 'aa', type: 'space', action: 'add', sync_ids: ['1'] }])
  })

  test('the server puts its own user id, as text, and drops what it does not know', async () => {
    const alice = await join('alice@example.com')
    await sync(
      alice,
      space('aa'),
      board('bb', 'aa'),
      note('cc', 'aa', { has_file: false, secret: 1, file: { id: 'cc', size: 3, body: 'F', name: 'x' } }),
    )
    const full = (await ask('GET', '/sync/full', undefined, alice)).json
    expect(find(full, 'space', 'aa')).toMatchObject({
      user_id: '1',
      members: [{ id: '1', user_id: '1', username: 'alice@example.com', role: 'owner' }],
    })
    expect(find(full, 'space', 'aa')).not.toHaveProperty('title')
    expect(find(full, 'note', 'cc')).toEqual({
      id: 'cc',
      space_id: 'aa',
      board_id: null,
      user_id: '1',
      mod: 7,
      keys: [],
      body: 'B',
      file: { size: 3, body: 'F' },
    })
  })

  test('32 records are looked at, the others are in no list', async () => {
    const alice = await join('alice@example.com')
    const sent = [space('aa'), ...Array.from({ length: 40 }, (_, i) => note(`c${i.toString(16)}`, 'aa'))]
    const { json } = await sync(alice, ...sent)
    expect(json.success).toHaveLength(32)
    expect([json.failures, json.blocked]).toEqual([[], []])
  })

  test('a failure stops nothing behind it, and comes back whole with error and _id', async () => {
    const alice = await join('alice@example.com')
    const failing = record('board', 'edit', { id: 'bb', space_id: 'aa', keys: [], body: 'B' })
    const { json } = await sync(
      alice,
      failing,
      space('aa'),
      record('invite', 'add', { id: '1f' }),
      record('note', 'add', { id: 'XY', body: 'B' }),
    )
    expect(json.success).toHaveLength(1)
    expect(json.failures).toMatchObject([
      { ...failing, _id: failing.id, error: { code: 404 } },
      { error: { code: 400 } },
      { error: { code: 400 } },
    ])
  })

  test('editing a space that is not there is 403, a board or a keychain entry 404', async () => {
    const alice = await join('alice@example.com')
    const edit = (type: string, more: object) => record(type, 'edit', { id: 'dd', body: 'B', keys: [], ...more })
    const answer = await sync(
      alice,
      edit('space', {}),
      edit('board', { space_id: 'aa' }),
      edit('keychain', { type: 'space', item_id: 'aa' }),
    )
    expect(failureCodes(answer)).toEqual([403, 404, 404])
  })

  test('deleting what is not there succeeds without a sequence number, by the id in data', async () => {
    const alice = await join('alice@example.com')
    await sync(alice, space('aa'), note('cc', 'aa'))
    const gone = ['keychain', 'space', 'board', 'note', 'file'].map((type) => record(type, 'delete', { id: 'dd' }))
    const { json } = await sync(alice, ...gone, record('note', 'delete', { id: 'cc' }))
    expect((json.success as unknown as Json[]).map(({ sync_ids }) => sync_ids)).toEqual([[], [], [], [], [], ['3']])
  })

  test('the last write wins, whatever it says of its time', async () => {
    const alice = await join('alice@example.com')
    await sync(
      alice,
      space('aa'),
      note('cc', 'aa', { mod: 50 }),
      record('note', 'edit', { id: 'cc', space_id: 'aa', mod: 10, keys: [], body: 'LATE' }),
    )
    expect(find(await changes(alice), 'note', 'cc')).toMatchObject({ body: 'LATE', mod: 10 })
  })

  test('an edit keeps author, space and has_file; a file that is not sent is gone', async () => {
    const alice = await join('alice@example.com')
    await sync(alice, space('aa'), space('ab'), note('cc', 'aa', { file: { body: 'F' } }))
    await ask('PUT', '/notes/cc/attachment', Uint8Array.of(1, 2, 3), alice)
    await sync(
      alice,
      record('note', 'edit', { id: 'cc', space_id: 'ab', user_id: '5', has_file: false, board_id: 'bb', keys: [], body: 'B2' }),
    )
    expect(find(await changes(alice), 'note', 'cc')).toEqual({
      id: 'cc',
      space_id: 'aa',
      user_id: '1',
      has_file: true,
      board_id: 'bb',
      keys: [],
      body: 'B2',
    })
  })

  test('a move changes space and keys alone: board, body and mod stay as they were', async () => {
    const alice = await join('alice@example.com')
    await sync(alice, space('aa'), space('ab'), note('cc', 'aa', { board_id: 'bb' }))
    const moved = record('note', 'move-space', {
      id: 'cc',
      space_id: 'ab',
      board_id: 'bc',
      mod: 99,
      keys: [{ s: 'ab', k: 'K' }],
      body: 'NEW',
    })
    expect((await sync(alice, moved)).json.success).toMatchObject([{ sync_ids: ['4'] }])
    expect(find(await changes(alice), 'note', 'cc')).toEqual({
      id: 'cc',
      space_id: 'ab',
      board_id: 'bb',
      user_id: '1',
      mod: 7,
      keys: [{ s: 'ab', k: 'K' }],
      body: 'B',
    })
    expect((await sync(alice, moved)).json.success).toMatchObject([{ sync_ids: [] }])
  })

  test('a move tells members of both spaces an edit, of the old one a deletion, of the new one an addition', async () => {
    const { owner, member } = await share('member')
    await sync(owner, space('ab'), note('cc', 'aa'))
    const before = await changes(member)
    await sync(owner, record('note', 'move-space', { id: 'cc', space_id: 'ab', keys: [], body: 'B' }))
    expect(names(await changes(member, before.sync_id))).toEqual(['note/delete'])
    await sync(owner, record('note', 'move-space', { id: 'cc', space_id: 'aa', keys: [], body: 'B' }))
    expect(names(await changes(member, before.sync_id))).toEqual(['note/delete', 'note/add'])
  })

  test('whoever adds again what another has made, takes it over', async () => {
    const [alice, mallory] = [await join('alice@example.com'), await join('mallory@example.com')]
    await sync(alice, space('aa'), note('cc', 'aa'))
    await sync(mallory, space('aa'))
    const full = (await ask('GET', '/sync/full', undefined, mallory)).json
    expect(find(full, 'space', 'aa')).toMatchObject({ user_id: '2', members: [{ user_id: '1' }, { user_id: '2' }] })
    expect(find(full, 'note', 'cc')).toMatchObject({ body: 'B' })
  })

  test('a space added twice is listed twice in a full sync, once without members', async () => {
    const alice = await join('alice@example.com')
    await sync(alice, space('aa'), space('aa'))
    const { records } = (await ask('GET', '/sync/full', undefined, alice)).json
    const spaces = (records as unknown as Json[]).filter(({ type }) => String(type) === 'space')
    expect(spaces.map(({ data }) => (data?.members as unknown as Json[] | undefined)?.length)).toEqual([undefined, 2])
  })

  test('a deleted board leaves its notes, which go on naming it', async () => {
    const alice = await join('alice@example.com')
    await sync(alice, space('aa'), board('bb', 'aa'), note('cc', 'aa', { board_id: 'bb' }), record('board', 'delete', { id: 'bb' }))
    const full = (await ask('GET', '/sync/full', undefined, alice)).json
    expect(names(full)).toEqual(['user/add', 'space/add', 'note/add'])
    expect(find(full, 'note', 'cc')).toMatchObject({ board_id: 'bb' })
  })

  test('a deleted space takes all that is in it, and the keychain entries of all', async () => {
    const alice = await join('alice@example.com')
    const entry = record('keychain', 'add', { id: 'e1', type: 'space', item_id: 'aa', user_id: 1, body: 'K' })
    await sync(alice, entry, space('aa'), board('bb', 'aa'), note('cc', 'aa'), record('space', 'delete', { id: 'aa' }))
    expect(names((await ask('GET', '/sync/full', undefined, alice)).json)).toEqual(['user/add'])
  })

  test('an edit of the user is logged for nobody', async () => {
    const alice = await join('alice@example.com')
    const { json } = await sync(alice, record('user', 'edit', { id: '1', username: 'alice@example.com', pubkey: 'P2', body: 'B2' }))
    expect(json.success).toMatchObject([{ sync_ids: ['1'] }])
    expect(names(await changes(alice))).toEqual([])
    expect((await ask('GET', '/users/1', undefined, alice)).json).toMatchObject({ pubkey: 'P2', body: 'B2' })
  })
})

describe('receiving changes (turtl §6.4, §6.5)', () => {
  test('a cursor that is no number is 400', async () => {
    const alice = await join('alice@example.com')
    for (const since of ['', 'abc']) expect((await ask('GET', `/sync?sync_id=${since}&type=poll`, undefined, alice)).status).toBe(400)
    expect((await ask('GET', '/sync?type=poll', undefined, alice)).status).toBe(400)
  })

  test('the cursor is text when computed and a number when echoed', async () => {
    const alice = await join('alice@example.com')
    await sync(alice, space('aa'))
    expect((await changes(alice)).sync_id).toBe('1')
    expect(await changes(alice, 1)).toEqual({ records: [], sync_id: 1 })
  })

  test('at a power of ten the cursor stays behind, and nothing is missed', async () => {
    const alice = await join('alice@example.com')
    await sync(alice, space('aa'), ...Array.from({ length: 11 }, (_, i) => note(`c${i.toString(16)}`, 'aa')))
    const first = await changes(alice)
    expect(first.sync_id).toBe('9')
    expect((await changes(alice, first.sync_id)).sync_id).toBe('12')
  })

  test('every entry carries the state its object has now; a deletion its id; what is gone since is marked missing inside data', async () => {
    const alice = await join('alice@example.com')
    await sync(
      alice,
      space('aa'),
      note('cc', 'aa'),
      note('cd', 'aa'),
      record('note', 'edit', { id: 'cc', space_id: 'aa', keys: [], body: 'NEW' }),
      record('note', 'delete', { id: 'cd' }),
    )
    const { records } = await changes(alice)
    expect((records as unknown as Json[]).slice(1)).toMatchObject([
      { id: '2', type: 'note', action: 'add', item_id: 'cc', user_id: '1', created: '2026-01-01T00:01:00.000Z', data: { body: 'NEW' } },
      { id: '3', action: 'add', data: { missing: true } },
      { id: '4', action: 'edit', data: { body: 'NEW' } },
      { id: '5', action: 'delete', data: { id: 'cd', deleted: true } },
    ])
  })

  test('a full sync is additions of id 0 in the order user, keychain, spaces, boards, notes, files, invites', async () => {
    const { owner, member } = await share('member')
    await sync(member, space('ad'))
    await ask('POST', '/spaces/ad/invites', { id: '2f', space_id: 'ad', to_user: owner.username, role: 'guest', body: 'B' }, member)
    await sync(
      owner,
      record('keychain', 'add', { id: 'e1', type: 'space', item_id: 'aa', user_id: 1, body: 'K' }),
      board('bb', 'aa'),
      note('cc', 'aa'),
    )
    await ask('PUT', '/notes/cc/attachment', Uint8Array.of(1), owner)
    const full = (await ask('GET', '/sync/full', undefined, owner)).json
    expect(names(full)).toEqual(['user/add', 'keychain/add', 'space/add', 'board/add', 'note/add', 'file/add', 'invite/add'])
    expect(new Set((full.records as unknown as Json[]).map(({ id }) => id))).toEqual(new Set([0]))
    expect(full.sync_id).toEqual(expect.stringMatching(/^\d+$/))
  })

  test('a full sync of an empty log has the cursor "0"', async () => {
    expect((await ask('GET', '/sync/full', undefined, await join('alice@example.com'))).json.sync_id).toBe('0')
  })
})

describe('sharing (turtl §5.3–§5.5, §9)', () => {
  test('the sender of an invite is said by the server; a second invite to an address is the first', async () => {
    const { owner } = await share('member')
    const first = await invite(owner, 'new@example.com', 'guest', '2f')
    expect(first.json).toMatchObject({ id: '2f', from_user_id: '1', from_username: 'owner@example.com' })
    expect((await invite(owner, 'new@example.com', 'admin', '3f')).json).toMatchObject({ id: '2f', role: 'guest' })
    expect((await invite(owner, 'member@example.com', 'admin', '4f')).status).toBe(409)
  })

  test('an invite to an address without account waits until there is one', async () => {
    const owner = await join('owner@example.com')
    await sync(owner, space('aa'))
    await invite(owner, 'later@example.com')
    const later = await join('later@example.com')
    const log = await changes(later)
    expect(names(log)).toEqual(['invite/add'])
    expect(find(log, 'invite', '1f')).toMatchObject({ space_id: 'aa', to_user: 'later@example.com', from_username: 'owner@example.com' })
    expect((await ask('POST', '/spaces/aa/invites/accepted/1f', {}, later)).status).toBe(200)
  })

  test('an address is compared exactly', async () => {
    const [owner, member] = [await join('owner@example.com'), await join('member@example.com')]
    await sync(owner, space('aa'))
    await invite(owner, 'Member@example.com')
    expect((await ask('POST', '/spaces/aa/invites/accepted/1f', {}, member)).status).toBe(403)
  })

  test('accepting answers with the space, whose sync_ids are the ids of its members, and shows the invites to all', async () => {
    const [owner, member] = [await join('owner@example.com'), await join('member@example.com')]
    await sync(owner, space('aa'), note('cc', 'aa'))
    await invite(owner, member.username)
    await invite(owner, 'third@example.com', 'guest', '2f')
    const { json } = await ask('POST', '/spaces/aa/invites/accepted/1f', {}, member)
    expect([...(json.sync_ids as unknown as string[])].sort()).toEqual(['1', '2'])
    expect(json).toMatchObject({ id: 'aa', invites: [{ id: '2f' }] })
    expect(find((await ask('GET', '/sync/full', undefined, member)).json, 'space', 'aa')).not.toHaveProperty('invites')
  })

  test('a share comes as the space without its invites and all that is in it, in records without id', async () => {
    const [owner, member] = [await join('owner@example.com'), await join('member@example.com')]
    await sync(owner, space('aa'), board('bb', 'aa'), note('cc', 'aa'))
    await ask('PUT', '/notes/cc/attachment', Uint8Array.of(1), owner)
    await invite(owner, member.username)
    await ask('POST', '/spaces/aa/invites/accepted/1f', {}, member)
    const log = await changes(member)
    expect(names(log)).toEqual(['invite/add', 'space/add', 'board/add', 'note/add', 'file/add', 'invite/delete', 'space/edit'])
    expect((log.records as unknown as Json[]).map(({ id }) => id === undefined)).toEqual([false, true, true, true, true, false, false])
    expect((log.records as unknown as Json[])[1]?.data).not.toHaveProperty('invites')
  })

  test('a removed member is told to delete the space and all in it, and loses the keychain entry', async () => {
    const { owner, member } = await share('member')
    await sync(member, record('keychain', 'add', { id: 'e2', type: 'space', item_id: 'aa', user_id: 2, body: 'K' }), note('cc', 'aa'))
    const before = await changes(member)
    expect(await ask('DELETE', '/spaces/aa/members/2', undefined, owner)).toEqual({ status: 200, json: true })
    expect(names(await changes(member, before.sync_id))).toEqual(['space/delete', 'note/delete'])
    expect(names((await ask('GET', '/sync/full', undefined, member)).json)).toEqual(['user/add'])
    const change = {
      user: { username: member.username, body: 'B' },
      auth: 'new',
      keychain: [{ id: 'e2', type: 'space', item_id: 'aa', body: 'K' }],
    }
    expect((await ask('PUT', '/users/2', change, member)).status).toBe(409)
  })

  test('removing a non-member is 500, the owner 403; a member may leave', async () => {
    const { owner, member } = await share('guest')
    expect((await ask('DELETE', '/spaces/aa/members/77', undefined, owner)).status).toBe(500)
    expect((await ask('DELETE', '/spaces/aa/members/1', undefined, owner)).status).toBe(403)
    expect((await ask('DELETE', '/spaces/aa/members/2', undefined, member)).status).toBe(200)
  })

  test('an admin can make an owner; a role that is none is stored, and every later check is 500', async () => {
    const { owner, member } = await share('admin')
    expect((await ask('PUT', '/spaces/aa/members/2', { role: 'owner' }, member)).status).toBe(200)
    const other = await share2(owner)
    await ask('PUT', `/spaces/aa/members/${other.id}`, { role: 'emperor' }, owner)
    expect(failureCodes(await sync(other, note('cc', 'aa')))).toEqual([500])
  })

  async function share2(owner: Person): Promise<Person> {
    const other = await join('other@example.com')
    await invite(owner, other.username, 'member', '5f')
    await ask('POST', '/spaces/aa/invites/accepted/5f', {}, other)
    return other
  }

  test('the old owner becomes an admin', async () => {
    const { owner } = await share('member')
    const { json } = await ask('PUT', '/spaces/aa/owner/2', {}, owner)
    expect(json).toMatchObject({
      user_id: '2',
      members: [
        { user_id: '1', role: 'admin' },
        { user_id: '2', role: 'owner' },
      ],
    })
  })

  test.each([
    ['owner', [0, 0, 0, 0, 0]],
    ['admin', [0, 0, 0, 0, 403]],
    ['moderator', [403, 0, 0, 0, 403]],
    ['member', [403, 403, 0, 0, 403]],
    ['guest', [403, 403, 403, 403, 403]],
  ])('%s: what may be changed', async (role, expected) => {
    const { owner, member } = await share(role)
    await sync(owner, note('cc', 'aa'))
    const attempts = [
      record('space', 'edit', { id: 'aa', body: 'B' }),
      board('bb', 'aa'),
      note('cd', 'aa'),
      record('note', 'edit', { id: 'cc', space_id: 'aa', keys: [], body: 'B' }),
      record('space', 'delete', { id: 'aa' }),
    ]
    const codes: unknown[] = []
    for (const attempt of attempts) codes.push(failureCodes(await sync(member, attempt))[0] ?? 0)
    expect(codes).toEqual(expected)
  })
})

describe('attachments (turtl §6.6, §9)', () => {
  test('an upload sets has_file and the size as stored, and logs note/edit and file/add', async () => {
    const alice = await join('alice@example.com')
    await sync(alice, space('aa'), note('cc', 'aa', { file: { size: 1, body: 'F' } }))
    const { json } = await ask('PUT', '/notes/cc/attachment', new Uint8Array(50), alice)
    expect(json).toMatchObject({ has_file: true, file: { size: 50, body: 'F' }, sync_ids: ['3', '4'] })
    expect(names(await changes(alice, 2))).toEqual(['note/edit', 'file/add'])
    expect((await ask('PUT', '/notes/dd/attachment', new Uint8Array(50), alice)).status).toBe(404)
  })

  test('the first step of a download checks nothing, the second refuses guests with 403 and what is not there with 404', async () => {
    const { owner, member } = await share('guest')
    await sync(owner, note('cc', 'aa'), note('cd', 'aa'))
    await ask('PUT', '/notes/cc/attachment', Uint8Array.of(1, 2, 3), owner)
    const step = async (as: Person, id: string) => {
      const { status, json } = await ask('GET', `/notes/${id}/attachment`, undefined, as)
      expect([status, String(json)]).toEqual([200, `https://turtl.example/notes/${id}/local-attachment-proxy`])
      const headers = { authorization: `Basic ${encodeBase64(encodeUtf8(`${as.username}:${as.auth}`))}` }
      return server.fetch(new Request(String(json), { headers }))
    }
    expect(new Uint8Array(await (await step(owner, 'cc')).arrayBuffer())).toEqual(Uint8Array.of(1, 2, 3))
    expect((await step(member, 'cc')).status).toBe(403)
    expect((await step(owner, 'cd')).status).toBe(404)
    expect((await step(owner, 'dd')).status).toBe(404)
  })

  test('deleting a file logs the note alone, deleting a note its file too', async () => {
    const alice = await join('alice@example.com')
    await sync(alice, space('aa'), note('cc', 'aa'))
    await ask('PUT', '/notes/cc/attachment', Uint8Array.of(1), alice)
    await sync(alice, record('file', 'delete', { id: 'cc' }))
    const log = await changes(alice, 4)
    expect(names(log)).toEqual(['note/edit'])
    expect(find(log, 'note', 'cc')).toMatchObject({ has_file: false })
    expect(find(log, 'note', 'cc')).not.toHaveProperty('file')
    await ask('PUT', '/notes/cc/attachment', Uint8Array.of(1), alice)
    await sync(alice, record('note', 'delete', { id: 'cc' }))
    expect(names(await changes(alice, 7))).toEqual(['note/delete', 'file/delete'])
  })
})

describe('the routes (turtl §6.8)', () => {
  test('greeting and health are for anybody; what is no route is 404, what is no JSON 400', async () => {
    expect((await ask('GET', '/')).status).toBe(200)
    expect(await ask('GET', '/health/db')).toEqual({ status: 200, json: { healthy: true } })
    expect(errorOf(await ask('GET', '/nothing'))).toEqual([404, 'string'])
    expect(errorOf(await ask('POST', '/users', new Uint8Array([123])))).toEqual([400, 'string'])
  })

  test('a poll with nothing to tell is answered when its time is over', async () => {
    const patient = await makeTurtlServer({ database, schema: 'patient', clock, random: seededRandom('patient'), pollMs: 20 })
    await patient.reset()
    const alice = await join('alice@example.com', patient)
    expect(await ask('GET', '/sync?sync_id=0&type=poll', undefined, alice, patient)).toEqual({
      status: 200,
      json: { records: [], sync_id: 0 },
    })
  })
})

test('a server on a schema of its own holds nothing of another on the same database', async () => {
  await join('alice@example.com')
  const other = await makeTurtlServer({ database, schema: 'other', clock, random: seededRandom('other') })
  await other.reset()
  expect((await join('bob@example.com', other)).id).toBe('1')
})
