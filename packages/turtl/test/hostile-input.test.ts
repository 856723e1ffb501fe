/** Whatever a server, a file or a clipboard holds: a typed error, or a result; never anything else (turtl §9). */
import { HoldfastError } from '@holdfast/base'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeOnEveryEngine } from '../../wire/test/every-engine'
import { decodeModel, decodeSyncRecord, exportAccount, importInto, type ModelKind, openTurtlAccount, sealModel } from '../src/index'
import { applyChanges, makeAccount, makeWorld, masterKeyOf, USER } from './world'

type Json = fc.JsonValue
const KINDS: readonly ModelKind[] = ['user', 'keychain', 'space', 'board', 'note', 'invite']
/** Names that decoders look for, so that arbitrary values land where they matter. */
const NAMES = [
  'id',
  'keys',
  'body',
  'k',
  's',
  'b',
  'u',
  'file',
  'mod',
  'data',
  'user_id',
  'space_id',
  'members',
  'tags',
  '__proto__',
  'constructor',
]
const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom<Json>('', 'AAYBAAw=', -1, 1e300, '\ud800', [], {}, null))
const object = fc.dictionary(fc.constantFrom(...NAMES), value)

/** A result, or a typed error. */
async function survives(act: () => unknown): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error
  }
}

/** `root` with the value at one place replaced. */
function replaceSomewhere(root: Json, choose: (count: number) => number, replacement: Json): Json {
  if (typeof root !== 'object' || root === null) return replacement
  const names = Object.keys(root)
  const chosen = names[choose(names.length + 1)]
  if (chosen === undefined) return replacement
  const changed = replaceSomewhere((root as Record<string, Json>)[chosen] as Json, choose, replacement)
  if (Array.isArray(root)) return root.with(Number(chosen), changed)
  return { ...root, [chosen]: changed }
}

test('models and sync records are read from anything', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...KINDS), object, object, async (kind, wire, fields) => {
      await survives(() => decodeModel(kind, wire, fields))
      await survives(() => decodeSyncRecord(wire))
    }),
    { numRuns: 2000 },
  )
})

describeOnEveryEngine('hostile input', (engine) => {
  const draws = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }))

  test('an account with anything anywhere opens, or is refused with a code', async () => {
    const account = makeAccount(engine, 'hostile')
    const spaces = await account.saveSpaces([{ data: { title: 'Space' } }])
    const space_id = spaces.objects[0]?.id ?? ''
    const boards = await account.saveBoards([{ space_id, data: { title: 'Board' } }])
    const board_id = boards.objects[0]?.id ?? ''
    const notes = await account.saveNotes([{ space_id, board_id, data: { type: 'file', title: 'Note', file: { name: 'a.txt' } } }])
    const user = { ...sealModel(engine, 'user', USER, new Uint8Array(32).fill(1)) } as never
    const empty = { user, keychain: [], spaces: [], boards: [], notes: [] }
    const wire = JSON.parse(JSON.stringify(applyChanges(empty, [...spaces.changes, ...boards.changes, ...notes.changes]))) as Json
    expect(openTurtlAccount(makeWorld(engine, 'whole'), masterKeyOf(1), wire as never).unreadable).toEqual([])
    await fc.assert(
      fc.asyncProperty(draws, value, async (numbers, replacement) => {
        const choose = (count: number) => Math.floor((numbers.next().value as number) * count)
        const damaged = replaceSomewhere(wire, choose, replacement)
        await survives(() => openTurtlAccount(makeWorld(engine, 'damaged'), masterKeyOf(1), damaged as never))
      }),
      { numRuns: 500 },
    )
  })

  test('an import of anything lists what failed, or is refused with a code', async () => {
    const source = makeAccount(engine, 'export')
    const spaces = await source.saveSpaces([{ data: { title: 'Space' } }])
    await source.saveNotes([{ space_id: spaces.objects[0]?.id ?? '', data: { type: 'text', title: 'Note' } }])
    const exported = JSON.parse(JSON.stringify(exportAccount(source))) as Json
    await fc.assert(
      fc.asyncProperty(draws, value, async (numbers, replacement) => {
        const choose = (count: number) => Math.floor((numbers.next().value as number) * count)
        const damaged = replaceSomewhere(exported, choose, replacement)
        await survives(() =>
          importInto(makeAccount(engine, 'import'), damaged, { engine, mode: 'replace', endpoint: 'https://api.example' }),
        )
      }),
      { numRuns: 200 },
    )
  })
})
