/**
 * An account in a JSON file: wire objects as a server gives them back, `{ "records": … }` (turtl §6.5) or
 * `{ user, keychain, spaces, boards, notes }`, or Turtl's own export, which is in the clear (turtl §4.11).
 */
import { readFile } from 'node:fs/promises'
import { HoldfastError, isObject } from '@holdfast/base'
import { type ReadExport, readExport } from '@holdfast/turtl'
import { readError } from './read-error'
import { accountFromLists, accountFromRecords, type FoundAccount } from './wire-account'

export type Dump = { readonly kind: 'export'; readonly contents: ReadExport } | { readonly kind: 'wire'; readonly found: FoundAccount }

/** @throws `file_unreadable`, `not_a_turtl_dump`, `invalid_export`. */
export async function readDump(path: string): Promise<Dump> {
  const dump = await readJson(path)
  if (Array.isArray(dump)) return { kind: 'wire', found: accountFromRecords(dump) }
  if (!isObject(dump)) throw notADump(path, 'it holds no object')
  if (dump.schema_version !== undefined) return { kind: 'export', contents: readExport(dump) }
  if (Array.isArray(dump.records)) return { kind: 'wire', found: accountFromRecords(dump.records) }
  if (Array.isArray(dump.notes)) return { kind: 'wire', found: accountFromLists(dump) }
  throw notADump(path, 'it has neither `records` nor `notes`')
}

/** @throws `file_unreadable`, `not_a_turtl_dump`. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw readError('the file', path, cause)
  })
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    throw notADump(path, 'it is no JSON') // without the cause: the parser's message quotes the text
  }
}

function notADump(path: string, why: string): HoldfastError {
  return new HoldfastError(
    'not_a_turtl_dump',
    `not a Turtl account: ${path} (${why}); pass the JSON of GET /sync/full, of an account's objects, or of Turtl's own export`,
    { remedy: 'fix-input' },
  )
}
