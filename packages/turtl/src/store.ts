/**
 * Where a device keeps an account (turtl §6.1): only what the server too could see, and ciphertext. Everything changes in
 * transactions, which hold whole or not at all, also when the device dies in the middle.
 */
import type { Bytes } from '@holdfast/base'
import type { WireFields } from './client/answers'
import type { SyncRecord } from './models/sync-record'

/** Rows by table and key. */
export interface TurtlTables {
  /** What the server is known to hold, by id; unsent changes are in `queue` alone. */
  readonly user: WireFields
  readonly keychain: WireFields
  readonly space: WireFields
  readonly board: WireFields
  readonly note: WireFields
  readonly invite: WireFields
  /** Unsent changes by the id of their record; ids sort by time, so this is the order in which they are sent. */
  readonly queue: SyncRecord
  /** Attachments on their way, by `upload:<note id>` and `download:<note id>`. */
  readonly transfer: Transfer
  /** What was acknowledged and has not been seen in the server's log since, by `<kind>:<id>`. */
  readonly written: Written
  /** What could not be kept as it was, for people to look at, by their own ids. */
  readonly conflict: Conflict
  /** Texts by name: `sync_id` (the cursor), `sync:incoming:ignore`, and the journals of operations that survive a crash. */
  readonly value: string
}

export type TurtlTable = keyof TurtlTables
export type ObjectTable = 'user' | 'keychain' | 'space' | 'board' | 'note' | 'invite'

export interface Transfer {
  readonly direction: 'upload' | 'download'
  readonly noteId: string
  /** Failures so far; the fifth freezes it. */
  readonly errcount: number
  readonly frozen: boolean
  /** Why it failed last; never anything secret. */
  readonly reason?: string
}

export interface Written {
  readonly kind: ObjectTable
  readonly id: string
  /** Highest sequence number the server gave for it, decimal text. */
  readonly syncId: string
}

export interface Conflict {
  readonly id: string
  /** `edited-twice`: the other version is kept beside. `edited-and-deleted`: the edit stays. `place-lost`: what was edited had no place left, and has another one. */
  readonly what: 'edited-twice' | 'edited-and-deleted' | 'place-lost'
  readonly kind: 'user' | 'space' | 'board' | 'note'
  readonly itemId: string
  /** The note in which the version that did not stay is kept. */
  readonly copyId?: string
  /** Unix milliseconds. */
  readonly at: number
}

/** Reads see what the transaction itself has written. Not to be used after `work` has returned. */
export interface TurtlTransaction {
  get<Table extends TurtlTable>(table: Table, key: string): TurtlTables[Table] | undefined
  /** By key, ascending. */
  list<Table extends TurtlTable>(table: Table): readonly TurtlTables[Table][]
  put<Table extends TurtlTable>(table: Table, key: string, row: TurtlTables[Table]): void
  remove(table: TurtlTable, key: string): void
  /** @param bytes sealed, as uploaded; copied. */
  putAttachment(noteId: string, bytes: Uint8Array): void
  removeAttachment(noteId: string): void
}

export interface TurtlStore {
  /**
   * Runs `work` alone, and resolves when all it wrote would survive a crash. When `work` throws, nothing has changed.
   *
   * @throws {HoldfastError} `store_failed`: all of it was written, or nothing; read again to know.
   */
  transact<Result>(work: (tx: TurtlTransaction) => Result): Promise<Result>
  /** @returns the sealed bytes, or `undefined`. */
  loadAttachment(noteId: string): Promise<Bytes | undefined>
  close(): Promise<void>
}

export const CURSOR = 'sync_id'
/** A JSON list of sequence numbers as text (turtl §6.1). A hint: what is in here may come, and what comes may not be in here. */
export const IGNORED = 'sync:incoming:ignore'
