/** Base, local and remote: what a merge does in each case, and that doing it again changes nothing. */
import { decodeUtf8, encodeUtf8 } from '@holdfast/base'
import { type Engine, init } from '@holdfast/crypto'
import type { Manifest } from '@holdfast/wire'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkFreePath, checksumOf, createMemoryStore, Ledger, mergeRemote, scanFiles } from '../src/index'

let engine: Engine
beforeAll(async () => {
  engine = await init()
})

type Folder = Readonly<Record<string, string>>
const TODAY = '2026-11-24'

const manifestOf = (folder: Folder): Manifest => ({
  files: Object.entries(folder).map(([path, text]) => ({
    designator: 'document_pkg',
    path,
    checksum: checksumOf(engine, encodeUtf8(text)),
  })),
})

async function merge(base: Folder, local: Folder, remote: Folder) {
  const store = createMemoryStore(Object.fromEntries(Object.entries(local).map(([path, text]) => [path, encodeUtf8(text)])))
  const ledger = new Ledger(store.state)
  const state = {
    head: 'h',
    manifest: manifestOf(remote),
    files: Object.entries(remote).map(([path, text]) => ({ path, content: encodeUtf8(text) })),
  }
  const read = async () =>
    Object.fromEntries(
      await Promise.all(
        (await store.files.list()).map(async (path) => [path, decodeUtf8((await store.files.read(path)) ?? new Uint8Array())]),
      ),
    )
  const merged = await mergeRemote(engine, store.files, ledger, manifestOf(base), state, TODAY)
  const folder = await read()
  const after = await ledger.loadBase()
  await mergeRemote(engine, store.files, ledger, after?.manifest ?? { files: [] }, state, TODAY)
  expect(await read(), 'a second merge of the same state changes nothing').toEqual(folder)
  return { folder, ...merged }
}

