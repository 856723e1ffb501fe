import { encodeUtf8 } from '@holdfast/base'
import { init } from '@holdfast/crypto'
import { createFaultyFetch } from '@holdfast/testkit'
import { expect, test } from 'vitest'
import { moveToSpace, openAttachment, sealAttachment } from '../../src/index'
import { enrol, type Person, useTown } from './people'
import { Attacker, storedIn, tap } from './rotation-scene'

const code = (expected: string) => expect.objectContaining({ code: expected })
const town = useTown()
const engine = await init({ backend: 'wasm' })
const FILE = encodeUtf8('a photo')

/** Alice's private space and one she shares with Mallory; the board and the note beside it are in the shared one. */
async function makeScene() {
  const wire = tap()
  const alice = await town.join(engine, 'alice', wire.network)
  const mallory = await town.join(engine, 'mallory')
  const spaces = await alice.account.saveSpaces([{ data: { title: 'Shared' } }, { data: { title: 'Private' } }])
  const [shared = '', secret = ''] = spaces.objects.map(({ id }) => id)
  const boards = await alice.account.saveBoards([{ space_id: shared, data: { title: 'Board' } }])
  const [board = ''] = boards.objects.map(({ id }) => id)
  const notes = await alice.account.saveNotes([
    { space_id: shared, board_id: board, data: { type: 'image', text: 'one', file: { name: 'a.png' } } },
    { space_id: shared, board_id: board, data: { type: 'text', text: 'two' } },
    { space_id: shared, data: { type: 'text', text: 'three' } },
  ])
  await alice.send([...spaces.changes, ...boards.changes, ...notes.changes])
  const [one = '', two = '', three = ''] = notes.objects.map(({ id }) => id)
  const sealed = alice.account.keyOf(one)?.use((key) => sealAttachment(engine, key, FILE)) ?? FILE
  await alice.client.uploadAttachment(one, sealed)
  const member = await enrol(await alice.synced(), shared, mallory, 'member')
  const attacker = new Attacker(engine).learn(member.account, 2)
  return { alice: await alice.synced(), member, attacker, wire, shared, secret, board, one, two, three, before: new Set(wire.heard) }
}

const textsIn = async (person: Person, spaceId: string) => {
  const { account } = await person.synced()
  expect(account.unreadable).toEqual([])
  return [...account.notes.values()]
    .filter(({ space_id }) => space_id === spaceId)
    .map(({ data }) => data.text)
    .sort()
}

test('a board moves with its notes and their attachments, and members of the old space can read nothing that is there', async () => {
  const { alice, attacker, wire, before, shared, secret, board, one } = await makeScene()
  expect(await moveToSpace(alice, { boardIds: [board], to: secret, keys: 'new' })).toMatchObject({ left: [], isComplete: true })
  expect(await textsIn(alice, secret)).toEqual(['one', 'two'])
  expect(await textsIn(alice, shared)).toEqual(['three'])
  const { account, client } = await alice.synced()
  expect(account.boards.get(board)?.space_id).toBe(secret)
  expect(account.notes.get(one)?.board_id).toBe(board)
  const blob = await client.fetchAttachment(one)
  expect(account.keyOf(one)?.use((key) => openAttachment(engine, key, blob))).toEqual(FILE)
  expect(attacker.opens(await storedIn(alice, secret))).toBe(0)
  expect(attacker.opens([...wire.heard].filter((hex) => !before.has(hex)))).toBe(0)
})

test('with its keys kept, as the original moves, they can (§5.6)', async () => {
  const { alice, attacker, secret, board } = await makeScene()
  expect(await moveToSpace(alice, { boardIds: [board], to: secret, keys: 'kept' })).toMatchObject({ rekeyed: [], isComplete: true })
  expect(await textsIn(alice, secret)).toEqual(['one', 'two'])
  expect(attacker.opens(await storedIn(alice, secret))).toBeGreaterThan(0)
})

test('a note by itself is taken out of its board', async () => {
  const { alice, attacker, shared, secret, two, three } = await makeScene()
  await moveToSpace(alice, { noteIds: [two, three], to: secret, keys: 'new' })
  expect(await textsIn(alice, secret)).toEqual(['three', 'two'])
  expect(await textsIn(alice, shared)).toEqual(['one'])
  const { account } = await alice.synced()
  expect([account.notes.get(two)?.board_id, account.notes.get(three)?.board_id]).toEqual([null, null])
  expect(attacker.opens(await storedIn(alice, secret))).toBe(0)
})

test('broken off at any request, the same call again finishes it', async () => {
  for (let number = 1; ; number += 3) {
    await town.reset()
    const { alice, attacker, secret, board } = await makeScene()
    let requests = 0
    const faulty = await alice.onAnotherDevice((fetch) => {
      const broken = createFaultyFetch(fetch, () => 'drop-answer')
      return (url, init) => (requests++ === number ? broken : fetch)(url, init)
    })
    requests = 0
    const order = { boardIds: [board], to: secret, keys: 'new' } as const
    const first = await moveToSpace(faulty, order).catch((error) => error)
    if (requests <= number) break
    expect(first).toMatchObject({ retry: { safe: true } })
    expect(await moveToSpace(alice, order)).toMatchObject({ isComplete: true })
    expect(await textsIn(alice, secret)).toEqual(['one', 'two'])
    expect(attacker.opens(await storedIn(alice, secret))).toBe(0)
  }
}, 60_000)

test('is refused where the role does not allow it, before anything is sent', async () => {
  const { member, shared, secret, board, three } = await makeScene()
  const own = await member.account.saveSpaces([{ data: { title: 'Own' } }])
  await member.send(own.changes)
  const to = own.objects[0]?.id ?? ''
  await expect(moveToSpace(member, { boardIds: [board], to, keys: 'new' })).rejects.toEqual(code('permission_denied'))
  await expect(moveToSpace(member, { noteIds: [three], to: secret, keys: 'new' })).rejects.toEqual(code('not_found'))
  await expect(moveToSpace(member, { noteIds: ['ff'], to, keys: 'new' })).rejects.toEqual(code('not_found'))
  expect(await textsIn(member, shared)).toEqual(['one', 'three', 'two'])
})
