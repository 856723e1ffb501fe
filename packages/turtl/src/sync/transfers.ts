/** Attachments up and down (turtl §6.6), each by itself: one that is refused holds up no other (§9). */
import { type Bytes, equalBytes, HoldfastError } from '@holdfast/base'
import { openAttachment, sealAttachment } from '../attachment'
import { TurtlRejection, unlessGone } from '../client/turtl-error'
import type { Note } from '../models/note'
import type { Transfer } from '../store'
import type { SyncContext } from './context'
import { keyOf } from './incoming'
import { hashOf, isFileOf, openIfPossible, othersOf } from './note-file'
import { failedOnce, queueTransfer, transferKey } from './outgoing'

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

/** A note that is gone needs no upload (turtl §6.6). A file that was attached meanwhile still does. */
async function upload({ client, store, exclusively }: SyncContext, { noteId, direction }: Transfer): Promise<void> {
  const sealed = await store.loadAttachment(noteId)
  const answer = sealed && (await unlessGone(client.uploadAttachment(noteId, sealed)))
  await exclusively(async () => {
    const now = await store.loadAttachment(noteId)
    const isSame = !now || !sealed || equalBytes(now, sealed)
    await store.transact((tx) => {
      if (isSame) tx.remove('transfer', transferKey(direction, noteId))
      if (answer) tx.put('written', keyOf('file', noteId), { kind: 'file', id: noteId, syncIds: answer.syncIds })
    })
  })
}

/**
 * Kept only when it opens (trap 38), and is what the note names. Otherwise an older upload came later: whoever has the file
 * uploads it again.
 */
async function download(context: SyncContext, { noteId, direction }: Transfer): Promise<void> {
  const { engine, client, store, account, exclusively } = context
  const sealed = await unlessGone(client.fetchAttachment(noteId))
  await exclusively(async () => {
    const [note, key] = [account.notes.get(noteId), account.keyOf(noteId)]
    if (sealed && !(note && key))
      throw new HoldfastError(
        'no_note_key',
        `an attachment cannot be checked: its note ${noteId} is not open here; it is tried again when the note opens`,
      )
    const held = await store.loadAttachment(noteId)
    const own = held && openIfPossible(engine, key, held)
    const hasOwn = note !== undefined && own !== undefined && hashOf(note) !== undefined && isFileOf(note, own)
    const file = sealed && (hasOwn ? openIfPossible(engine, key, sealed) : key?.use((bytes) => openAttachment(engine, bytes, sealed)))
    const isOwn = note && file && isFileOf(note, file)
    const shared = isOwn ? sealForOthers(context, note, file) : []
    for (const plain of [own, file]) plain?.fill(0)
    await store.transact((tx) => {
      // Taken back, when another has been attached meanwhile.
      if (!tx.get('transfer', transferKey(direction, noteId))) return
      tx.remove('transfer', transferKey(direction, noteId))
      if (isOwn) tx.putAttachment(noteId, sealed)
      else if (sealed && hasOwn) queueTransfer(tx, 'upload', noteId)
      for (const other of shared) {
        if (tx.hasAttachment(other.noteId) || tx.get('note', other.noteId)?.has_file === true) continue
        tx.putAttachment(other.noteId, other.sealed)
        queueTransfer(tx, 'upload', other.noteId)
      }
    })
  })
}

/** For the copies that were made before the file was here. */
function sealForOthers({ engine, account }: SyncContext, note: Note, file: Bytes) {
  return othersOf(account, note).flatMap(({ id }) => {
    const sealed = account.keyOf(id)?.use((bytes) => sealAttachment(engine, bytes, file))
    return sealed ? [{ noteId: id, sealed }] : []
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
