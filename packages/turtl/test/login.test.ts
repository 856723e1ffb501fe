/** Joining and logging in, against a server that answers as the original does (turtl §3.7). */
import { openLoginToken, openSavedLogin, sealLoginToken } from '@holdfast/keys'
import type { Fault } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import { describeOnEveryEngine } from '../../wire/test/every-engine'
import {
  checkWireShape,
  deleteTurtlAccount,
  editUser,
  joinTurtl,
  loginToTurtl,
  loginWithToken,
  type ModelKind,
  saveTurtlLogin,
} from '../src/index'
import { clock, code, fetchWire, makeLoginWorld, openFromServer, sendChanges, useServer } from './login-world'

const [EMAIL, PASSWORD] = ['alice@example.com', 'correct horse battery staple']

const server = useServer()

describeOnEveryEngine('joining Turtl (turtl §3.7)', (engine) => {
  const makeWorld = (seed: string, faultOf?: (request: number) => Fault | undefined) =>
    makeLoginWorld(engine, server.request, seed, faultOf)

  test('makes an account with three spaces, three boards in the first, and that one as the default', async () => {
    const world = makeWorld('join')
    const { session, changes } = await joinTurtl(world, EMAIL, PASSWORD, { name: 'Alice' })
    for (const { type, data } of changes) checkWireShape(type as ModelKind, data)
    await sendChanges(world, session, changes)

    const later = await loginToTurtl(makeWorld('later'), 'Alice@Example.com', PASSWORD)
    const account = await openFromServer(world, later)
    expect(account.unreadable).toEqual([])
    expect([...account.spaces.values()].map(({ data }) => data)).toEqual([
      { title: 'Personal', color: '#408080' },
      { title: 'Work', color: '#439645' },
      { title: 'Home', color: '#800000' },
    ])
    const [personal] = account.spaces.keys()
    expect([...account.boards.values()].map(({ space_id, data }) => [space_id, data.title])).toEqual([
      [personal, 'Bookmarks'],
      [personal, 'Photos'],
      [personal, 'Passwords'],
    ])
    expect(later.user).toMatchObject({ id: session.id, username: EMAIL, name: 'Alice', data: { settings: { default_space: personal } } })
    expect([later.keyPairState, later.changes]).toEqual(['held', []])
  })

  test.each(['drop-answer', 'truncate-answer', 'duplicate'] as const)(
    '%s at the join: the account is recognised, not made twice',
    async (fault) => {
      const world = makeWorld('lost', (request) => (request === 0 ? fault : undefined))
      const { session, changes } = await joinTurtl(world, EMAIL, PASSWORD)
      expect(changes.filter(({ type }) => type === 'space')).toHaveLength(3)
      expect((await server.database.query('select id from turtl.users')).rows).toEqual([{ id: Number(session.id) }])
    },
  )

  test('an answer lost for good is unreachable; the same call again finds what it made, and makes the content then', async () => {
    const gone = makeWorld('gone', (request) => (request === 0 ? 'drop-answer' : 'drop-request'))
    await expect(joinTurtl(gone, EMAIL, PASSWORD)).rejects.toEqual(code('turtl_unreachable'))
    const { changes } = await joinTurtl(makeWorld('again'), EMAIL, PASSWORD)
    expect(changes.map(({ type }) => type)).toEqual([
      ...Array(3).fill('keychain'),
      ...Array(3).fill('space'),
      ...Array(3).fill('board'),
      'user',
    ])
  })

  test('an account that has its own content gets none', async () => {
    const world = makeWorld('twice')
    const { session, changes } = await joinTurtl(world, EMAIL, PASSWORD)
    await sendChanges(world, session, changes)
    expect((await joinTurtl(world, EMAIL, PASSWORD)).changes).toEqual([])
  })

  test('an e-mail that is somebody else’s is refused, and counts as one failure there', async () => {
    await joinTurtl(makeWorld('first'), EMAIL, PASSWORD)
    await expect(joinTurtl(makeWorld('second'), EMAIL, 'another password')).rejects.toEqual(code('turtl_rejected'))
    expect((await server.database.query('select login_failed_count from turtl.users')).rows).toEqual([{ login_failed_count: 1 }])
  })

  test.each([
    ['a', PASSWORD, 'invalid_username'],
    ['no-at-sign', PASSWORD, 'invalid_username'],
    ['a:b@example.com', PASSWORD, 'invalid_username'],
    ['\ud800@example.com', PASSWORD, 'invalid_username'],
    [EMAIL, 'abc', 'invalid_password'],
    [EMAIL, 'password', 'invalid_password'],
    [EMAIL, 'lone \udc00', 'invalid_password'],
  ])('%j with %j is refused before anything is asked (§3.2)', async (username, password, expected) => {
    const world = makeWorld('rules', () => new Response(null, { status: 500 }))
    await expect(joinTurtl(world, username, password)).rejects.toEqual(code(expected))
  })
})

