/**
 * An account on this device, and the same on a Turtl server (turtl §6.2–6.9). Edits go to the store at once and to the
 * server when it can be reached; what comes from the server shows in the account. Nothing is overwritten unseen: what
 * cannot stay as it was is kept beside it, and listed in `conflicts`.
 */
import { type Bytes, HoldfastError } from '@holdfast/base'
import type { TurtlAccount } from '../account'
import { openAttachment, sealAttachment } from '../attachment'
import type { FileData } from '../models/file'
import { type Change, makeSyncRecords, type SyncRecord } from '../models/sync-record'
import type { Conflict, Transfer } from '../store'
import { createTurn } from '../turn'
import { type SyncContext, showStored, showStoredOrFetchAnew, type TurtlSyncOptions } from './context'
import { isFileOf, withHash } from './note-file'
import { nextBatch, queueTransfer, removeAttachment, settleBatch, thawed, transferKey } from './outgoing'
import { fetchBatch, takeIn } from './pull'
import { moveAttachments } from './transfers'

/** What an edit gives back: `Saved`, `Imported` and lists of changes all do. */
export type Edited =
  | readonly Change[]
  | { readonly changes: readonly Change[]; readonly attachments?: readonly { readonly noteId: string; readonly sealed: Bytes }[] }

export type SyncOutcome =
  /** All that could be sent is, and all there was is here. `waiting`: records that failed, or wait behind a frozen one. */
  | { readonly kind: 'synced'; readonly waiting: number }
  /** Try again later: the server did not answer, or not as it should. */
  | { readonly kind: 'unreachable'; readonly cause: HoldfastError }
  /** The server does not take the login any more, so nothing is asked of it again: log in anew, over the same store (turtl §9). */
  | { readonly kind: 'stopped'; readonly cause: HoldfastError }

export interface TurtlSync {
  /** Edits the account. Resolves when the edit would survive a crash; then it is on its way. When anything throws, nothing has changed. */
  edit<Result extends Edited>(work: (account: TurtlAccount) => Promise<Result> | Result): Promise<Result>
  /** One round: fetch, send, attachments, and a look at what became of it. */
  sync(): Promise<SyncOutcome>
  /** Rounds until the signal says so or the login is refused: at once after an edit, and whenever the server has something new. */
  run(signal: AbortSignal): Promise<SyncOutcome | undefined>
  /** Gives a note a file, instead of the one it had. @param file whole, in the clear. @throws {HoldfastError} `not_found`. */
  attach(noteId: string, about: FileData, file: Uint8Array): Promise<void>
  /** @returns the file, or `undefined` as long as it has not been downloaded. @throws {AuthenticationError} `auth_failed`. */
  loadFile(noteId: string): Promise<Bytes | undefined>
  /** Changes that wait to be sent, in order. Behind a frozen one everything waits (turtl §6.3). */
  pending(): Promise<readonly SyncRecord[]>
  transfers(): Promise<readonly Transfer[]>
  /** Lets frozen records and transfers be tried again, five times more each. */
  unfreeze(): Promise<void>
  /** Gives a change up: the account shows again what the server has. */
  discard(recordId: string): Promise<void>
  conflicts(): Promise<readonly Conflict[]>
  /** Somebody has seen it; what was kept beside stays. */
  dismissConflict(id: string): Promise<void>
}

/**
 * Loads what the store holds into the account; the network is not touched until `sync` or `run`. The account is changed
 * through `edit` alone from then on.
 *
 * @throws {HoldfastError} `another_account`: the store is of another user.
 * @example
 * ```ts
 * const sync = await openTurtlSync({ engine, client, store, account, ids, clock: systemClock, random: platformRandom })
 * await sync.edit((account) => account.saveNotes([{ space_id, data: { type: 'text', title: 'Paella' } }]))
 * const outcome = await sync.sync()
 * ```
 */
