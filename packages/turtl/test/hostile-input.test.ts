/** Whatever a server, a file or a clipboard holds: a typed error, or a result; never anything else (turtl §9). */
import { HoldfastError } from '@holdfast/base'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeOnEveryEngine } from '../../wire/test/every-engine'
import { decodeModel, decodeSyncRecord, exportAccount, importInto, type ModelKind, openTurtlAccount, sealModel } from '../src/index'
import { anyJson, draws, type Json, NO_PRIMITIVE, replaceEverywhere, replaceSomewhere } from './hostile'
import { applyChanges, makeAccount, makeWorld, masterKeyOf, USER } from './world'

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
  'toString',
  'toJSON',
  'item_id',
]
const object = fc.dictionary(fc.constantFrom(...NAMES), anyJson)

/** A result, or a typed error. */
async function survives(act: () => unknown): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error
  }
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
    const open = (damaged: Json) => survives(() => openTurtlAccount(makeWorld(engine, 'damaged'), masterKeyOf(1), damaged as never))
    await fc.assert(
      fc.asyncProperty(draws, anyJson, (numbers, replacement) => open(replaceSomewhere(wire, numbers, replacement))),
      { numRuns: 500 },
    )
    for (const damaged of replaceEverywhere(wire, NO_PRIMITIVE)) await open(damaged)
  })

  test('an import of anything lists what failed, or is refused with a code', async () => {
    const source = makeAccount(engine, 'export')
    const spaces = await source.saveSpaces([{ data: { title: 'Space' } }])
    await source.saveNotes([{ space_id: spaces.objects[0]?.id ?? '', data: { type: 'text', title: 'Note' } }])
    const exported = JSON.parse(JSON.stringify(exportAccount(source))) as Json
    const bringIn = (damaged: Json) =>
      survives(() => importInto(makeAccount(engine, 'import'), damaged, { engine, mode: 'replace', endpoint: 'https://api.example' }))
    await fc.assert(
      fc.asyncProperty(draws, anyJson, (numbers, replacement) => bringIn(replaceSomewhere(exported, numbers, replacement))),
      { numRuns: 200 },
    )
    for (const damaged of replaceEverywhere(exported, NO_PRIMITIVE)) await bringIn(damaged)
  })
})
