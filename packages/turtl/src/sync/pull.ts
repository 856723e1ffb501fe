/** From the server to the store and the account (turtl §6.4, §6.5, §6.9). */
import type { TurtlAccount } from '../account'
import type { FetchReason } from '../client'
import type { ChangeBatch } from '../client/answers'
import { makeSyncRecords, type SyncRecord } from '../models/sync-record'
import { CURSOR, IGNORED, type TurtlTransaction, type Written } from '../store'
import { carryOut } from './carry-out'
import { type SyncContext, showStored } from './context'
import { applyBatch, applyFullSync, type Incoming, keyOf } from './incoming'
import { queueTransfer, writeState } from './outgoing'
import { reconcile, type Sides, timeOf, UNSEEN_MS } from './reconcile'
import { loadState, needAccount, type ServerState, wireAccount, withRecords } from './server-state'
import { loadFiles, notesToSettle, settleFiles } from './settle-files'

/** An answer of the server, and what it was asked for. */
export interface Fetched {
  readonly batch: ChangeBatch
  /** The cursor that was sent; without one it is a full sync. */
  readonly since: string | undefined
}

export async function fetchBatch({ client, store }: SyncContext, reason: FetchReason): Promise<Fetched> {
  const since = await store.transact((tx) => tx.get('value', CURSOR))
  if (since !== undefined) return { batch: await client.fetchChanges(since, reason), since }
  // The cursor comes after the data (§6.5): that of one answer, with the data of the next, misses nothing.
  const { syncId } = await client.fetchFullSync()
  const { records } = await client.fetchFullSync()
  return { batch: { records, syncId }, since }
}

/**
 * Takes an answer in: in one transaction, so that the cursor is never ahead of what it stands for.
 *
 * @returns how many records there were. 0 too for an answer that has been overtaken: it is asked for again.
 * @throws {HoldfastError} `turtl_login_failed`: the password was changed elsewhere; nothing was taken in.
 */
export async function takeIn(context: SyncContext, fetched: Fetched): Promise<number> {
  const { batch, since } = fetched
  await checkPasswordChanges(context, batch)
  return context.exclusively(async () => {
    const stored = await context.store.transact((tx) => ({
      state: loadState(tx),
      queue: tx.list('queue'),
      written: tx.list('written'),
      since: tx.get('value', CURSOR),
    }))
    if (stored.since !== since) return 0
    const incoming = since === undefined ? applyFullSync(stored.state, batch) : applyBatch(stored.state, batch)
    try {
      await apply(context, fetched, { ...stored, incoming })
    } catch (error) {
      await showStored(context)
      throw error
    }
    return batch.records.length
  })
}

/** Before anything is opened, with keys that may be of yesterday (trap 35): whoever may still log in has changed the password here. */
async function checkPasswordChanges({ client, store }: SyncContext, { records }: ChangeBatch): Promise<void> {
  const changes = records.filter(({ type, action }) => type === 'user' && action === 'change-password')
  if (changes.length === 0) return
  const ignored = (await store.transact((tx) => tx.get('value', IGNORED))) ?? ''
  if (!changes.every(({ id }) => id !== undefined && ignored.includes(JSON.stringify(id)))) await client.authenticate()
}

interface Stored {
  readonly state: ServerState
  readonly queue: readonly SyncRecord[]
  readonly written: readonly Written[]
  readonly incoming: Incoming
}

async function apply(context: SyncContext, { batch }: Fetched, { state, queue, written, incoming }: Stored): Promise<void> {
  const { engine, account, store, clock, ids } = context
  if (incoming.touched.size === 0 && incoming.files.size === 0) {
    await store.transact((tx) => commit(tx))
    return
  }
  const sides = openSides(account, state, incoming, queue)
  const change = { before: state, incoming, queue, written: new Map(written.map((row) => [keyOf(row.kind, row.id), row])) }
  const plan = reconcile({ ...change, ...sides })
  const noteIds = notesToSettle(change, plan)
  const files = await loadFiles(context, noteIds, [account, sides.local, sides.old])
  for (const side of Object.values(sides)) side.wipe()
  const waiting = queue.filter(({ id }) => !plan.dropped.has(id))
  const later = withRecords(incoming.state, waiting)
  // What the plan was made from must open: a key whose deletion waits is still needed for what somebody else left under it.
  const wire = wireAccount({ ...later, keychain: new Map([...incoming.state.keychain, ...later.keychain]) })
  if (wire) account.become(account.reopen(wire))
  const { changes, attachments, copies } = await carryOut(engine, account, plan.steps, files)
  const records = await makeSyncRecords(ids, account.user.id, changes)
  const writeFiles = await settleFiles(context, noteIds, change, files)
  for (const { file } of files.values()) file.fill(0)
  const conflictIds = await ids.makeIds(plan.conflicts.length)
  await store.transact((tx) => {
    commit(tx)
    for (const id of plan.dropped) tx.remove('queue', id)
    for (const record of records) tx.put('queue', record.id, record)
    for (const { noteId, sealed } of attachments) {
      tx.putAttachment(noteId, sealed)
      queueTransfer(tx, 'upload', noteId)
    }
    writeFiles(tx)
    plan.conflicts.forEach((conflict, i) => {
      const id = conflictIds[i] ?? ''
      const copyId = copies.get(conflict.itemId)
      tx.put('conflict', id, { ...conflict, id, at: clock.now(), ...(copyId === undefined ? {} : { copyId }) })
    })
  })

  function commit(tx: TurtlTransaction): void {
    writeState(tx, state, incoming.state)
    settleWritten(tx, incoming)
    tx.remove('value', IGNORED)
    tx.put('value', CURSOR, batch.syncId)
  }
}

type Opened = Pick<Sides, 'old' | 'now' | 'local'>

/**
 * What the server had, what it has and what is shown here: everything in them that is to be compared. Entries of the
 * keychain that are gone still open what was under them; those that were sealed anew are the ones that open.
 */
function openSides(account: TurtlAccount, before: ServerState, { state, touched }: Incoming, queue: Stored['queue']): Opened {
  const touchedNotes = [...touched.values()].flatMap(({ kind, id }) => (kind === 'note' ? [id] : []))
  const notes = new Set([...touchedNotes, ...queue.flatMap(({ type, item_id }) => (type === 'note' ? [item_id] : []))])
  const open = (held: ServerState) => account.reopen(needAccount(held, notes))
  const old = { ...before, user: state.user, keychain: new Map([...before.keychain, ...state.keychain]) }
  const kept = queue.filter(({ type, action }) => action !== 'delete' || (type !== 'space' && type !== 'keychain'))
  return { old: open(old), now: open(state), local: open(withRecords(old, kept)) }
}

/** What was written has now been seen in the log, and is forgotten when nobody can be at deleting it unseen any more. */
function settleWritten(tx: TurtlTransaction, incoming: Incoming): void {
  const now = Math.max(0, ...incoming.times.values())
  for (const row of tx.list('written')) {
    const key = keyOf(row.kind, row.id)
    const at = timeOf(row, incoming)
    if (at === undefined) continue
    if (now - at > UNSEEN_MS) tx.remove('written', key)
    else if (row.at === undefined) tx.put('written', key, { ...row, at })
  }
}
