/** Profiles from before 0.7 (turtl appendix A), written with node:crypto and read with the platform's. */
import { encodeBase64, encodeUtf8 } from '@holdfast/base'
import { deriveLegacyLoginV0, deriveLegacyLoginV1, type LegacyMasterKey } from '@holdfast/keys/turtl-legacy'
import { expect, test } from 'vitest'
import { describeOnEveryEngine } from '../../wire/test/every-engine'
import { pad, writeVersion0, writeVersion5, writeWithMac } from '../../wire/test/turtl/legacy-writer'
import {
  type Change,
  checkWireShape,
  createdAt,
  findOldKey,
  type ModelKind,
  migrateOldProfile,
  type OldProfile,
  openAttachment,
  openOldProfile,
} from '../src/index'
import { type Json, NO_PRIMITIVE, replaceEverywhere } from './hostile'
import { makeAccount } from './world'

const { subtle } = crypto
const [USERNAME, PASSWORD] = ['Alice@Example.com', 'correct horse battery staple']
const iv = encodeUtf8('sixteen bytes iv')

type Version = 0 | 4 | 5

/** Ciphertext of an old version: text for bodies, a blob for files. */
function seal(version: Version, key: Uint8Array, plaintext: Uint8Array): Buffer {
  const marked = Buffer.concat([Buffer.from([0x2a]), plaintext])
  if (version === 0) return writeVersion0({ key, iv }, pad(plaintext, 'ansi-x923'))
  if (version === 5) return writeVersion5({ key, iv, plaintext: marked })
  return writeWithMac(4, { key, iv }, [0, 0, 0, 0], pad(marked, 'ansi-x923'))
}

function sealText(version: Version, key: Uint8Array, plaintext: Uint8Array | object): string {
  const bytes = plaintext instanceof Uint8Array ? plaintext : encodeUtf8(JSON.stringify(plaintext))
  const sealed = seal(version, key, bytes)
  return version === 0 ? sealed.toString() : sealed.toString('base64')
}

const keyOf = (id: string) => new Uint8Array(32).map((_, i) => (id.charCodeAt(i % id.length) * 7 + i) & 255)
/** 24 digits that begin with seconds. */
const oldId = (name: string) => `55555555${Buffer.from(name).toString('hex')}`.padEnd(24, '0')

const BOARD = oldId('board')
const CHILD = oldId('child')
const NOTE = oldId('note')
const FILE_NOTE = oldId('file')
const BOTH_BOARDS = [CHILD, BOARD]

/** A profile in which every object is of another version. */
function makeProfile(masterKey: LegacyMasterKey, over: Partial<OldProfile> = {}): OldProfile {
  const entry = (item_id: string) => ({
    id: oldId(`k${item_id}`),
    item_id,
    body: masterKey.use((key) => sealText(5, key, { k: encodeBase64(keyOf(item_id)) })),
  })
  const fields = { type: 'text', title: 'An old note ☠', text: 'text', tags: ['a', 'b'], url: null, color: null }
  return {
    userId: '7',
    keychain: [BOARD, CHILD, NOTE, FILE_NOTE].map(entry),
    boards: [
      { id: CHILD, user_id: 7, parent_id: BOARD, body: sealText(4, keyOf(CHILD), { title: 'Child' }) },
      { id: BOARD, user_id: 7, body: sealText(0, keyOf(BOARD), { title: 'Parent' }) },
    ],
    notes: [
      { id: NOTE, user_id: '7', boards: BOTH_BOARDS, mod: 1_400_000_000, body: sealText(0, keyOf(NOTE), fields) },
      {
        id: FILE_NOTE,
        user_id: 7,
        boards: [],
        body: sealText(5, keyOf(FILE_NOTE), { type: 'file', title: 'With a file' }),
        file: { id: FILE_NOTE, size: 99, body: sealText(4, keyOf(FILE_NOTE), { name: 'a.txt', type: 'text/plain' }) },
      },
    ],
    ...over,
  }
}

const loadFile = async (id: string) => (id === FILE_NOTE ? new Uint8Array(seal(5, keyOf(FILE_NOTE), encodeUtf8('the file'))) : undefined)
const v1 = await deriveLegacyLoginV1(subtle, USERNAME, PASSWORD)
const open = (profile: OldProfile) => openOldProfile(subtle, v1.key, profile)

test('the old login is the one that opens the keychain: version 1, version 0, or with the lowercased name', async () => {
  const v0 = await deriveLegacyLoginV0(subtle, USERNAME.toLowerCase(), PASSWORD)
  for (const { key } of [v1, v0]) expect((await findOldKey(subtle, USERNAME, PASSWORD, makeProfile(key)))?.expose()).toEqual(key.expose())
  expect(await findOldKey(subtle, USERNAME, 'another', makeProfile(v1.key))).toBeUndefined()
})

