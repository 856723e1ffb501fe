/** Incoming records, in their order, on a copy of what the server was known to hold (turtl §6.4, §6.5). */
import { textOf } from '@holdfast/base'
import type { ChangeBatch } from '../client/answers'
import type { IncomingRecord } from '../models/sync-record'
import type { ObjectTable, Written } from '../store'
import { copyState, emptyState, isObjectTable, removeObject, type ServerState } from './server-state'

export interface Touched {
  readonly kind: ObjectTable
  readonly id: string
  /** Sequence number of the last record that says so; at most that, where records have none: in a full sync, and in what a share expands to. */
  readonly syncId: string
  /** When that was logged, by the server's clock in Unix milliseconds, where it says so. */
  readonly at: number | undefined
}

export interface Incoming {
  /** What the server holds now. */
  readonly state: ServerState
  /** What any record was about, by `<kind>:<id>`; whether it changed is another question. */
  readonly touched: ReadonlyMap<string, Touched>
  /** Notes whose attachment was uploaded, with the sequence number of that, where it has one. */
  readonly files: ReadonlyMap<string, string | undefined>
  /** When each record was logged, by its sequence number. */
  readonly times: ReadonlyMap<string, number>
}

export const keyOf = (kind: Written['kind'], id: string): string => `${kind}:${id}`

/** Records of another shape are passed over. Applied twice, or to objects that are not there, a record changes nothing. */
export function applyBatch(before: ServerState, { records, syncId: cursor }: ChangeBatch): Incoming {
  const state = copyState(before)
  const touched = new Map<string, Touched>()
  const files = new Map<string, string | undefined>()
  const times = new Map<string, number>()
  for (const record of records) {
    const { type, action, item_id } = record
    const syncId = record.id === undefined || record.id === '0' ? cursor : record.id
    const at = record.created
    if (at !== undefined) times.set(syncId, at)
    if (item_id === undefined) continue
    if (type === 'file') {
      if (action !== 'delete' && !record.missing) files.set(item_id, record.id)
      continue
    }
    if (!isObjectTable(type)) continue
    // What is missing was gone when the log was read, and when it went is not said: the deletion of a space does not name what went along.
    if (action === 'delete' || (record.missing && type !== 'user')) {
      const when = record.missing ? { syncId: String(BigInt(cursor) + 1n), at: undefined } : { syncId, at }
      const removed = [{ kind: type, id: item_id }, ...removeObject(state, type, item_id)]
      for (const { kind, id } of removed) touched.set(keyOf(kind, id), { kind, id, ...when })
      continue
    }
    if (!isObjectOf(record, item_id)) continue
    const held = state[type].get(item_id)
    // A space that was added twice is listed once without its members and invites (turtl §9).
    const isBare = held?.members !== undefined && record.data.members === undefined
    const data = isBare
      ? { ...record.data, members: held.members, ...(held.invites === undefined ? {} : { invites: held.invites }) }
      : record.data
    state[type].set(item_id, type === 'user' ? { ...state.user.get(item_id), ...data } : data)
    touched.set(keyOf(type, item_id), { kind: type, id: item_id, syncId, at })
  }
  return { state, touched, files, times }
}

/** As a batch that says what everything is, and so what there is no more (turtl §6.5). */
export function applyFullSync(before: ServerState, batch: ChangeBatch): Incoming {
  const incoming = applyBatch(emptyState(), batch)
  const touched = new Map(incoming.touched)
  for (const [kind, held] of Object.entries(before) as [ObjectTable, ReadonlyMap<string, unknown>][])
    for (const id of held.keys())
      if (!incoming.state[kind].has(id)) touched.set(keyOf(kind, id), { kind, id, syncId: batch.syncId, at: undefined })
  return { ...incoming, touched }
}

function isObjectOf({ data, missing }: IncomingRecord, id: string): boolean {
  return !missing && data.id !== undefined && textOf(data.id) === id
}
