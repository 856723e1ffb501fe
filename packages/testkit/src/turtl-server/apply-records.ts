/**
 * `POST /sync`: what clients did (turtl §6.3, §6.8). Last write wins, whole object; no versions, times or former state are
 * looked at. An `add` is an upsert that asks nobody who owned the object (turtl §7.3).
 */
import { isObject } from '@holdfast/base'
import { deleteAttachment } from './attachments'
import { type Caller, type Context, type Members, timestamp } from './context'
import { loadObject } from './objects'
import { demand, type Permission } from './permissions'
import { Refusal } from './refusal'
import { addMember, deleteSpace, memberIds } from './spaces'
import { logFor, logForMembers } from './sync-log'
import { validate } from './validate'

interface Applied {
  readonly data: Members
  readonly syncIds: readonly string[]
}

type Handler = (context: Context, caller: Caller, data: Members) => Promise<Applied>

/** Goes on after a failure. What is beyond the limit is in no list: the client sends it again (turtl §6.3). */
export async function applyRecords(context: Context, caller: Caller, sent: unknown, limit: number): Promise<Members> {
  if (!Array.isArray(sent)) throw new Refusal(400, 'expected a list of sync records')
  const success: Members[] = []
  const failures: Members[] = []
  for (const record of sent.slice(0, limit) as readonly unknown[]) {
    const { id, type, action, data } = isObject(record) ? record : {}
    try {
      const handler = HANDLERS.get(`${type}/${action}`)
      if (!handler || !isObject(data)) throw new Refusal(400, `no handler for ${type}/${action}`)
      const applied = await handler(context, caller, data)
      success.push({ id, user_id: caller.id, item_id: data.id, type, action, sync_ids: applied.syncIds, data: applied.data })
    } catch (error) {
      const { status, message } = error instanceof Refusal ? error : new Refusal(500, String(error))
      failures.push({ _id: id, ...(isObject(record) ? record : {}), error: { code: status, msg: message } })
    }
  }
  return { success, failures, blocked: [], extra: {} }
}

type Table = '@keychain' | '@spaces' | '@boards' | '@notes'

async function stored({ database }: Context, table: Table, id: unknown): Promise<Members | undefined> {
  const [row] = await database.query<{ data: Members }>(`select data from ${table} where id = $1`, String(id))
  return row?.data
}

/** @throws {Refusal} 404. */
async function needStored(context: Context, table: Table, id: unknown): Promise<Members> {
  const data = await stored(context, table, id)
  if (!data) throw new Refusal(404, `nothing to change: ${id}`)
  return data
}

/** @param columns those beside `id` and `data`, which are taken from `data`. */
async function upsert(context: Context, table: Table, columns: readonly string[], data: Members): Promise<void> {
  const names = ['id', 'data', 'created', ...columns]
  const values = columns.map((name) => (data[name] ?? null) as string | null)
  await context.database.query(
    `insert into ${table} (${names.join()}, updated) values (${names.map((_, i) => `$${i + 1}`).join()}, $3)
     on conflict (id) do update set ${['data', 'updated', ...columns].map((name) => `${name} = excluded.${name}`).join()}`,
    String(data.id),
    JSON.stringify(data),
    timestamp(context),
    ...values,
  )
}

const remove = (context: Context, table: Table, id: unknown) => context.database.query(`delete from ${table} where id = $1`, String(id))

/** Logged for nobody: other devices learn of it at their next login (turtl §6.8). */
const editUser: Handler = async (context, caller, sent) => {
  if (String(sent.id) !== caller.id) throw new Refusal(403, 'you can only edit your own record')
  const data = validate('user', sent)
  await context.database.query(
    'update @users set data = $2, updated = $3 where id = $1',
    caller.id,
    JSON.stringify(data),
    timestamp(context),
  )
  const syncId = await logFor(context, caller, { type: 'user', action: 'edit', itemId: caller.id }, [])
  return { data: (await loadObject(context, 'user', caller.id)) ?? {}, syncIds: [syncId] }
}

