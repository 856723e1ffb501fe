import { encodeBase64 } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import type { WireAccount } from '@holdfast/keys'
import { sealEnvelope } from '@holdfast/wire'
import { expect, test } from 'vitest'
import { describeOnEveryEngine } from '../../wire/test/every-engine'
import { type Change, checkWireShape, type ModelKind, openTurtlAccount, sealModel, type TurtlAccount } from '../src/index'
import { applyChanges, makeAccount, makeWorld, masterKeyOf, USER } from './world'

const kindsOf = (changes: readonly Change[]) => changes.map(({ type, action }) => `${type}/${action}`)

describeOnEveryEngine('a Turtl account', (engine) => {
  const emptyWire = (): WireAccount => ({
    user: sealModel(engine, 'user', USER, masterKeyOf(1).expose()),
    keychain: [],
    spaces: [],
    boards: [],
    notes: [],
  })
  const reopen = (wire: WireAccount, world = makeWorld(engine, 'reopened')) => openTurtlAccount(world, masterKeyOf(1), wire)

  async function small() {
    const account = makeAccount(engine, 'small')
    const spaces = await account.saveSpaces([{ data: { title: 'One' } }, { data: { title: 'Two', color: '#408080' } }])
    const [one = '', two = ''] = spaces.objects.map(({ id }) => id)
    const boards = await account.saveBoards([{ space_id: one, data: { title: 'Board' } }])
    const [board = ''] = boards.objects.map(({ id }) => id)
    const notes = await account.saveNotes([
      { space_id: one, board_id: board, data: { type: 'text', title: 'In the board', text: 'text', tags: ['a'] } },
      { space_id: one, data: { type: 'file', title: 'With a file', file: { name: 'a.png', type: 'image/png' } }, file: { size: 33 } },
    ])
    const [inBoard = '', withFile = ''] = notes.objects.map(({ id }) => id)
    const changes = [...spaces.changes, ...boards.changes, ...notes.changes]
    return { account, changes, wire: applyChanges(emptyWire(), changes), one, two, board, inBoard, withFile }
  }

  const expectSame = (a: TurtlAccount, b: TurtlAccount) => {
    const plain = ({ spaces, boards, notes }: TurtlAccount) =>
      [spaces, boards, notes].map((held) => [...held.values()].sort((x, y) => (x.id < y.id ? -1 : 1)))
    expect(plain(a)).toEqual(plain(b))
  }

  test('opens again to what was saved, every object of the exact shape', async () => {
    const { account, changes, wire } = await small()
    for (const { type, data } of changes) checkWireShape(type as ModelKind, data)
    const reopened = reopen(wire)
    expect(reopened.unreadable).toEqual([])
    expectSame(reopened, account)
  })

  test('a keychain entry goes before its space, and is made once', async () => {
    const { account, changes, one, wire } = await small()
    expect(kindsOf(changes).slice(0, 4)).toEqual(['keychain/add', 'keychain/add', 'space/add', 'space/add'])
    for (const held of [account, reopen(wire)])
      expect(kindsOf((await held.saveSpaces([{ id: one, data: { title: 'Renamed' } }])).changes)).toEqual(['space/edit'])
  })

  test('an edit keeps the key, the author and the public fields, and wraps anew', async () => {
    const { account, inBoard, one, board } = await small()
    const before = account.notes.get(inBoard)
    const key = account.keyOf(inBoard)?.expose()
    const { objects, changes } = await account.saveNotes([
      { id: inBoard, space_id: one, board_id: board, data: { type: 'text', title: 'Edited' } },
    ])
    expect(objects).toMatchObject([{ user_id: '7', data: { title: 'Edited' }, mod: 1_700_000_000 }])
    expect(objects[0]?.data.text).toBeUndefined()
    expect(account.keyOf(inBoard)?.expose()).toEqual(key)
    expect(kindsOf(changes)).toEqual(['note/edit'])
    expect(objects[0]?.keys.map((entry) => Object.keys(entry)[0])).toEqual(['s', 'b'])
    expect(objects[0]?.keys).not.toEqual(before?.keys)
  })

  test('an edit that says nothing of the attachment keeps it; only removing it removes it', async () => {
    const { account, withFile, one } = await small()
    const { objects } = await account.saveNotes([{ id: withFile, space_id: one, data: { type: 'file', title: 'Edited' } }])
    expect(objects).toMatchObject([{ file: { size: 33 }, data: { file: { name: 'a.png' } } }])
    expect(kindsOf(await account.removeAttachment(withFile))).toEqual(['file/delete', 'note/edit'])
    expect(account.notes.get(withFile)?.file ?? account.notes.get(withFile)?.data.file).toBeUndefined()
  })

  test('a moved board takes its notes along, each wrapped by the new space', async () => {
    const { account, wire, two, board, inBoard } = await small()
    const changes = await account.moveBoard(board, two)
    expect(kindsOf(changes)).toEqual(['board/move-space', 'note/move-space'])
    const moved = reopen(applyChanges(wire, changes))
    expect(moved.unreadable).toEqual([])
    expect(moved.notes.get(inBoard)).toMatchObject({ space_id: two, board_id: board, keys: [{ s: two }, { b: board }] })
  })

  test('a move that changes more is followed by an edit, for the server keeps only the space of a move', async () => {
    const { account, two, inBoard } = await small()
    const note = account.notes.get(inBoard)
    if (!note) throw new Error('the note is there')
    const { changes, objects } = await account.saveNotes([{ ...note, space_id: two, board_id: null }])
    expect(kindsOf(changes)).toEqual(['note/move-space', 'note/edit'])
    expect(objects).toMatchObject([{ board_id: null, keys: [{ s: two }] }])
  })

  test('removing a board keeps its notes, removing a space takes all', async () => {
    const { account, wire, one, board, inBoard } = await small()
    const board_changes = await account.removeBoard(board)
    expect(kindsOf(board_changes)).toEqual(['note/edit', 'board/delete'])
    expect(account.notes.get(inBoard)?.board_id).toBeNull()
    const space_changes = account.removeSpace(one)
    expect(kindsOf(space_changes)).toEqual(['space/delete', 'keychain/delete'])
    expect(account.notes.size).toBe(0)
    expect(reopen(applyChanges(wire, [...board_changes, ...space_changes])).spaces.size).toBe(1)
  })

  test('nothing is saved without a parent that is open, and nothing changes then', async () => {
    const { account, one } = await small()
    const before = account.notes.size
    const drafts = [
      { space_id: one, data: { type: 'text' } },
      { space_id: 'gone', data: { type: 'text' } },
    ]
    await expect(account.saveNotes(drafts)).rejects.toMatchObject({ code: 'no_parent_key' })
    await expect(account.saveNotes([{ space_id: one, data: { type: '' } }])).rejects.toMatchObject({ code: 'invalid_field' })
    await expect(account.saveSpaces([{ data: { title: '' } }])).rejects.toMatchObject({ code: 'invalid_field' })
    expect(account.notes.size).toBe(before)
    expect(account.spaces.size).toBe(2)
  })

  test('what could not be opened is listed with the reason, stops nothing, and is not overwritten', async () => {
    const { wire, one, inBoard, withFile } = await small()
    const damaged = wire.notes.map((note) => (note.id === inBoard ? { ...note, keys: [] } : note))
    const account = reopen({ ...wire, notes: damaged })
    expect(account.unreadable).toMatchObject([{ id: inBoard, kind: 'note', reason: 'no_wrap' }])
    expect([...account.notes.keys()]).toEqual([withFile])
    await expect(account.saveNotes([{ id: inBoard, space_id: one, data: { type: 'text' } }])).rejects.toMatchObject({
      code: 'unreadable_object',
    })
  })

  test('the reader goes on to the next wrapped key when the first leads to a wrong one (§9)', async () => {
    const { account, wire, one, inBoard } = await small()
    const wrong = { s: one, k: encodeBase64(sealEnvelope(engine, account.keyOf(one)?.expose() ?? new Uint8Array(), new Uint8Array(32))) }
    const notes = wire.notes.map((note) => (note.id === inBoard ? { ...note, keys: [wrong, ...(note.keys as [])] } : note))
    expect(reopen({ ...wire, notes }).notes.get(inBoard)?.data.title).toBe('In the board')
  })

  test('a whole account takes a handful of calls to the engine, whatever its size', async () => {
    const account = makeAccount(engine, 'many')
    const spaces = await account.saveSpaces(Array.from({ length: 4 }, (_, i) => ({ data: { title: `Space ${i}` } })))
    const spaceIds = spaces.objects.map(({ id }) => id)
    const boards = await account.saveBoards(
      Array.from({ length: 12 }, (_, i) => ({ space_id: spaceIds[i % 4] ?? '', data: { title: `Board ${i}` } })),
    )
    const notes = await account.saveNotes(
      Array.from({ length: 600 }, (_, i) => {
        const { space_id = '', id } = boards.objects[i % 12] ?? {}
        return {
          space_id,
          board_id: id ?? null,
          data: { type: 'text', title: `Note ${i}`, ...(i % 10 ? {} : { file: { name: `${i}.txt` } }) },
        }
      }),
    )
    const wire = applyChanges(emptyWire(), [...spaces.changes, ...boards.changes, ...notes.changes])
    const calls: string[] = []
    const envelopes = new Proxy(engine.envelopes, {
      get: (target, name: keyof Engine['envelopes']) => {
        calls.push(name)
        return target[name]
      },
    })
    const counted = { ...engine, envelopes }
    const opened = openTurtlAccount({ ...makeWorld(engine, 'count'), engine: counted }, masterKeyOf(1), wire)
    expect([opened.notes.size, opened.unreadable]).toEqual([600, []])
    // User and keychain; the keys in it; wraps; bodies; files.
    expect(calls).toEqual(['openTexts', 'decodeTexts', 'openTexts', 'openTexts', 'openTexts'])
  })

  test('wiping zeroes the keys', async () => {
    const { account, one } = await small()
    const lent = account.keyOf(one)?.use((bytes) => bytes)
    account.wipe()
    expect(lent).toEqual(new Uint8Array(32))
  })
})