describeOnEveryEngine('the migration of an old profile (turtl appendix A)', (engine) => {
  const options = { engine, endpoint: 'https://turtl.test', loadFile }
  const kindsOf = (changes: readonly Change[]) => changes.map(({ type, action }) => `${type}/${action}`)

  test('puts everything into a new space, a child board as parent/child, a note into its first board', async () => {
    const account = makeAccount(engine, 'migrate')
    const { changes, failures, ids } = await migrateOldProfile(account, await open(makeProfile(v1.key)), options)
    expect(failures).toEqual([])
    expect([...account.spaces.values()].map(({ data }) => data.title)).toEqual(['Imported'])
    expect([...account.boards.values()].map(({ data }) => data.title)).toEqual(['Parent/Child', 'Parent'])
    const note = account.notes.get(ids.get(NOTE) ?? '')
    expect(note).toMatchObject({
      board_id: ids.get(CHILD),
      mod: 1_400_000_000,
      data: { title: 'An old note ☠', text: 'text', tags: ['a', 'b'] },
    })
    expect(kindsOf(changes)).toEqual(['keychain/add', 'space/add', 'board/add', 'board/add', 'note/add', 'note/add', 'file/add'])
    for (const { type, data } of changes) if (type !== 'file') checkWireShape(type as ModelKind, data)
  })

  test('keeps the time in the new ids, and gives everything new keys', async () => {
    const account = makeAccount(engine, 'times')
    const { ids } = await migrateOldProfile(account, await open(makeProfile(v1.key)), options)
    for (const [old, id] of ids) {
      expect(createdAt(id)).toBe(0x55555555 * 1000)
      expect(account.keyOf(id)?.expose()).not.toEqual(keyOf(old))
    }
  })

  test('seals a file anew, under the key of the new note', async () => {
    const account = makeAccount(engine, 'file')
    const { attachments, ids } = await migrateOldProfile(account, await open(makeProfile(v1.key)), options)
    const id = ids.get(FILE_NOTE) ?? ''
    expect(attachments.map(({ noteId }) => noteId)).toEqual([id])
    expect(account.notes.get(id)).toMatchObject({ file: { id }, data: { file: { name: 'a.txt', type: 'text/plain' } } })
    const [{ sealed = new Uint8Array() } = {}] = attachments
    expect(account.keyOf(id)?.use((key) => openAttachment(engine, key, sealed))).toEqual(encodeUtf8('the file'))
  })

  test('of anything lists what failed', async () => {
    const { keychain, boards, notes } = makeProfile(v1.key)
    const profile = JSON.parse(JSON.stringify({ keychain, boards, notes })) as Record<string, Json>
    for (const [list, objects] of Object.entries(profile))
      for (const [i, object] of (objects as Json[]).entries())
        for (const [name, member] of Object.entries(object as object))
          for (const changed of replaceEverywhere(member, NO_PRIMITIVE)) {
            const damaged = { ...(object as object), [name]: changed }
            const opened = await open({ ...makeProfile(v1.key), [list]: (objects as Json[]).with(i, damaged as Json) })
            const { failures } = await migrateOldProfile(makeAccount(engine, 'damaged'), opened, options)
            expect(opened.notes.length + opened.boards.length + opened.failures.length).toBeGreaterThanOrEqual(3)
            for (const { code } of failures) expect(code).toEqual(expect.any(String))
          }
  })

  test('a second time changes nothing', async () => {
    const account = makeAccount(engine, 'again')
    const first = await migrateOldProfile(account, await open(makeProfile(v1.key)), options)
    const second = await migrateOldProfile(account, await open(makeProfile(v1.key)), options)
    expect([second.changes, second.attachments, second.failures]).toEqual([[], [], []])
    expect(second.ids).toEqual(first.ids)
  })

  test('what other people made stays behind', async () => {
    const { boards, notes } = makeProfile(v1.key)
    const others = makeProfile(v1.key, { boards: boards.map((board) => ({ ...board, user_id: 8 })), notes: notes.slice(0, 1) })
    const account = makeAccount(engine, 'others')
    const { ids } = await migrateOldProfile(account, await open(others), options)
    expect([...ids.keys()]).toEqual([NOTE])
    expect([...account.notes.values()][0]?.board_id).toBeNull()
  })

  test('an object that is not in the keychain is opened by its board’s key', async () => {
    const { keychain, notes } = makeProfile(v1.key)
    const wrapped = {
      ...notes[0],
      keys: [
        { p: 'x', k: 'not ours' },
        { b: BOARD, k: sealText(4, keyOf(BOARD), keyOf(NOTE)) },
      ],
    }
    const profile = makeProfile(v1.key, { keychain: keychain.filter(({ item_id }) => item_id !== NOTE), notes: [wrapped] })
    expect((await open(profile)).notes.map(({ fields }) => fields.title)).toEqual(['An old note ☠'])
  })

  test('what does not open is listed with the reason, and stops nothing', async () => {
    const { keychain, notes } = makeProfile(v1.key)
    const profile = makeProfile(v1.key, {
      keychain: keychain.filter(({ item_id }) => item_id !== BOARD),
      notes: [...notes, { id: oldId('bad'), boards: [BOARD], body: 'nothing' }],
    })
    const account = makeAccount(engine, 'bad')
    const { failures, ids } = await migrateOldProfile(account, await open(profile), { ...options, loadFile: async () => undefined })
    expect(failures).toEqual([
      { id: BOARD, kind: 'board', code: 'no_key' },
      { id: oldId('bad'), kind: 'note', code: 'no_key' },
      { id: FILE_NOTE, kind: 'file', code: 'no_file' },
    ])
    expect([...ids.keys()]).toEqual([CHILD, NOTE, FILE_NOTE])
    expect(account.boards.get(ids.get(CHILD) ?? '')?.data.title).toBe('Child')
  })

  test('boards that are each other’s parents are named and end', async () => {
    const title = (id: string, title: string, parent_id: string) => ({ id, parent_id, body: sealText(5, keyOf(id), { title }) })
    const account = makeAccount(engine, 'circle')
    await migrateOldProfile(
      account,
      await open(makeProfile(v1.key, { boards: [title(BOARD, 'A', CHILD), title(CHILD, 'B', BOARD)], notes: [] })),
      options,
    )
    expect([...account.boards.values()].map(({ data }) => data.title)).toEqual(['B/A', 'A/B'])
  })

  test('an empty profile makes no space', async () => {
    const account = makeAccount(engine, 'empty')
    expect((await migrateOldProfile(account, await open({ userId: '7', keychain: [], boards: [], notes: [] }), options)).changes).toEqual(
      [],
    )
  })
})
