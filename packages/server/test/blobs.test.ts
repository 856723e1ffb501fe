/** Blob and row: whatever step a server dies at, what is retrieved is the state before or after, and what is left over is swept. */
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { platformRandom } from '@holdfast/base'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Backups } from '../src/backups'
import { type BlobStore, openBlobFolder } from '../src/blobs'
import { type Database, openDatabase } from '../src/database'

let folder: string
let database: Database
let blobs: BlobStore
const clock = { now: () => Date.now(), sleep: async () => {} }
const HEADS = ['aa'.repeat(32), 'bb'.repeat(32)] as const

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-blobs-'))
  database = await openDatabase({ folder: undefined })
  blobs = await openBlobFolder(folder)
})
afterAll(async () => {
  await database.destroy()
  await rm(folder, { recursive: true })
})

let counter = 0
async function createOne(): Promise<string> {
  const id = `backup ${counter++}`
  await new Backups(database, blobs, clock, platformRandom).create({
    id,
    manifestHash: HEADS[0],
    mainKey: `main of ${id}`,
    syncKey: `sync of ${id}`,
    encryptionKey: { kind: 'PRF', encryptedKey: '' },
    blob: new Uint8Array([0]),
  })
  return id
}

test.each<[string, Partial<BlobStore>, number]>([
  [
    'before the blob is written',
    {
      write: async () => {
        throw new Error('killed')
      },
    },
    0,
  ],
  [
    'after the blob is written, before the row',
    {
      write: async (key, bytes) => {
        await blobs.write(key, bytes)
        throw new Error('killed')
      },
    },
    0,
  ],
  [
    'after the row, before the old blob is removed',
    {
      remove: async () => {
        throw new Error('killed')
      },
    },
    1,
  ],
])('killed %s', async (_, fault, state) => {
  const id = await createOne()
  const dying = new Backups(database, { ...blobs, ...fault }, clock, platformRandom)
  const synced = await dying.sync(id, HEADS[0], HEADS[1], new Uint8Array([1])).then(
    () => true,
    () => false,
  )
  expect(synced).toBe(state === 1)
  const restarted = new Backups(database, blobs, clock, platformRandom)
  const found = await restarted.find(id)
  expect(found?.manifestHash).toBe(HEADS[state])
  expect(found && new Uint8Array((await restarted.readBlob(found)) ?? [])).toEqual(new Uint8Array([state]))
  if (state === 0) await restarted.sync(id, HEADS[0], HEADS[1], new Uint8Array([1]))
})

test('a sweep removes what no row points to once it is an hour old, and nothing else', async () => {
  const rows = await database.selectFrom('backups').select('blob_key').execute()
  await blobs.write('fresh', new Uint8Array(1))
  await blobs.write('old', new Uint8Array(1))
  for (const { blob_key } of rows) await utimes(join(folder, blob_key), new Date(0), new Date(0))
  await utimes(join(folder, 'old'), new Date(0), new Date(0))
  await new Backups(database, blobs, clock, platformRandom).sweepOrphans()
  const left = await readdir(folder)
  expect(left).toEqual(expect.arrayContaining([...rows.map((row) => row.blob_key), 'fresh']))
  expect(left).not.toContain('old')
})
