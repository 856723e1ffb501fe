/** The login changes on one device while another is offline with edits of its own (turtl §6.7, §9). */
import { openLoginToken, sealLoginToken } from '@holdfast/keys'
import { seededRandom } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import { describeOnEveryEngine } from '../../wire/test/every-engine'
import {
  changeTurtlLogin,
  createMemoryTurtlStore,
  joinTurtl,
  loginToTurtl,
  makeTurtlAccount,
  openTurtlSync,
  rewrapStored,
  type TurtlAccount,
  type TurtlSession,
  type TurtlStore,
} from '../src/index'
import { clock, makeLoginWorld, useServer } from './login-world'

const EMAIL = 'alice@example.com'

const server = useServer()

describeOnEveryEngine('a change of the login while another device is offline', (engine) => {
  const worlds = new Map<string, ReturnType<typeof makeLoginWorld>>()
  const worldOf = (device: string) => {
    const world = worlds.get(device) ?? makeLoginWorld(engine, server.request, `${engine.backend} ${device}`)
    worlds.set(device, world)
    return world
  }

  async function start(device: string, session: TurtlSession, store: TurtlStore) {
    const { ids } = worldOf(device)
    const account = makeTurtlAccount(worldOf(device), session.masterKey, session.user)
    const sync = await openTurtlSync({ engine, client: session.client, store, account, ids, clock, random: seededRandom(device) })
    return { account, sync }
  }

  const contents = ({ spaces, boards, notes }: TurtlAccount) =>
    [spaces, boards, notes].map((held) => [...held.values()].map(({ id, data }) => ({ id, data })).sort((a, b) => (a.id < b.id ? -1 : 1)))

  test('nothing is lost, and both devices come to the same', async () => {
    const [storeA, storeB] = [createMemoryTurtlStore(), createMemoryTurtlStore()]
    const joined = await joinTurtl(worldOf('A'), EMAIL, 'password 0')
    const a = await start('A', joined.session, storeA)
    await a.sync.edit(async (account) => {
      const { objects, changes } = await account.saveSpaces([{ data: { title: 'Shared by both' } }])
      const notes = await account.saveNotes([{ space_id: objects[0]?.id ?? '', data: { type: 'text', title: 'From A' } }])
      return [...changes, ...notes.changes]
    })
    expect(await a.sync.sync()).toEqual({ kind: 'synced', waiting: 0 })

    const sessionB = await loginToTurtl(worldOf('B'), EMAIL, 'password 0')
    const b = await start('B', sessionB, storeB)
    expect(await b.sync.sync()).toEqual({ kind: 'synced', waiting: 0 })
    const kept = sealLoginToken(engine, sessionB)
    const [spaceId = ''] = b.account.spaces.keys()
    await b.sync.edit((account) => account.saveNotes([{ space_id: spaceId, data: { type: 'text', title: 'Offline, in the old space' } }]))
    await b.sync.edit((account) => account.saveSpaces([{ data: { title: 'Offline, a new space' } }]))

    const changed = await changeTurtlLogin(worldOf('A'), joined.session, storeA, {
      current: { username: EMAIL, password: 'password 0' },
      username: 'alice@new.example',
      password: 'password 1',
    })
    const a2 = await start('A', changed, storeA)
    expect(await a2.sync.sync()).toEqual({ kind: 'synced', waiting: 0 })

    expect(await b.sync.sync()).toMatchObject({ kind: 'stopped' })
    const after = await loginToTurtl(worldOf('B'), 'alice@new.example', 'password 1')
    await storeB.transact((tx) => rewrapStored(engine, tx, { before: openLoginToken(engine, kept), after }))
    const b2 = await start('B', after, storeB)
    expect(await b2.sync.sync()).toEqual({ kind: 'synced', waiting: 0 })
    expect(await a2.sync.sync()).toEqual({ kind: 'synced', waiting: 0 })

    expect(contents(b2.account)).toEqual(contents(a2.account))
    expect([...a2.account.spaces.values()].map(({ data }) => data.title).sort()).toEqual(['Offline, a new space', 'Shared by both'])
    expect([...a2.account.notes.values()].map(({ data }) => data.title).sort()).toEqual(['From A', 'Offline, in the old space'])
    expect([await a2.sync.conflicts(), await b2.sync.conflicts(), a2.account.unreadable, b2.account.unreadable]).toEqual([[], [], [], []])
  })
})
