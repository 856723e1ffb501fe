/** What becomes of the attachments of notes that have changed: by what each note says its file is (`note-file.ts`). */
import type { Bytes } from '@holdfast/base'
import type { TurtlAccount } from '../account'
import { sealAttachment } from '../attachment'
import type { Note } from '../models/note'
import type { SyncRecord } from '../models/sync-record'
import type { TurtlTransaction, Written } from '../store'
import type { SyncContext } from './context'
import { type Incoming, keyOf } from './incoming'
import { hashOf, isFileOf, openIfPossible, opensWith, othersOf } from './note-file'
import { queueTransfer, removeAttachment, transferKey } from './outgoing'
import { mayHaveCrossed, type Plan } from './reconcile'
import type { ServerState } from './server-state'

export interface HeldFile {
  readonly sealed: Bytes
  readonly file: Bytes
}

export interface FilesChange {
  readonly before: ServerState
  readonly incoming: Incoming
  readonly queue: readonly SyncRecord[]
  readonly written: ReadonlyMap<string, Written>
}

/** Notes that may have got another file, or lost theirs. */
export function notesToSettle(change: FilesChange, { steps, dropped }: Plan): ReadonlySet<string> {
  const { before, incoming, queue } = change
  const hasChanged = (id: string) => {
    const [was, is] = [before.note.get(id), incoming.state.note.get(id)]
    return was?.body !== is?.body || was?.has_file !== is?.has_file
  }
  return new Set([
    ...[...incoming.touched.values()].flatMap(({ kind, id }) => (kind === 'note' && hasChanged(id) ? [id] : [])),
    ...[...incoming.files.keys()].filter((id) => isUploadedElsewhere(change, id)),
    ...steps.flatMap(({ kind, model }) => (kind === 'note' ? [model.id] : [])),
    ...queue.flatMap(({ id, type, item_id }) => (type === 'note' && dropped.has(id) ? [item_id] : [])),
  ])
}

/** One's own upload comes back as a record too; a full sync says of none when it was uploaded. */
function isUploadedElsewhere({ incoming, written }: FilesChange, noteId: string): boolean {
  if (!incoming.files.has(noteId)) return false
  const syncId = incoming.files.get(noteId)
  return syncId !== '0' && !(syncId !== undefined && written.get(keyOf('file', noteId))?.syncIds.includes(syncId))
}

/** The note still names the file: an edit overwrote the removal, or another client made it. Only the time says whether it had seen the file. */
function isRemovedUnseen({ incoming, written }: FilesChange, note: Note): boolean {
  const own = written.get(keyOf('note', note.id))
  const at = incoming.touched.get(keyOf('note', note.id))?.at
  return hashOf(note) !== undefined && own !== undefined && mayHaveCrossed(own, at, incoming)
}

/** In the clear: a note may be about to get another key. What opens under none of the accounts is as if it were not here. */
export async function loadFiles(
  { engine, store }: SyncContext,
  noteIds: ReadonlySet<string>,
  accounts: readonly TurtlAccount[],
): Promise<ReadonlyMap<string, HeldFile>> {
  const held = new Map<string, HeldFile>()
  for (const id of noteIds) {
    const sealed = await store.loadAttachment(id)
    for (const account of sealed ? accounts : []) {
      const file = sealed && openIfPossible(engine, account.keyOf(id), sealed)
      if (file) held.set(id, { sealed, file })
      if (file) break
    }
  }
  return held
}

/**
 * The account shows already what has become of the notes. A file that the note does not name any more is forgotten, and not
 * uploaded; one that it names and that is not at the server is uploaded by whoever has it.
 *
 * @returns what is to be written.
 */
export async function settleFiles(
  context: SyncContext,
  noteIds: ReadonlySet<string>,
  change: FilesChange,
  held: ReadonlyMap<string, HeldFile>,
): Promise<(tx: TurtlTransaction) => void> {
  const { engine, store, account } = context
  const { before, incoming } = change

  async function settle(id: string): Promise<(tx: TurtlTransaction) => void> {
    const [note, key] = [account.notes.get(id), account.keyOf(id)]
    const [was, is] = [before.note.get(id), incoming.state.note.get(id)]
    if (!note || !key) return is ? () => undefined : (tx) => removeAttachment(tx, id)
    if (!note.data.file) return (tx) => removeAttachment(tx, id)
    const isAtServer = is?.has_file === true
    const own = held.get(id)
    const found = own && isFileOf(note, own.file) ? own : isAtServer ? undefined : await findElsewhere(note)
    if (!found)
      return (tx) => {
        removeAttachment(tx, id)
        if (isAtServer) queueTransfer(tx, 'download', id)
      }
    const isTaken = was?.has_file === true && is?.has_file === false && !isRemovedUnseen(change, note)
    const isSealed = found === own && opensWith(engine, key, found.sealed)
    const sealed = isSealed ? undefined : key.use((bytes) => sealAttachment(engine, bytes, found.file))
    return (tx) => {
      const isOnItsWay = tx.get('transfer', transferKey('upload', id)) !== undefined
      if (isTaken && !isOnItsWay) return removeAttachment(tx, id)
      if (sealed) tx.putAttachment(id, sealed)
      if (isOnItsWay) return
      if (!isAtServer) queueTransfer(tx, 'upload', id)
      // Another than the one that is here may be there now.
      else if (isUploadedElsewhere(change, id)) queueTransfer(tx, 'download', id)
    }
  }

  async function findElsewhere(note: Note): Promise<HeldFile | undefined> {
    for (const { id } of othersOf(account, note)) {
      const sealed = await store.loadAttachment(id)
      const file = held.get(id)?.file ?? (sealed && openIfPossible(engine, account.keyOf(id), sealed))
      if (sealed && file && isFileOf(note, file)) return { sealed, file }
    }
    return undefined
  }

  const settlings = await Promise.all([...noteIds].map(settle))
  return (tx) => {
    for (const settling of settlings) settling(tx)
    // A full sync names every file there is.
    for (const id of incoming.files.keys())
      if (!noteIds.has(id) && account.notes.get(id)?.data.file && !tx.hasAttachment(id)) queueTransfer(tx, 'download', id)
  }
}
