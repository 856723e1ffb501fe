/** A record of the sync queue and log (turtl §6.2). */
import { StructureError } from '@holdfast/base'
import type { IdSource } from '../id-source'
import { type Fields, flag, id, integer, objectField, oneOf, readFields, whatIsInexact } from './field'

export const SYNC_ACTIONS = ['add', 'edit', 'delete', 'move-space', 'change-password'] as const
export type SyncAction = (typeof SYNC_ACTIONS)[number]
export const SYNC_TYPES = ['user', 'keychain', 'space', 'board', 'note', 'file', 'invite'] as const
export type SyncType = (typeof SYNC_TYPES)[number]

/** The original server takes this many records of a batch, and leaves the others without an answer (turtl §6.3, trap 25). */
export const BATCH_LIMIT = 32

/** One change to one object, whole. */
export interface Change {
  readonly action: SyncAction
  readonly type: SyncType
  readonly item_id: string
  /** The object's public form; of a deleted one the id. */
  readonly data: Readonly<Record<string, unknown>>
}

/** A change as it is queued and sent. */
export interface SyncRecord extends Change {
  readonly id: string
  /** A number here, unlike in objects. */
  readonly user_id: number
  readonly body: null
  readonly errcount: number
  readonly frozen: boolean
  readonly blocked: boolean
  /** Why it failed last; the server is sent it back, as by the original client. */
  readonly error?: { readonly code?: number; readonly msg: string }
}

const FIELDS: Fields = {
  id,
  action: oneOf(...SYNC_ACTIONS),
  type: oneOf(...SYNC_TYPES),
  item_id: id,
  user_id: integer,
  data: objectField,
  errcount: integer,
  frozen: flag,
  blocked: flag,
}

/**
 * @param id a fresh client-made id: the queue is sorted by it.
 * @throws {StructureError} `invalid_field`: what the original core would not take.
 */
export function encodeSyncRecord(recordId: string, userId: string, change: Change): SyncRecord {
  const record = { ...change, id: recordId, user_id: Number(userId), body: null, errcount: 0, frozen: false, blocked: false }
  const wrong = whatIsInexact(FIELDS, record)
  if (wrong) throw new StructureError('invalid_field', { what: `sync record, ${wrong.name}`, expected: wrong.expected, got: wrong.got })
  return record
}

/**
 * Changes as records to queue or to send, in their order, under fresh ids.
 *
 * @param userId decimal text.
 * @throws {StructureError} `invalid_field`.
 * @example
 * ```ts
 * const records = await makeSyncRecords(ids, account.user.id, changes)
 * ```
 */
export async function makeSyncRecords(ids: IdSource, userId: string, changes: readonly Change[]): Promise<SyncRecord[]> {
  const made = await ids.makeIds(changes.length)
  return changes.map((change, i) => encodeSyncRecord(made[i] ?? '', userId, change))
}

/** An incoming record; what is not there or of another kind is absent (turtl §6.2, §9). Unknown actions and types stay readable as text. */
export interface IncomingRecord {
  /** Sequence number as decimal text: up to 64 bits, so never a number. Absent in what a share expands to. */
  readonly id?: string
  readonly action?: string
  readonly type?: string
  readonly item_id?: string
  readonly user_id?: string
  readonly data: Readonly<Record<string, unknown>>
  /** The object is gone from the server: the mark sits inside `data`. */
  readonly missing: boolean
  /** When it was logged, Unix milliseconds of the server's clock; absent in a full sync, and in what a share expands to. */
  readonly created?: number
}

export function decodeSyncRecord(wire: Readonly<Record<string, unknown>>): IncomingRecord {
  const fields = { id, action: id, type: id, item_id: id, user_id: id }
  const { data } = wire
  const known = readFields(fields, Object.fromEntries(Object.keys(fields).map((name) => [name, wire[name]])))
  const object = objectField.read(data) as Readonly<Record<string, unknown>> | undefined
  const created = typeof wire.created === 'string' ? Date.parse(wire.created) : Number.NaN
  return {
    ...known,
    data: object ?? {},
    missing: wire.missing === true || object?.missing === true,
    ...(Number.isNaN(created) ? {} : { created }),
  }
}