describe('a merge', () => {
  test.each<[string, Folder, Folder, Folder, Folder]>([
    ['nothing changed', { a: '1' }, { a: '1' }, { a: '1' }, { a: '1' }],
    ['changed there', { a: '1' }, { a: '1' }, { a: '2' }, { a: '2' }],
    ['changed here', { a: '1' }, { a: '2' }, { a: '1' }, { a: '2' }],
    ['changed alike on both sides', { a: '1' }, { a: '2' }, { a: '2' }, { a: '2' }],
    [
      'changed on both sides',
      { 'a.txt': '1' },
      { 'a.txt': 'here' },
      { 'a.txt': 'there' },
      { 'a.txt': 'there', 'a (conflict 2026-11-24).txt': 'here' },
    ],
    ['added there', {}, {}, { a: '1' }, { a: '1' }],
    ['added here', {}, { a: '1' }, {}, { a: '1' }],
    ['added on both sides', {}, { a: 'here' }, { a: 'there' }, { a: 'there', 'a (conflict 2026-11-24)': 'here' }],
    ['removed there', { a: '1' }, { a: '1' }, {}, {}],
    ['removed here', { a: '1' }, {}, { a: '1' }, {}],
    ['removed on both sides', { a: '1' }, {}, {}, {}],
    ['removed here, edited there', { a: '1' }, {}, { a: '2' }, { a: '2' }],
    ['edited here, removed there', { a: '1' }, { a: '2' }, {}, { a: '2' }],
    ['renamed there', { a: '1' }, { a: '1' }, { b: '1' }, { b: '1' }],
    ['renamed here', { a: '1' }, { b: '1' }, { a: '1' }, { b: '1' }],
    ['renamed differently', { a: '1' }, { b: '1' }, { c: '1' }, { b: '1', c: '1' }],
    ['renamed there, edited here', { a: '1' }, { a: '2' }, { b: '1' }, { a: '2', b: '1' }],
    ['renamed in case there', { a: '1' }, { a: '1' }, { A: '1' }, { A: '1' }],
    ['renamed in case there, edited here', { a: '1' }, { a: '2' }, { A: '1' }, { A: '1', 'a (conflict 2026-11-24)': '2' }],
    [
      'added under names that differ in case',
      {},
      { 'Foo.txt': 'here' },
      { 'foo.txt': 'there' },
      { 'foo.txt': 'there', 'Foo (conflict 2026-11-24).txt': 'here' },
    ],
    ['a file here, a folder there', {}, { a: 'here' }, { 'a/b': 'there' }, { 'a/b': 'there', 'a (conflict 2026-11-24)': 'here' }],
    ['a folder here, a file there', {}, { 'a/b': 'here' }, { a: 'there' }, { a: 'there', 'a (conflict 2026-11-24)/b': 'here' }],
    ['a file that became a folder there', { a: '1' }, { a: '1' }, { 'a/b': '2' }, { 'a/b': '2' }],
    ['a folder that became a file there', { 'a/b': '1' }, { 'a/b': '1' }, { a: '2' }, { a: '2' }],
    [
      'a folder that became a file there, edited here',
      { 'a/b': '1' },
      { 'a/b': '2' },
      { a: '3' },
      { a: '3', 'a (conflict 2026-11-24)/b': '2' },
    ],
  ])('%s', async (_, base, local, remote, expected) => {
    expect((await merge(base, local, remote)).folder).toEqual(expected)
  })

  test('says what it did', async () => {
    const { written, removed, conflicts } = await merge({ a: '1', b: '1' }, { a: '2', b: '1' }, { a: '3' })
    expect({ written, removed, conflicts }).toEqual({
      written: ['a'],
      removed: ['b'],
      conflicts: [{ path: 'a', keptAs: 'a (conflict 2026-11-24)' }],
    })
  })

  test('finds a free name for a copy, and uses one that holds the same bytes again', async () => {
    const taken = 'a (conflict 2026-11-24)'
    expect((await merge({ a: '1' }, { a: '2', [taken]: 'other' }, { a: '3' })).folder).toEqual({
      a: '3',
      [taken]: 'other',
      'a (conflict 2026-11-24 2)': '2',
    })
    expect((await merge({ a: '1' }, { a: '2', [taken]: '2' }, { a: '3' })).folder).toEqual({ a: '3', [taken]: '2' })
    expect((await merge({ a: '1' }, { a: '2' }, { a: '3', [taken]: 'theirs' })).folder).toEqual({
      a: '3',
      [taken]: 'theirs',
      'a (conflict 2026-11-24 2)': '2',
    })
  })
})

describe('paths (§4.3, §6, §17)', () => {
  const scan = (...paths: string[]) => {
    const store = createMemoryStore(Object.fromEntries(paths.map((path) => [path, new Uint8Array()])))
    return scanFiles(engine, store.files, { files: [] }, () => 'document_pkg')
  }

  test.each([['dir/./x'], ['/o/1'], ['./a'], ['a//b'], ['root_secret.json'], ['OXIDE_BACKUP_VERSION'], ['.bedrock-staged/a']])(
    '%s is refused',
    async (path) => {
      await expect(scan(path)).rejects.toMatchObject({ code: 'invalid_path' })
    },
  )

  test('two that differ in case only are refused, by both names', async () => {
    await expect(scan('docs/résumé.bin', 'DOCS/RÉSUMÉ.BIN')).rejects.toMatchObject({
      code: 'duplicate_path',
      message: expect.stringContaining('docs/résumé.bin'),
    })
  })

  test.each([
    ['Docs/a', 'docs/A'],
    ['a', 'a/b'],
    ['a/b', 'A'],
  ])('%s has no room for %s beside it', (existing, path) => {
    expect(() => checkFreePath([existing], path)).toThrow(expect.objectContaining({ code: 'duplicate_path' }))
    expect(() => checkFreePath([existing, 'ab'], existing)).not.toThrow()
  })
})