const addKeychainEntry: Handler = async (context, caller, sent) => {
  const data = { ...validate('keychain', sent), user_id: caller.id }
  await upsert(context, '@keychain', ['user_id', 'item_id'], data)
  return { data, syncIds: [await logFor(context, caller, { type: 'keychain', action: 'add', itemId: String(sent.id) }, [caller.id])] }
}

const editKeychainEntry: Handler = async (context, caller, sent) => {
  const old = await needStored(context, '@keychain', sent.id)
  if (old.user_id !== caller.id) throw new Refusal(403, 'not your keychain entry')
  const data = { ...validate('keychain', sent), user_id: caller.id }
  await upsert(context, '@keychain', ['user_id', 'item_id'], data)
  return { data, syncIds: [await logFor(context, caller, { type: 'keychain', action: 'edit', itemId: String(sent.id) }, [caller.id])] }
}

const deleteKeychainEntry: Handler = async (context, caller, { id }) => {
  const old = await stored(context, '@keychain', id)
  if (!old) return { data: {}, syncIds: [] }
  if (old.user_id !== caller.id) throw new Refusal(403, 'not your keychain entry')
  await remove(context, '@keychain', id)
  return { data: {}, syncIds: [await logFor(context, caller, { type: 'keychain', action: 'delete', itemId: String(id) }, [caller.id])] }
}

/** Whoever adds a space is its owner, and once more its member (turtl §6.3, §7.3). */
const addSpace: Handler = async (context, caller, sent) => {
  const data = { ...validate('space', sent), user_id: caller.id }
  await upsert(context, '@spaces', [], data)
  await addMember(context, String(sent.id), caller.id, 'owner')
  return logSpace(context, caller, String(sent.id), 'add')
}

/** The right to edit is asked for first: a space that is not there is one of which the caller is no member (turtl §9). */
const editSpace: Handler = async (context, caller, sent) => {
  const data = validate('space', sent)
  await demand(context, caller, String(sent.id), 'edit-space')
  const { user_id } = await needStored(context, '@spaces', sent.id)
  await upsert(context, '@spaces', [], { ...data, user_id })
  return logSpace(context, caller, String(sent.id), 'edit')
}

async function logSpace(context: Context, caller: Caller, id: string, action: 'add' | 'edit'): Promise<Applied> {
  const syncId = await logForMembers(context, caller, { type: 'space', action, itemId: id }, id)
  return { data: (await loadObject(context, 'space', id)) ?? {}, syncIds: [syncId] }
}

const removeSpace: Handler = async (context, caller, { id }) => {
  if (!(await stored(context, '@spaces', id))) return { data: {}, syncIds: [] }
  await demand(context, caller, String(id), 'delete-space')
  return { data: {}, syncIds: await deleteSpace(context, caller, String(id)) }
}

/** What a board and a note have in common. */
interface Content {
  readonly kind: 'board' | 'note'
  readonly table: '@boards' | '@notes'
  readonly columns: readonly string[]
}

const BOARD: Content = { kind: 'board', table: '@boards', columns: ['space_id'] }
const NOTE: Content = { kind: 'note', table: '@notes', columns: ['space_id', 'board_id'] }

const may = (action: 'add' | 'edit' | 'delete', { kind }: Content): Permission => `${action}-${kind}`

const add =
  (content: Content): Handler =>
  async (context, caller, sent) => {
    const { has_file: _, ...data } = { ...validate(content.kind, sent), user_id: caller.id } as Members
    const spaceId = String(data.space_id)
    await demand(context, caller, spaceId, may('add', content))
    await upsert(context, content.table, content.columns, data)
    return {
      data,
      syncIds: [await logForMembers(context, caller, { type: content.kind, action: 'add', itemId: String(sent.id) }, spaceId)],
    }
  }

