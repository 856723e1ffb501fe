/** The outgoing queue (turtl §6.3): in the order of its ids, up to the first frozen record, at most one batch at a time. */
import type { SendResult } from '../client/answers'
import { BATCH_LIMIT, type SyncRecord } from '../models/sync-record'
import type { Transfer, TurtlTransaction } from '../store'
import { keyOf } from './incoming'
import { applyRecord, copyState, isObjectTable, loadState, OBJECT_TABLES, type ServerState } from './server-state'

/** Failures that count; the next one freezes (turtl §6.3). */
const FAILURES = 4

export function nextBatch(queue: readonly SyncRecord[]): readonly SyncRecord[] {
  const frozen = queue.findIndex((record) => record.frozen)
  return queue.slice(0, Math.min(frozen < 0 ? queue.length : frozen, BATCH_LIMIT))
}

/** Takes what arrived off the queue and into what the server is known to hold; counts what failed. Matched by id alone (trap 25). */
export function settleBatch(tx: TurtlTransaction, { success, failures }: SendResult): void {
  const before = loadState(tx)
  const state = copyState(before)
  for (const { id, syncIds } of success) {
    const record = tx.get('queue', id)
    if (!record) continue
    tx.remove('queue', id)
    applyRecord(state, record)
    const { type, item_id, action } = record
    if (action === 'delete' && type !== 'file') dropEarlier(tx, record)
    if (isObjectTable(type) && syncIds.length > 0) tx.put('written', keyOf(type, item_id), { kind: type, id: item_id, syncIds })
  }
  writeState(tx, before, state)
  for (const { id, code, reason } of failures) {
    const record = tx.get('queue', id)
    if (record) tx.put('queue', id, { ...failedOnce(record), error: { ...(code === undefined ? {} : { code }), msg: reason } })
  }
}

/** What failed before it was deleted, and what failed before in a space that has been deleted: it has gone with it. */
function dropEarlier(tx: TurtlTransaction, { id, item_id }: SyncRecord): void {
  for (const earlier of tx.list('queue'))
    if (earlier.id < id && (earlier.item_id === item_id || earlier.data.space_id === item_id)) tx.remove('queue', earlier.id)
}

/** The fifth failure freezes. */
export function failedOnce<Counted extends { readonly errcount: number; readonly frozen: boolean }>(counted: Counted): Counted {
  return counted.errcount >= FAILURES ? { ...counted, frozen: true } : { ...counted, errcount: counted.errcount + 1 }
}

/** Counts from nothing again, so that a first failure does not freeze it at once (trap 27). */
export function thawed<Counted extends { readonly errcount: number; readonly frozen: boolean }>(counted: Counted): Counted {
  return { ...counted, errcount: 0, frozen: false }
}

/** Writes what differs. With a note goes its attachment (trap 39). */
export function writeState(tx: TurtlTransaction, before: ServerState, after: ServerState): void {
  for (const table of OBJECT_TABLES) {
    for (const [id, wire] of after[table]) if (before[table].get(id) !== wire) tx.put(table, id, wire)
    for (const id of before[table].keys()) {
      if (after[table].has(id)) continue
      tx.remove(table, id)
      if (table === 'note') removeAttachment(tx, id)
    }
  }
}

export function removeAttachment(tx: TurtlTransaction, noteId: string): void {
  tx.removeAttachment(noteId)
  tx.remove('transfer', transferKey('upload', noteId))
  tx.remove('transfer', transferKey('download', noteId))
}

export const transferKey = (direction: Transfer['direction'], noteId: string): string => `${direction}:${noteId}`

export function queueTransfer(tx: TurtlTransaction, direction: Transfer['direction'], noteId: string): void {
  tx.put('transfer', transferKey(direction, noteId), { direction, noteId, errcount: 0, frozen: false })
}
