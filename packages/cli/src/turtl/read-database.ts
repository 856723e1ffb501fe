/**
 * Turtl's local database (turtl §6.1): one SQLite file a user and server, in it a table of three columns: id, the name of a
 * logical table, and the object as JSON. It is read from a copy, so that SQLite can put right what a crash of Turtl left
 * behind (a journal to roll back, a log to take over) without a byte of the original changing.
 */
import { copyFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { HoldfastError } from '@holdfast/base'
import sqlite from 'node-sqlite3-wasm'
import type { Problem } from './problem'
import { readError } from './read-error'
import { AccountCollector, type FoundAccount } from './wire-account'

const DATABASE_NAME = /^turtl-user-(\d+)-srv-.*\.sqlite$/

export interface ReadDatabase {
  readonly file: string
  readonly found: FoundAccount
  /** Rows that are no JSON. */
  readonly problems: readonly Problem[]
}

/**
 * @param path the database, or the data folder it lies in.
 * @throws `file_unreadable`, `no_turtl_database`, `several_turtl_databases`.
 */
export async function readDatabase(path: string): Promise<ReadDatabase> {
  const file = await locate(path)
  const copy = await mkdtemp(join(tmpdir(), 'holdfast-turtl-'))
  try {
    for (const suffix of ['', '-journal', '-wal']) await copyPart(file + suffix, join(copy, `copy.sqlite${suffix}`), suffix === '')
    return { file, ...readObjects(join(copy, 'copy.sqlite'), file) }
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

async function locate(path: string): Promise<string> {
  const found = await stat(path).catch((cause) => {
    throw readError('the database', path, cause)
  })
  if (!found.isDirectory()) return path
  const names = (await readdir(path)).filter((name) => DATABASE_NAME.test(name)).sort()
  const [first] = names
  if (first === undefined) throw noDatabase(path, 'it holds no turtl-user-….sqlite')
  if (names.length === 1) return join(path, first)
  throw new HoldfastError(
    'several_turtl_databases',
    `several accounts: ${path} holds ${names.join(', ')}; pass one of these files as --database`,
    { remedy: 'fix-call' },
  )
}

async function copyPart(from: string, to: string, isRequired: boolean): Promise<void> {
  try {
    await copyFile(from, to)
  } catch (cause) {
    if (isRequired || (cause as { code?: string }).code !== 'ENOENT') throw readError('the database', from, cause)
  }
}

function readObjects(copy: string, file: string): Pick<ReadDatabase, 'found' | 'problems'> {
  const collector = new AccountCollector()
  const problems: Problem[] = []
  const [, userId] = DATABASE_NAME.exec(basename(file)) ?? []
  try {
    const database = new sqlite.Database(copy)
    try {
      database.exec('PRAGMA locking_mode = EXCLUSIVE') // a log in the way of WAL can be read without shared memory only so
      const { table, json } = findTable(database, file)
      for (const row of database.prepare(`SELECT id, table_name, ${quote(json)} AS json FROM ${quote(table)}`).iterate()) {
        const { id, table_name, json: text } = row as Record<string, unknown>
        const object = parse(text)
        if (object === undefined) problems.push(...damagedRow(String(table_name), String(id)))
        else collector.add(String(table_name), object)
      }
    } finally {
      database.close()
    }
  } catch (cause) {
    if (cause instanceof HoldfastError) throw cause
    throw noDatabase(file, `SQLite says: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
  }
  return { found: collector.account(userId), problems }
}

interface Column {
  readonly name: string
}

/** By its columns: only those are known. */
function findTable(database: InstanceType<typeof sqlite.Database>, file: string): { readonly table: string; readonly json: string } {
  for (const { name } of database.all("SELECT name FROM sqlite_master WHERE type = 'table'") as unknown as Column[]) {
    const columns = (database.all(`PRAGMA table_info(${quote(name)})`) as unknown as Column[]).map((column) => column.name)
    const [json, ...more] = columns.filter((column) => column !== 'id' && column !== 'table_name')
    if (columns.length === 3 && json !== undefined && more.length === 0) return { table: name, json }
  }
  throw noDatabase(file, 'it has no table of id, table_name and an object')
}

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`

function parse(text: unknown): unknown {
  try {
    return JSON.parse(typeof text === 'string' ? text : new TextDecoder().decode(text as Uint8Array))
  } catch {
    return undefined // listed by the caller
  }
}

const KINDS: Readonly<Record<string, Problem['kind']>> = { keychain: 'keychain', spaces: 'space', boards: 'board', notes: 'note' }

function damagedRow(table: string, id: string): Problem[] {
  const kind = KINDS[table]
  return kind ? [{ kind, id, reason: 'damaged', explanation: 'its row in the database is no JSON' }] : []
}

function noDatabase(path: string, why: string, cause?: unknown): HoldfastError {
  return new HoldfastError(
    'no_turtl_database',
    `no Turtl database: ${path} (${why}); pass turtl-user-….sqlite of Turtl's data folder, or that folder`,
    { remedy: 'fix-input', cause },
  )
}

/** Where Turtl keeps the attachments of a database. */
export const filesBeside = (file: string) => join(dirname(file), 'files')
