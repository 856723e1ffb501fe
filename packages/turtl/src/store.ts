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
  /** What was acknowledged a short while ago, by `<kind>:<id>`: somebody may still be at deleting it without having seen it. */
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
  readonly kind: ObjectTable | 'file'
  readonly id: string
  /** Sequence numbers the server gave for it, decimal text. */
  readonly syncIds: readonly string[]
  /** When, Unix milliseconds of the server's clock; absent as long as it has not been seen in the log. */
  readonly at?: number
}

export interface Conflict {
  readonly id: string
  /**
   * `edited-twice`: both versions are kept, of a note the other one in `copyId`, of a space or board in the title.
   * `edited-and-deleted`: the edit stays; of a space, the deletion.
   * `place-lost`: the space it was in, or was moved to, is gone: it is in another place, for what was not sent yet in `copyId`.
   */
  readonly what: 'edited-twice' | 'edited-and-deleted' | 'place-lost'
  readonly kind: 'user' | 'space' | 'board' | 'note'
  readonly itemId: string
  /** The object in which the version that did not stay is kept. */
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
  hasAttachment(noteId: string): boolean
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
/** A JSON list of sequence numbers as text (turtl §6.1): of one's own changes that were not queued. A hint, gone after the next answer. */
export const IGNORED = 'sync:incoming:ignore'