describeOnEveryEngine('logging in to Turtl (turtl §3.7)', (engine) => {
  const world = () => makeLoginWorld(engine, server.request, 'login')

  test('a wrong password is refused once, and nothing repeats it', async () => {
    await joinTurtl(world(), EMAIL, PASSWORD)
    let requests = 0
    const counting = makeLoginWorld(engine, server.request, 'count', () => {
      requests++
      return undefined
    })
    await expect(loginToTurtl(counting, EMAIL, 'wrong')).rejects.toEqual(code('turtl_login_failed'))
    expect(requests).toBe(1)
  })

  test('five failures lock the account for the right password, for a minute (§3.6)', async () => {
    await joinTurtl(world(), EMAIL, PASSWORD)
    for (let i = 0; i < 5; i++) await expect(loginToTurtl(world(), EMAIL, 'wrong')).rejects.toEqual(code('turtl_login_failed'))
    await expect(loginToTurtl(world(), EMAIL, PASSWORD)).rejects.toEqual(code('turtl_login_failed'))
    clock.advance(60_000)
    expect(await loginToTurtl(world(), EMAIL, PASSWORD)).toMatchObject({ username: EMAIL })
  })

  test('a login token logs in without the password, until the account is another one', async () => {
    const { session } = await joinTurtl(world(), EMAIL, PASSWORD)
    const token = openLoginToken(engine, sealLoginToken(engine, session))
    expect(await loginWithToken(world(), token)).toMatchObject({ id: session.id, username: EMAIL })
    await expect(loginWithToken(world(), { ...token, id: '99' })).rejects.toEqual(code('other_account'))
  })

  test('a saved login is a file named after the user, under a key of its own', async () => {
    const { session } = await joinTurtl(world(), EMAIL, PASSWORD)
    const [one, two] = [saveTurtlLogin(engine, session), saveTurtlLogin(engine, session)]
    expect(one.fileName).toBe(`${session.id}.login`)
    expect(one.key.expose()).not.toEqual(two.key.expose())
    expect(await loginWithToken(world(), openSavedLogin(engine, one.key, one.file))).toMatchObject({ id: session.id })
    expect(() => openSavedLogin(engine, two.key, one.file)).toThrow(code('auth_failed'))
  })

  test('a record without private key gets a new pair, to be sent (§4.9)', async () => {
    const { session } = await joinTurtl(world(), EMAIL, PASSWORD)
    const { privkey: _, ...data } = session.user.data
    await sendChanges(world(), session, [editUser(world(), session, { ...session.user, data })])
    const renewed = await loginToTurtl(world(), EMAIL, PASSWORD)
    expect([renewed.keyPairState, renewed.changes.map(({ type, action }) => `${type}/${action}`)]).toEqual(['made', ['user/edit']])
    await sendChanges(world(), renewed, renewed.changes)
    const again = await loginToTurtl(world(), EMAIL, PASSWORD)
    expect([again.keyPairState, again.user.pubkey]).toEqual(['held', renewed.user.pubkey])
  })

  test('a public key that the server has put in place of one’s own is told, and locks nobody out (trap 8)', async () => {
    await joinTurtl(world(), EMAIL, PASSWORD)
    const other = engine.sealedBox.makeKeyPair().publicKey
    await server.database.query("update turtl.users set data = (data::jsonb || jsonb_build_object('pubkey', $1::text))::json", [
      Buffer.from(other).toString('base64'),
    ])
    const session = await loginToTurtl(world(), EMAIL, PASSWORD)
    expect([session.keyPairState, session.keyPair, session.changes]).toEqual(['mismatched', undefined, []])
  })

  test('a user record that does not open says so after the server took the login', async () => {
    await joinTurtl(world(), EMAIL, PASSWORD)
    await joinTurtl(world(), 'bob@example.com', PASSWORD)
    await server.database.query('update turtl.users set data = (select data from turtl.users where id = 2) where id = 1')
    await expect(loginToTurtl(world(), EMAIL, PASSWORD)).rejects.toEqual(code('auth_failed'))
  })
})

describeOnEveryEngine('deleting an account (turtl §6.7)', (engine) => {
  const makeWorld = (faultOf?: (request: number) => Fault | undefined) => makeLoginWorld(engine, server.request, 'delete', faultOf)

  test('it is gone with its spaces', async () => {
    const world = makeWorld()
    const { session, changes } = await joinTurtl(world, EMAIL, PASSWORD)
    await sendChanges(world, session, changes)
    expect((await fetchWire(session)).spaces).toHaveLength(3)
    expect(await deleteTurtlAccount(session)).toBe('deleted')
    await expect(loginToTurtl(world, EMAIL, PASSWORD)).rejects.toEqual(code('turtl_login_failed'))
    expect((await server.database.query('select id from turtl.spaces')).rows).toEqual([])
  })

  test('an answer lost is unknown when it was done, and unreachable when it was not', async () => {
    await joinTurtl(makeWorld(), EMAIL, PASSWORD)
    const failing = async (fault: Fault) =>
      loginToTurtl(
        makeWorld((request) => (request === 2 ? fault : undefined)),
        EMAIL,
        PASSWORD,
      )
    await expect(deleteTurtlAccount(await failing('drop-request'))).rejects.toEqual(code('turtl_unreachable'))
    expect(await deleteTurtlAccount(await failing('drop-answer'))).toBe('unknown')
  })
})
