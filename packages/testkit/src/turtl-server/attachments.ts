/** Files of notes, in two steps each way (turtl §6.6, §9). */
import type { Bytes } from '@holdfast/base'
import { type Caller, type Context, type Members, timestamp } from './context'
import { demand } from './permissions'
import { Refusal } from './refusal'
import { logForMembers } from './sync-log'

async function needNote({ database }: Context, id: string): Promise<{ readonly spaceId: string; readonly data: Members }> {
  const [row] = await database.query<{ space_id: string; data: Members }>('select space_id, data from @notes where id = $1', id)
  if (!row) throw new Refusal(404, 'no such note')
  return { spaceId: row.space_id, data: row.data }
}

async function storeNote(context: Context, id: string, data: Members): Promise<void> {
  await context.database.query('update @notes set data = $2, updated = $3 where id = $1', id, JSON.stringify(data), timestamp(context))
}

/** @param bytes as they are sent: encrypted, which is what `file.size` counts. */
export async function storeAttachment(context: Context, caller: Caller, noteId: string, bytes: Uint8Array): Promise<Members> {
  const { spaceId, data } = await needNote(context, noteId)
  await demand(context, caller, spaceId, 'edit-note')
  await context.database.query(
    `insert into @blobs (note_id, bytes, created, updated) values ($1, $2, $3, $3)
     on conflict (note_id) do update set bytes = excluded.bytes, updated = excluded.updated`,
    noteId,
    bytes,
    timestamp(context),
  )
  const note = { ...data, has_file: true, file: { ...(data.file as Members | null | undefined), size: bytes.length } }
  await storeNote(context, noteId, note)
  const syncIds = [
    await logForMembers(context, caller, { type: 'note', action: 'edit', itemId: noteId }, spaceId),
    await logForMembers(context, caller, { type: 'file', action: 'add', itemId: noteId }, spaceId),
  ]
  return { ...note, sync_ids: syncIds }
}

/** The second step. Guests are refused: it takes the right to edit (turtl §5.4). */
export async function fetchAttachment(context: Context, caller: Caller, noteId: string): Promise<Bytes> {
  const { spaceId } = await needNote(context, noteId)
  await demand(context, caller, spaceId, 'edit-note')
  const [blob] = await context.database.query<{ bytes: Bytes }>('select bytes from @blobs where note_id = $1', noteId)
  if (!blob) throw new Refusal(404, 'the note has no file')
  return new Uint8Array(blob.bytes)
}

/** The note is logged as edited, the file not as deleted (turtl §6.6). Deleting a missing one succeeds. */
export async function deleteAttachment(context: Context, caller: Caller, noteId: string): Promise<readonly string[]> {
  const [row] = await context.database.query<{ space_id: string; data: Members }>('select space_id, data from @notes where id = $1', noteId)
  if (!row) return []
  await demand(context, caller, row.space_id, 'edit-note')
  await context.database.query('delete from @blobs where note_id = $1', noteId)
  const { file: _, ...rest } = row.data
  await storeNote(context, noteId, { ...rest, has_file: false })
  return [await logForMembers(context, caller, { type: 'note', action: 'edit', itemId: noteId }, row.space_id)]
}