export async function openTurtlSync(options: TurtlSyncOptions): Promise<TurtlSync> {
  const context: SyncContext = { ...options, exclusively: createTurn() }
  const { engine, client, store, account, ids, clock, random, exclusively } = context
  /** Answers are taken in, and changes sent, one after the other. */
  const inTurn = createTurn()
  let stopped: SyncOutcome | undefined
  let wake: () => void = () => undefined
  account.trackVersions()
  await showStoredOrFetchAnew(context)

  async function edit<Result extends Edited>(work: (account: TurtlAccount) => Promise<Result> | Result): Promise<Result> {
    const result = await exclusively(async () => {
      try {
        const edited = await work(account)
        await queue(edited)
        return edited
      } catch (error) {
        await showStored(context)
        throw error
      }
    })
    wake()
    return result
  }

  async function queue(edited: Edited): Promise<void> {
    const { changes, attachments = [] } = 'changes' in edited ? edited : { changes: edited }
    // That there is a file is not sent as a record: it is uploaded (turtl §6.6).
    const records = await makeSyncRecords(
      ids,
      account.user.id,
      changes.filter(({ type, action }) => type !== 'file' || action === 'delete'),
    )
    await store.transact((tx) => {
      for (const record of records) {
        tx.put('queue', record.id, record)
        if (record.type === 'file') removeAttachment(tx, record.item_id)
      }
      for (const { noteId, sealed } of attachments) {
        removeAttachment(tx, noteId)
        tx.putAttachment(noteId, sealed)
        queueTransfer(tx, 'upload', noteId)
      }
    })
  }

  /** Turns what the network does into outcomes; what else fails is thrown. */
  async function attempt(work: () => Promise<number>): Promise<SyncOutcome> {
    if (stopped) return stopped
    try {
      return { kind: 'synced', waiting: await work() }
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error
      // A user record that does not open any more is sealed under another password.
      if (error.code === 'turtl_login_failed' || error.code === 'auth_failed') {
        stopped = { kind: 'stopped', cause: error }
        return stopped
      }
      if (error.code.startsWith('turtl_')) return { kind: 'unreachable', cause: error }
      throw error
    }
  }

  /** What the server has now is compared before anything is sent, and looked at again after. */
  async function round(reason: 'initial' | 'reconnect'): Promise<number> {
    await takeIn(context, await fetchBatch(context, reason))
    for (;;) {
      const batch = nextBatch(await pending())
      if (batch.length === 0) break
      const result = await client.sendChanges(batch)
      await exclusively(() => store.transact((tx) => settleBatch(tx, result)))
      await takeIn(context, await fetchBatch(context, reason))
      // What failed is counted once a round.
      if (result.failures.length > 0 || result.success.length === 0) break
    }
    await moveAttachments(context)
    return (await pending()).length
  }

  const pending = () => store.transact((tx) => tx.list('queue'))

  async function poll(): Promise<SyncOutcome> {
    return attempt(async () => {
      const fetched = await fetchBatch(context, 'poll')
      return inTurn(() => takeIn(context, fetched))
    })
  }

  const sync = (reason: 'initial' | 'reconnect' = 'reconnect') => inTurn(() => attempt(() => round(reason)))

  async function run(signal: AbortSignal): Promise<SyncOutcome | undefined> {
    let failures = 0
    let polling: Promise<SyncOutcome> | undefined
    let reason: 'initial' | 'reconnect' = 'initial'
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve
      })
      let outcome = await sync(reason)
      reason = 'reconnect'
      if (outcome.kind === 'synced') {
        polling ??= poll().finally(() => {
          polling = undefined
        })
        outcome = (await Promise.race([polling, woken, aborted])) ?? outcome
      }
      if (outcome.kind === 'stopped') return outcome
      failures = outcome.kind === 'unreachable' ? failures + 1 : 0
      const pause = failures > 0 ? backOff(failures, random) : PAUSE_MS
      await Promise.race([clock.sleep(pause, signal).catch(() => undefined), woken])
    }
    return undefined
  }

  return {
    edit,
    sync: () => sync(),
    run,
    pending,
    attach: async (noteId, about, file) => {
      await edit(async (held) => {
        const note = held.notes.get(noteId)
        const key = held.keyOf(noteId)
        if (!note || !key) throw new HoldfastError('not_found', `no such note: ${noteId} is not open in this account; open it first`)
        const named = withHash(about, file)
        const { changes } = await held.saveNotes([{ ...note, data: { ...note.data, file: named }, file: { ...note.file, id: noteId } }])
        return { changes, attachments: [{ noteId, sealed: key.use((bytes) => sealAttachment(engine, bytes, file)) }] }
      })
    },
    loadFile: (noteId) =>
      exclusively(async () => {
        const sealed = await store.loadAttachment(noteId)
        const file = sealed && account.keyOf(noteId)?.use((bytes) => openAttachment(engine, bytes, sealed))
        const note = account.notes.get(noteId)
        return file && note && isFileOf(note, file) ? file : undefined
      }),
    transfers: () => store.transact((tx) => tx.list('transfer')),
    unfreeze: () =>
      store.transact((tx) => {
        for (const record of tx.list('queue')) if (record.frozen) tx.put('queue', record.id, thawed(record))
        for (const transfer of tx.list('transfer'))
          if (transfer.frozen) tx.put('transfer', transferKey(transfer.direction, transfer.noteId), thawed(transfer))
      }),
    discard: (recordId) =>
      exclusively(async () => {
        await store.transact((tx) => tx.remove('queue', recordId))
        await showStored(context)
      }),
    conflicts: () => store.transact((tx) => tx.list('conflict')),
    dismissConflict: (id) => store.transact((tx) => tx.remove('conflict', id)),
  }
}

/** Between rounds, for a server whose polls do not wait (turtl §6.3). */
const PAUSE_MS = 1000

/** Between half of it and all of 1 s, 2 s, 4 s, … up to five minutes. */
function backOff(failures: number, random: TurtlSyncOptions['random']): number {
  const most = Math.min(1000 * 2 ** (failures - 1), 300_000)
  const [high = 0, low = 0] = random(2)
  return Math.round((most / 2) * (1 + (high * 256 + low) / 65535))
}
