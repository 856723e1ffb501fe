/** Attachments up and down (turtl §6.6), each by itself: one that is refused holds up no other (§9). */
import { HoldfastError } from '@holdfast/base'
import { openAttachment } from '../attachment'
import { TurtlRejection, unlessGone } from '../client/turtl-error'
import type { Transfer } from '../store'
import type { SyncContext } from './context'
import { keyOf } from './incoming'
import { failedOnce, transferKey } from './outgoing'

/** @throws {HoldfastError} `turtl_unreachable`, `turtl_login_failed`: the rest waits. */
export async function moveAttachments(context: SyncContext): Promise<void> {
  const { store } = context
  const transfers = await store.transact((tx) => {
    const waiting = new Set(tx.list('queue').map(({ item_id }) => item_id))
    // A note must be there before its attachment.
    return tx.list('transfer').filter(({ frozen, noteId, direction }) => !frozen && !(direction === 'upload' && waiting.has(noteId)))
  })
  for (const transfer of transfers) {
    try {
      if (transfer.direction === 'upload') await upload(context, transfer)
      else await download(context, transfer)
    } catch (error) {
      if (!(error instanceof HoldfastError) || ['turtl_unreachable', 'turtl_login_failed', 'store_failed'].includes(error.code)) throw error
      await countFailure(context, transfer, error)
    }
  }
}

/** A note that is gone needs no upload (turtl §6.6). */
async function upload({ client, store }: SyncContext, { noteId, direction }: Transfer): Promise<void> {
  const sealed = await store.loadAttachment(noteId)
  const answer = sealed && (await unlessGone(client.uploadAttachment(noteId, sealed)))
  await store.transact((tx) => {
    tx.remove('transfer', transferKey(direction, noteId))
    if (answer) tx.put('written', keyOf('file', noteId), { kind: 'file', id: noteId, syncIds: answer.syncIds })
  })
}

/** Kept only when it opens (trap 38). */
async function download({ engine, client, store, account, exclusively }: SyncContext, { noteId, direction }: Transfer): Promise<void> {
  const sealed = await unlessGone(client.fetchAttachment(noteId))
  await exclusively(async () => {
    if (sealed) {
      const key = account.keyOf(noteId)
      if (!key)
        throw new HoldfastError(
          'no_note_key',
          `an attachment cannot be checked: its note ${noteId} is not open here; it is tried again when the note opens`,
        )
      key.use((bytes) => openAttachment(engine, bytes, sealed)).fill(0)
    }
    await store.transact((tx) => {
      tx.remove('transfer', transferKey(direction, noteId))
      if (sealed) tx.putAttachment(noteId, sealed)
    })
  })
}

/** Refused is refused, until somebody asks again: a guest may not download (turtl §5.4). */
async function countFailure({ store }: SyncContext, transfer: Transfer, error: HoldfastError): Promise<void> {
  const isForbidden = error instanceof TurtlRejection && error.status === 403
  await store.transact((tx) => {
    const key = transferKey(transfer.direction, transfer.noteId)
    const held = tx.get('transfer', key)
    if (held) tx.put('transfer', key, { ...(isForbidden ? { ...held, frozen: true } : failedOnce(held)), reason: error.code })
  })
}
