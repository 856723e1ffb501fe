/** Answers of a Turtl server as values: ids as decimal text whether they come as text or as numbers (turtl §4.2, §6.3, §9). */
import { isObject } from '@holdfast/base'
import { decodeSyncRecord, type IncomingRecord, type SyncRecord } from '../models/sync-record'
import { unexpectedAnswer } from './turtl-error'

export type WireFields = Readonly<Record<string, unknown>>

export interface ChangeBatch {
  /** Ascending by sequence number; in a full sync all of them are `add`, under id 0. */
  readonly records: readonly IncomingRecord[]
  /** The cursor: of the last record of the log that is in here, or the one that was sent. Decimal text. */
  readonly syncId: string
}

export interface AcceptedRecord {
  /** Of the record that was sent. */
  readonly id: string
  /** Sequence numbers of what it added to the log, decimal text; none for what changed nothing. */
  readonly syncIds: readonly string[]
  readonly data: WireFields
}

export interface FailedRecord {
  readonly id: string
  /** An HTTP status, where the server said one. */
  readonly code?: number
  readonly reason: string
}

/** Records beyond the server's batch limit (32) are in none of the three: they are to be sent again (turtl §6.3). */
export interface SendResult {
  readonly success: readonly AcceptedRecord[]
  readonly failures: readonly FailedRecord[]
  /** Ids; always empty with the original server. */
  readonly blocked: readonly string[]
}

/** An object as the server has it now, and the sequence numbers of what was added to the log. */
export interface Updated {
  readonly data: WireFields
  readonly syncIds: readonly string[]
}

const objectsIn = (value: unknown): readonly WireFields[] => (Array.isArray(value) ? value.filter(isObject) : [])

function readId(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined
}

const readIds = (value: unknown): readonly string[] => (Array.isArray(value) ? value.flatMap((id) => readId(id) ?? []) : [])

export function decodeId(what: string, answer: unknown): string {
  const id = readId(answer)
  if (id === undefined || !/^\d+$/.test(id)) throw unexpectedAnswer(what)
  return id
}

export function decodeObject(what: string, answer: unknown): WireFields {
  if (!isObject(answer)) throw unexpectedAnswer(what)
  return answer
}

export function decodeChangeBatch(what: string, answer: unknown): ChangeBatch {
  const { records, sync_id } = decodeObject(what, answer)
  if (!Array.isArray(records)) throw unexpectedAnswer(what)
  return { records: objectsIn(records).map(decodeSyncRecord), syncId: decodeId(what, sync_id) }
}

export function decodeSendResult(what: string, answer: unknown): SendResult {
  const { success, failures, blocked } = decodeObject(what, answer)
  if (!Array.isArray(success) || !Array.isArray(failures)) throw unexpectedAnswer(what)
  return {
    success: objectsIn(success).flatMap((record): AcceptedRecord[] => {
      const id = readId(record.id)
      return id === undefined ? [] : [{ id, syncIds: readIds(record.sync_ids), data: isObject(record.data) ? record.data : {} }]
    }),
    failures: objectsIn(failures).flatMap((record): FailedRecord[] => {
      const id = readId(record.id ?? record._id)
      return id === undefined ? [] : [{ id, ...readError(record.error) }]
    }),
    blocked: objectsIn(blocked).flatMap(({ id }) => readId(id) ?? []),
  }
}

function readError(error: unknown): Omit<FailedRecord, 'id'> {
  const { code, msg } = isObject(error) ? error : {}
  return { reason: typeof msg === 'string' ? msg : '', ...(typeof code === 'number' ? { code } : {}) }
}

export function decodeUpdated(what: string, answer: unknown): Updated {
  if (answer === true) return { data: {}, syncIds: [] }
  const { sync_ids, ...data } = decodeObject(what, answer)
  return { data, syncIds: readIds(sync_ids) }
}

/** A record as the server takes it: the queue's own bookkeeping goes along (turtl §6.2). */
export const encodeRecords = (records: readonly SyncRecord[]): string => JSON.stringify(records)