/** Author, space and whether there is a file stay as they are; whatever else is not sent is gone. */
const edit =
  (content: Content): Handler =>
  async (context, caller, sent) => {
    const { has_file: _, ...data } = validate(content.kind, sent)
    const { user_id, space_id, has_file } = await needStored(context, content.table, sent.id)
    const spaceId = String(space_id)
    await demand(context, caller, spaceId, may('edit', content))
    const merged = { ...data, user_id, space_id, ...(has_file === undefined ? {} : { has_file }) }
    await upsert(context, content.table, content.columns, merged)
    return {
      data: merged,
      syncIds: [await logForMembers(context, caller, { type: content.kind, action: 'edit', itemId: String(sent.id) }, spaceId)],
    }
  }

/** The notes of a board stay, and go on saying that they are in it (turtl §6.9). */
const deleteBoard: Handler = async (context, caller, { id }) => {
  const old = await stored(context, '@boards', id)
  if (!old) return { data: {}, syncIds: [] }
  await demand(context, caller, String(old.space_id), 'delete-board')
  await remove(context, '@boards', id)
  const entry = { type: 'board', action: 'delete', itemId: String(id) } as const
  return { data: {}, syncIds: [await logForMembers(context, caller, entry, String(old.space_id))] }
}

const deleteNote: Handler = async (context, caller, { id }) => {
  const old = await stored(context, '@notes', id)
  if (!old) return { data: {}, syncIds: [] }
  const spaceId = String(old.space_id)
  await demand(context, caller, spaceId, 'delete-note')
  await remove(context, '@notes', id)
  const syncIds = [await logForMembers(context, caller, { type: 'note', action: 'delete', itemId: String(id) }, spaceId)]
  if (old.has_file === true) {
    await context.database.query('delete from @blobs where note_id = $1', String(id))
    syncIds.push(await logForMembers(context, caller, { type: 'file', action: 'delete', itemId: String(id) }, spaceId))
  }
  return { data: {}, syncIds }
}

/** Space and keys change; `board_id`, `body` and whatever else is sent does not (turtl §5.6). */
const move =
  (content: Content): Handler =>
  async (context, caller, sent) => {
    const { space_id, keys } = validate(content.kind, sent)
    const old = await needStored(context, content.table, sent.id)
    const [from, to] = [String(old.space_id), String(space_id)]
    if (from === to) return { data: old, syncIds: [] }
    await demand(context, caller, from, may('delete', content))
    await demand(context, caller, to, may('add', content))
    const data = { ...old, space_id: to, keys }
    await upsert(context, content.table, content.columns, data)
    const [before, after] = [await memberIds(context, from), await memberIds(context, to)]
    const audiences = [
      ['edit', before.filter((id) => after.includes(id))],
      ['delete', before.filter((id) => !after.includes(id))],
      ['add', after.filter((id) => !before.includes(id))],
    ] as const
    const syncIds: string[] = []
    for (const [action, readers] of audiences)
      if (readers.length > 0) syncIds.push(await logFor(context, caller, { type: content.kind, action, itemId: String(sent.id) }, readers))
    return { data, syncIds }
  }

const removeFile: Handler = async (context, caller, { id }) => ({ data: {}, syncIds: await deleteAttachment(context, caller, String(id)) })

const HANDLERS: ReadonlyMap<string, Handler> = new Map([
  ['user/edit', editUser],
  ['keychain/add', addKeychainEntry],
  ['keychain/edit', editKeychainEntry],
  ['keychain/delete', deleteKeychainEntry],
  ['space/add', addSpace],
  ['space/edit', editSpace],
  ['space/delete', removeSpace],
  ['board/add', add(BOARD)],
  ['board/edit', edit(BOARD)],
  ['board/delete', deleteBoard],
  ['board/move-space', move(BOARD)],
  ['note/add', add(NOTE)],
  ['note/edit', edit(NOTE)],
  ['note/delete', deleteNote],
  ['note/move-space', move(NOTE)],
  ['file/delete', removeFile],
])
