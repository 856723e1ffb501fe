/** Accounts for tests of `holdfast turtl`, in the forms in which people have them. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Engine, init } from '@holdfast/crypto'
import { seededRandom } from '@holdfast/testkit'
import { attachmentFileName } from '@holdfast/turtl'
import { makeSampleAccount, type SampleAccount, type SampleSize } from '@holdfast/turtl/sample'
import sqlite from 'node-sqlite3-wasm'

/** `HOLDFAST_ACCOUNT=full`: 10,000 notes in 40 boards and 8 spaces with 200 attachments. */
export const SIZE: SampleSize =
  process.env.HOLDFAST_ACCOUNT === 'full'
    ? { spaces: 8, boards: 40, notes: 10_000, attachments: 200 }
    : { spaces: 3, boards: 5, notes: 60, attachments: 8 }

export async function makeSample(size: SampleSize = SIZE): Promise<SampleAccount & { readonly engine: Engine }> {
  const engine = await init({ random: seededRandom('cli') })
  return { engine, ...(await makeSampleAccount({ engine, seed: 1, ...size })) }
}

/** As `GET /sync/full` gives it (turtl §6.5). */
export function fullSync({ user, keychain, spaces, boards, notes }: SampleAccount['wire']): string {
  const records = (type: string, list: readonly object[]) =>
    list.map((data) => ({ id: 0, action: 'add', type, item_id: (data as { id: string }).id, user_id: 7, data }))
  return JSON.stringify({
    records: [
      ...records('user', [user]),
      ...records('keychain', keychain),
      ...records('space', spaces),
      ...records('board', boards),
      ...records('note', notes),
    ],
    sync_id: 12,
  })
}

export async function writeFiles(folder: string, sample: SampleAccount): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const { noteId, sealed } of sample.attachments()) await writeFile(join(folder, attachmentFileName('7', noteId)), sealed)
}

/** Turtl's data folder (turtl §6.1): one table of objects, an index, a key-value table, and the attachments. */
export async function writeDataFolder(folder: string, sample: SampleAccount): Promise<string> {
  await writeFiles(join(folder, 'files'), sample)
  const file = join(folder, 'turtl-user-7-srv-httpapiturtlexample.sqlite')
  await rm(file, { force: true })
  const database = new sqlite.Database(file)
  database.exec('CREATE TABLE indexes (id INTEGER PRIMARY KEY, table_name TEXT, index_name TEXT, vals TEXT, object_id TEXT)')
  database.exec('CREATE TABLE kv (key TEXT PRIMARY KEY, value TEXT)')
  database.exec('CREATE TABLE objects (id VARCHAR(64) PRIMARY KEY, table_name VARCHAR(32), data TEXT)')
  database.exec('BEGIN')
  const { user, ...lists } = sample.wire
  for (const [table, objects] of Object.entries({ users: [user], ...lists }))
    for (const object of objects) database.run('INSERT INTO objects VALUES (?, ?, ?)', [object.id, table, JSON.stringify(object)])
  database.run('INSERT INTO objects VALUES (?, ?, ?)', ['0190', 'sync', '{"id":"0190","type":"note"}'])
  database.exec('COMMIT')
  database.close()
  return file
}
