import { encodeUtf8 } from '@holdfast/base'
import { seededRandom } from '@holdfast/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeOnEveryEngine } from '../../wire/test/every-engine'
import { exportAccount, type ImportMode, importInto, openAttachment, type TurtlAccount } from '../src/index'
import { makeAccount } from './world'

const ENDPOINT = 'https://api.example.com'

/** What an account says, whatever its ids: titles below titles. */
function contents({ spaces, boards, notes }: TurtlAccount) {
  const place = (spaceId: string, boardId: string | null) =>
    `${spaces.get(spaceId)?.data.title}/${boards.get(boardId ?? '')?.data.title ?? ''}`
  return {
    spaces: [...spaces.values()].map(({ data }) => data).sort(byTitle),
    boards: [...boards.values()].map(({ data, space_id }) => ({ ...data, title: place(space_id, null) + data.title })).sort(byTitle),
    notes: [...notes.values()]
      .map(({ data, space_id, board_id, mod }) => ({ ...data, title: place(space_id, board_id) + data.title, mod }))
      .sort(byTitle),
  }
}
const byTitle = (a: { title?: string }, b: { title?: string }) => ((a.title ?? '') < (b.title ?? '') ? -1 : 1)

describeOnEveryEngine('export and import (turtl §4.11)', (engine) => {
  async function sample(seed: string, sizes = [2, 3, 6]) {
    const account = makeAccount(engine, seed)
    const pick = (list: readonly string[], i: number) => list[(seededRandom(`${seed}/${i}`)(1)[0] ?? 0) % list.length] ?? ''
    const spaces = await account.saveSpaces(
      Array.from({ length: sizes[0] ?? 1 }, (_, i) => ({ data: { title: `S${i}`, color: '#800000' } })),
    )
    const spaceIds = spaces.objects.map(({ id }) => id)
    const boards = await account.saveBoards(
      Array.from({ length: sizes[1] ?? 0 }, (_, i) => ({ space_id: pick(spaceIds, i), data: { title: `B${i}` } })),
    )
    const drafts = Array.from({ length: sizes[2] ?? 0 }, (_, i) => {
      const board = boards.objects[i % 4]
      return {
        space_id: board?.space_id ?? pick(spaceIds, i),
        board_id: board?.id ?? null,
        data: { type: 'text', title: `N${i}`, tags: [`t${i}`], text: '☠' },
        mod: 1000 + i,
      }
    })
    const notes = await account.saveNotes(drafts)
    const [first] = notes.objects
    if (first)
      await account.saveNotes([
        { ...first, data: { ...first.data, file: { name: 'a.txt', type: 'text/plain' } }, file: { id: first.id, size: 38 } },
      ])
    return { account, files: new Map(first ? [[first.id, encodeUtf8('hello')]] : []), first: first?.id ?? '' }
  }
  const options = (mode: ImportMode) => ({ engine, mode, endpoint: ENDPOINT })
  const exported = async (seed: string, sizes?: number[]) => {
    const { account, files, first } = await sample(seed, sizes)
    return { account, first, json: JSON.parse(JSON.stringify(exportAccount(account, files))) }
  }

  test('an export has everything in the clear, and no key', async () => {
    const { json, account } = await exported('shape')
    expect(json).toMatchObject({ schema_version: 2, files: [{ body: null, data: 'aGVsbG8=' }] })
    expect(json.spaces[0]).toMatchObject({ title: 'S0', body: null, keys: [], members: [], invites: [] })
    expect(json.notes[0]).toMatchObject({ type: 'text', title: 'N0', file: { name: 'a.txt', size: 38 } })
    for (const [id] of account.spaces)
      expect(JSON.stringify(json)).not.toContain(account.keyOf(id)?.use((bytes) => Buffer.from(bytes).toString('base64')))
  })

  test('an empty account takes the whole of it; attachments are sealed to their notes', async () => {
    const { json, account, first } = await exported('whole')
    const other = makeAccount(engine, 'other')
    const { failures, attachments, ids, changes } = await importInto(other, json, options('restore'))
    expect(failures).toEqual([])
    expect(contents(other)).toEqual(contents(account))
    expect(attachments.map(({ noteId }) => noteId)).toEqual([ids.get(first)])
    const key = other.keyOf(ids.get(first) ?? '')?.expose() ?? new Uint8Array()
    expect(openAttachment(engine, key, attachments[0]?.sealed ?? new Uint8Array())).toEqual(encodeUtf8('hello'))
    expect(changes.at(-1)).toMatchObject({ type: 'file', action: 'add', item_id: ids.get(first) })
  })

  test('restore leaves what is there, replace overwrites it under its own key, full starts anew', async () => {
    const { json, account, first } = await exported('modes')
    const key = account.keyOf(first)?.expose()
    const note = account.notes.get(first)
    if (!note) throw new Error('the note is there')
    await account.saveNotes([{ ...note, data: { ...note.data, title: 'Changed' } }])
    expect((await importInto(account, json, options('restore'))).changes).toEqual([])
    expect(account.notes.get(first)?.data.title).toBe('Changed')
    await importInto(account, json, options('replace'))
    expect(account.notes.get(first)?.data.title).toBe('N0')
    expect(account.keyOf(first)?.expose()).toEqual(key)
    await account.saveSpaces([{ data: { title: 'Extra' } }])
    const { ids } = await importInto(account, json, options('full'))
    expect([...account.spaces.values()].map(({ data }) => data.title).sort()).toEqual(['S0', 'S1'])
    expect(account.keyOf(ids.get(first) ?? '')?.expose()).not.toEqual(key)
  })

  test('a second import changes no content and no id, in any mode, for any account', async () => {
    const seeds = fc.tuple(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 3 }), fc.nat({ max: 4 }), fc.nat({ max: 6 }))
    await fc.assert(
      fc.asyncProperty(seeds, fc.constantFrom<ImportMode>('restore', 'replace', 'full'), async ([seed, ...sizes], mode) => {
        const { json, account } = await exported(seed, sizes)
        const target = makeAccount(engine, `${seed}/target`)
        const first = await importInto(target, json, options(mode))
        const [before, keys] = [contents(target), [...target.notes.keys()].sort()]
        expect(before).toEqual(contents(account))
        const second = await importInto(target, json, options(mode))
        expect(contents(target)).toEqual(before)
        expect([...target.notes.keys()].sort()).toEqual(keys)
        expect([...second.ids]).toEqual([...first.ids])
        if (mode === 'restore') expect([second.changes, second.attachments]).toEqual([[], []])
      }),
      { numRuns: 12 },
    )
  })

  test('what cannot be imported is listed and stops nothing else', async () => {
    const { json } = await exported('damaged')
    json.notes[1] = { ...json.notes[1], id: 'short' }
    json.notes[2] = { ...json.notes[2], type: undefined }
    json.files.push({ id: 'nobody', data: 'aGVsbG8=' })
    const { failures } = await importInto(makeAccount(engine, 'lenient'), json, options('restore'))
    expect(failures.map(({ kind, code }) => [kind, code])).toEqual([
      ['note', 'invalid_id'],
      ['note', 'invalid_field'],
      ['file', 'no_note'],
    ])
  })

  test('another schema, or no export at all, is refused', async () => {
    for (const source of [null, [], { schema_version: 1 }, { schema_version: 2, notes: {} }, { schema_version: 2, notes: [1] }])
      await expect(importInto(makeAccount(engine, 'x'), source, options('full'))).rejects.toMatchObject({ code: 'invalid_export' })
  })
})
