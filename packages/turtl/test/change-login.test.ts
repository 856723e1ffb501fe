/** Another password or e-mail, with everything that can break in between (turtl §6.7, §9). */
import { decodeBase64, type Fetch } from '@holdfast/base'
import { deriveTurtlLogin, type LoginToken } from '@holdfast/keys'
import type { Fault } from '@holdfast/testkit'
import { openEnvelope } from '@holdfast/wire'
import { expect, test } from 'vitest'
import { describeOnEveryEngine } from '../../wire/test/every-engine'
import {
  type Change,
  CURSOR,
  changeTurtlLogin,
  createMemoryTurtlStore,
  editUser,
  encodeSyncRecord,
  forgetLoginChange,
  IGNORED,
  joinTurtl,
  loginToTurtl,
  makeTurtlAccount,
  resumeLoginChange,
  rewrapStored,
  type StoreFault,
  type TurtlSession,
  type TurtlStore,
} from '../src/index'
import { code, failureOf, makeLoginWorld, openFromServer, sendChanges, useServer } from './login-world'

const EMAIL = 'alice@example.com'

const server = useServer()

describeOnEveryEngine('a change of the login (turtl §6.7)', (engine) => {
  const makeWorld = (seed = 'world', faultOf?: (request: number) => Fault | undefined, request: Fetch = server.request) =>
    makeLoginWorld(engine, request, seed, faultOf)
  const current = (password: string) => ({ username: EMAIL, password })

  /** Alice with her default content at the server, and a device that knows all of it and has made a space it has not sent. */
  async function prepare(faultOf?: (commit: number) => StoreFault | undefined) {
    const world = makeWorld('alice')
    const joined = await joinTurtl(world, EMAIL, 'password 0')
    await sendChanges(world, joined.session, joined.changes)
    const session = await loginToTurtl(world, EMAIL, 'password 0')
    const store = createMemoryTurtlStore(faultOf)
    await pull(store, session)
    const offline = makeTurtlAccount(world, session.masterKey, session.user)
    const { changes } = await offline.saveSpaces([{ data: { title: 'Made offline' } }])
    await queue(store, session, [...changes, editUser(world, session, { ...session.user, name: 'Alice, offline' })])
    return { world, session, store }
  }

  async function pull(store: TurtlStore, { client }: TurtlSession): Promise<void> {
    const { records, syncId } = await client.fetchFullSync()
    await store.transact((tx) => {
      for (const { type, data } of records)
        if (type === 'user' || type === 'keychain' || type === 'space') tx.put(type, String(data.id), data)
      tx.put('value', CURSOR, syncId)
    })
  }

  async function queue(store: TurtlStore, { id }: TurtlSession, changes: readonly Change[]): Promise<void> {
    const ids = await makeWorld('queue').ids.makeIds(changes.length)
    await store.transact((tx) => {
      changes.forEach((change, i) => {
        tx.put('queue', ids[i] ?? '', encodeSyncRecord(ids[i] ?? '', id, change))
      })
    })
  }

  /** Everything at the server opens with this login, and so does everything at the device. */
  async function expectWhole(session: TurtlSession, store: TurtlStore): Promise<void> {
    const account = await openFromServer(makeWorld(), session)
    expect([account.unreadable, account.spaces.size, account.boards.size]).toEqual([[], 3, 3])
    const rows = await store.transact((tx) => [
      ...tx.list('user'),
      ...tx.list('keychain'),
      ...tx.list('queue').flatMap(({ type, data }) => (type === 'space' ? [] : [data])),
    ])
    expect(rows).toHaveLength(1 + 3 + 2)
    for (const { body } of rows) session.masterKey.use((key) => openEnvelope(engine, key, decodeBase64(String(body))))
  }

  const isTaken = async (password: string, username = EMAIL) =>
    (await failureOf(loginToTurtl(makeWorld(), username, password))) === undefined
  const journalOf = (store: TurtlStore) => store.transact((tx) => tx.get('value', 'login-change'))

  test('brings the user, the keychain and what is unsent under the new master key, and nothing else', async () => {
    const { world, session, store } = await prepare()
    const spaces = await store.transact((tx) => tx.list('space'))
    const changed = await changeTurtlLogin(world, session, store, { current: current('password 0'), password: 'password 1' })
    await expectWhole(changed, store)
    expect([await isTaken('password 0'), await isTaken('password 1')]).toEqual([false, true])
    expect(await store.transact((tx) => tx.list('space'))).toEqual(spaces)
    expect(await journalOf(store)).toBeUndefined()
  })

  test('what was unsent is sent afterwards, and opens', async () => {
    const { world, session, store } = await prepare()
    const changed = await changeTurtlLogin(world, session, store, { current: current('password 0'), password: 'password 1' })
    const { failures } = await changed.client.sendChanges(await store.transact((tx) => tx.list('queue')))
    expect(failures).toEqual([])
    const account = await openFromServer(world, changed)
    expect([...account.spaces.values()].map(({ data }) => data.title)).toContain('Made offline')
    expect(account.user).toMatchObject({ name: 'Alice, offline', username: EMAIL })
  })

  test('its own word in the log is not for this device, whether its answer came or not', async () => {
    for (const fault of [undefined, 'drop-answer'] as const) {
      await server.reset()
      const { session, store } = await prepare()
      const world = makeWorld('lost', (request) => (request === 1 ? fault : undefined))
      const changed = await changeTurtlLogin(world, session, store, { current: current('password 0'), password: 'password 1' })
      const [cursor = '', ignored = '[]'] = await store.transact((tx) => [tx.get('value', CURSOR), tx.get('value', IGNORED)])
      const { records } = await changed.client.fetchChanges(cursor, 'reconnect')
      const own = records.filter(({ action }) => action === 'change-password').map(({ id }) => id)
      expect(own).toHaveLength(1)
      expect(JSON.parse(ignored)).toEqual(expect.arrayContaining(own))
    }
  })

  test('a new e-mail makes another master key, is in the record and in what is unsent, and asks for a confirmation', async () => {
    const { world, session, store } = await prepare()
    const change = { current: current('password 0'), username: 'Alice@New.example', password: 'password 0' }
    const changed = await changeTurtlLogin(world, session, store, change)
    expect(changed.user).toMatchObject({ username: 'alice@new.example', confirmed: false })
    await expectWhole(changed, store)
    const names = await store.transact((tx) =>
      [...tx.list('user'), ...tx.list('queue').map(({ data }) => data)].flatMap(({ username }) => username ?? []),
    )
    expect(names).toEqual(['alice@new.example', 'alice@new.example'])
    expect([await isTaken('password 0'), await isTaken('password 0', 'alice@new.example')]).toEqual([false, true])
  })

  test('the current login is checked before anything is asked; its e-mail in any case (trap 7)', async () => {
    const { session, store } = await prepare()
    const nowhere = makeWorld('nowhere', () => 'drop-request')
    for (const wrong of [current('password 9'), { username: 'bob@example.com', password: 'password 0' }])
      expect(await failureOf(changeTurtlLogin(nowhere, session, store, { current: wrong, password: 'password 1' }))).toBe(
        'wrong_credentials',
      )
    const change = { current: { username: 'ALICE@example.com', password: 'password 0' }, password: 'password 1' }
    await expectWhole(await changeTurtlLogin(makeWorld(), session, store, change), store)
  })

  test('an e-mail that is taken is refused, since the server would take it (§9)', async () => {
    await joinTurtl(makeWorld('bob'), 'bob@example.com', 'password b')
    const { world, session, store } = await prepare()
    const change = { current: current('password 0'), username: 'bob@example.com', password: 'password 1' }
    await expect(changeTurtlLogin(world, session, store, change)).rejects.toEqual(code('username_taken'))
    expect([await isTaken('password 0'), await journalOf(store)]).toEqual([true, undefined])
  })

  /** Another device of Alice adds a space right before each of the first `times` attempts to change the password. */
  const interrupting = (session: TurtlSession, times: number): Fetch => {
    const world = makeWorld('elsewhere')
    let left = times
    return async (url, init) => {
      if (init?.method === 'PUT' && left-- > 0) {
        const { changes } = await makeTurtlAccount(world, session.masterKey, session.user).saveSpaces([{ data: { title: 'Elsewhere' } }])
        await sendChanges(world, session, changes)
      }
      return server.request(url, init)
    }
  }

  test('a keychain entry that another device adds meanwhile is fetched and goes along (409)', async () => {
    const { session, store } = await prepare()
    const world = makeWorld('raced', undefined, interrupting(session, 2))
    const changed = await changeTurtlLogin(world, session, store, { current: current('password 0'), password: 'password 1' })
    const account = await openFromServer(world, changed)
    expect([account.unreadable, account.spaces.size]).toEqual([[], 5])
  })

  test('a keychain that never stands still is refused, and nothing has changed', async () => {
    const { session, store } = await prepare()
    const world = makeWorld('raced', undefined, interrupting(session, 99))
    await expect(changeTurtlLogin(world, session, store, { current: current('password 0'), password: 'password 1' })).rejects.toMatchObject(
      { status: 409 },
    )
    expect([await isTaken('password 0'), await journalOf(store)]).toEqual([true, undefined])
  })

  test('an entry that nobody can open stays as it is, and hinders nothing', async () => {
    const { world, session, store } = await prepare()
    const entry = { id: 'dead', type: 'space', item_id: 'beef', user_id: session.id, body: 'no envelope', keys: [] }
    await sendChanges(world, session, [{ action: 'add', type: 'keychain', item_id: 'dead', data: entry }])
    const changed = await changeTurtlLogin(world, session, store, { current: current('password 0'), password: 'password 1' })
    const account = await openFromServer(world, changed)
    expect(account.unreadable.map(({ id }) => id)).toEqual(['dead'])
    expect(account.spaces.size).toBe(3)
  })

  test('a record of the server that does not open is not written over', async () => {
    const { world, session, store } = await prepare()
    await joinTurtl(makeWorld('bob'), 'bob@example.com', 'password b')
    await server.database.query('update turtl.users set data = (select data from turtl.users where id = 2) where id = 1')
    const change = { current: current('password 0'), password: 'password 1' }
    await expect(changeTurtlLogin(world, session, store, change)).rejects.toEqual(code('auth_failed'))
    expect(await journalOf(store)).toBeUndefined()
  })

  test('the journal tells nothing to who has neither login', async () => {
    const { session, store } = await prepare()
    const gone = makeWorld('gone', () => 'drop-request')
    await expect(changeTurtlLogin(gone, session, store, { current: current('password 0'), password: 'password 1' })).rejects.toEqual(
      code('turtl_unreachable'),
    )
    expect(Object.keys(JSON.parse((await journalOf(store)) ?? '{}'))).toEqual(['after', 'before'])
    const stranger: LoginToken = { id: session.id, ...deriveTurtlLogin(engine, EMAIL, 'password 9') }
    await expect(resumeLoginChange(makeWorld(), stranger, store)).rejects.toEqual(code('login_change_overtaken'))
    expect(await journalOf(store)).toBeDefined()
    await forgetLoginChange(store)
    expect(await resumeLoginChange(makeWorld(), stranger, store)).toBeUndefined()
  })

  test('nothing to resume is nothing', async () => {
    const { world, session, store } = await prepare()
    expect(await resumeLoginChange(world, session, store)).toBeUndefined()
  })

  test('a login changed elsewhere: neither is taken, at most three failures are counted, and nothing is written', async () => {
    const { session, store } = await prepare()
    const elsewhere = createMemoryTurtlStore()
    await changeTurtlLogin(makeWorld('elsewhere'), session, elsewhere, { current: current('password 0'), password: 'password 7' })
    const change = { current: current('password 0'), password: 'password 1' }
    await expect(changeTurtlLogin(makeWorld(), session, store, change)).rejects.toEqual(code('turtl_login_failed'))
    const { rows } = await server.database.query<{ login_failed_count: number }>('select login_failed_count from turtl.users')
    expect(rows[0]?.login_failed_count).toBeLessThanOrEqual(3)
    expect(await isTaken('password 7')).toBe(true)
  })

  test('a device that was offline while the login changed elsewhere brings its unsent changes under the new one', async () => {
    const { world, session, store } = await prepare()
    const changed = await changeTurtlLogin(makeWorld('elsewhere'), session, createMemoryTurtlStore(), {
      current: current('password 0'),
      password: 'password 1',
    })
    await store.transact((tx) => rewrapStored(engine, tx, { before: session, after: changed }))
    await expectWhole(changed, store)
    const before = await store.transact((tx) => tx.list('queue'))
    await store.transact((tx) => rewrapStored(engine, tx, { before: session, after: changed }))
    expect(await store.transact((tx) => tx.list('queue'))).toEqual(before)
    expect((await changed.client.sendChanges(before)).failures).toEqual([])
    expect((await openFromServer(world, changed)).spaces.size).toBe(4)
  })

  /** Where the process dies: every request from there on fails, and the first of them before or after it did its work. */
  const CRASHES = [0, 1, 2, 3].flatMap((at) => (['drop-request', 'drop-answer'] as const).map((how) => ({ at, how })))

  test('a crash before or after each request: either login finds the way, and the account is whole', async () => {
    let { session, store } = await prepare()
    let number = 0
    for (const { at, how } of CRASHES) {
      for (const returning of ['before', 'after'] as const) {
        const [old, fresh] = [`password ${number}`, `password ${++number}`]
        const dying = makeWorld(`dying ${number}`, (request) => (request < at ? undefined : request === at ? how : 'drop-request'))
        const outcome = await failureOf(changeTurtlLogin(dying, session, store, { current: current(old), password: fresh }))
        expect([at, how, outcome]).toEqual([at, how, 'turtl_unreachable'])

        const login: LoginToken = returning === 'before' ? session : { id: session.id, ...deriveTurtlLogin(engine, EMAIL, fresh) }
        const resumed = await resumeLoginChange(makeWorld(`resuming ${number}`), login, store)
        if (!resumed) throw new Error(`no journal after ${how} at ${at}`)
        await expectWhole(resumed, store)
        expect([at, how, await isTaken(old)]).toEqual([at, how, false])
        expect(await journalOf(store)).toBeUndefined()
        session = resumed
      }
    }
  })

  test('a store that fails before or after each of its commits: either nothing was asked, or it is resumed', async () => {
    let fault: StoreFault | undefined
    let [commits, failing] = [0, -1]
    let { session, store } = await prepare(() => (commits++ === failing ? fault : undefined))
    const failAt = async (which: number, how: StoreFault, number: number) => {
      ;[failing, fault] = [commits + which, how]
      const change = { current: current(`password ${number}`), password: `password ${number + 1}` }
      await expect(changeTurtlLogin(makeWorld(), session, store, change)).rejects.toEqual(code('store_failed'))
    }
    await failAt(0, 'before', 0)
    expect([await journalOf(store), await isTaken('password 0')]).toEqual([undefined, true])

    for (const [number, [which, how]] of (
      [
        [0, 'after'],
        [1, 'before'],
        [1, 'after'],
      ] as const
    ).entries()) {
      await failAt(which, how, number)
      // After the last commit nothing is left to resume: the new password is how to come back.
      session = (await resumeLoginChange(makeWorld(), session, store)) ?? (await loginToTurtl(makeWorld(), EMAIL, `password ${number + 1}`))
      await expectWhole(session, store)
      expect([await journalOf(store), await isTaken(`password ${number + 1}`)]).toEqual([undefined, true])
    }
  })

  test.each(['duplicate', 'delay', 'truncate-answer'] as const)(
    '%s of each request in turn changes nothing about the outcome',
    async (fault) => {
      let { session, store } = await prepare()
      for (const at of [0, 1, 2, 3]) {
        const world = makeWorld(`faulty ${at}`, (request) => (request === at ? fault : undefined))
        const change = { current: current(`password ${at}`), password: `password ${at + 1}` }
        try {
          session = await changeTurtlLogin(world, session, store, change)
        } catch (error) {
          expect(error).toEqual(code('turtl_unreachable'))
          session = (await resumeLoginChange(makeWorld(), session, store)) ?? session
        }
        await expectWhole(session, store)
        expect(await isTaken(`password ${at + 1}`)).toBe(true)
      }
    },
  )
})
