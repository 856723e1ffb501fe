/**
 * The log of changes (turtl §6.4, §6.5). It holds no content and is never pruned: every entry is joined with the state
 * its object has when it is read, so that several entries for one object all carry the newest.
 *
 * The original makes an entry visible in two steps, so that a concurrent reader can miss one (turtl §7.3). Here it is one
 * step: a schedule that shows a failure must show it again.
 */
import { type Caller, type Context, type Members, timestamp } from './context'
import { loadContents, loadInvites, loadObject, loadObjects, type ObjectKind, type Objects } from './objects'
import { mayDo } from './permissions'

export type EntryType = ObjectKind | 'file'
/** `share` and `unshare` never leave the server: they are expanded when read. */
export type EntryAction = 'add' | 'edit' | 'delete' | 'share' | 'unshare' | 'change-password'

export interface Entry {
  readonly type: EntryType
  readonly action: EntryAction
  readonly itemId: string
}

export interface Changes {
  readonly records: readonly Members[]
  readonly sync_id: string | number
}

/** Logs a change for these users. @returns its sequence number. */
export function logFor(context: Context, caller: Caller, entry: Entry, userIds: readonly string[]): Promise<string> {
  return insert(context, caller, entry, 'select unnest($6::bigint[])', [...new Set(userIds)])
}

/** Logs a change for everybody in a space. */
export function logForMembers(context: Context, caller: Caller, entry: Entry, spaceId: string): Promise<string> {
  return insert(context, caller, entry, 'select distinct user_id from @spaces_users where space_id = $6', spaceId)
}

async function insert(
  context: Context,
  caller: Caller,
  entry: Entry,
  audience: string,
  value: string | readonly string[],
): Promise<string> {
  const [row] = await context.database.query<{ id: string }>(
    `with entry as (
       insert into @sync (item_id, type, action, user_id, created, updated) values ($1, $2, $3, $4, $5, $5) returning id
     ), told as (
       insert into @sync_users (sync_id, user_id, created, updated) select entry.id, reader, $5, $5 from entry, (${audience}) as audience (reader)
     ) select id from entry`,
    entry.itemId,
    entry.type,
    entry.action,
    caller.id,
    timestamp(context),
    value,
  )
  return row?.id ?? ''
}

interface Row {
  readonly id: string
  readonly item_id: string
  readonly type: EntryType
  readonly action: EntryAction
  readonly user_id: string
  readonly created: string
  readonly updated: string
}

/** What happened after `since`, for one reader. */
export async function readChanges(context: Context, caller: Caller, since: string): Promise<Changes> {
  const rows = await context.database.query<Row>(
    `select s.* from @sync s where s.id > $2 and s.id in (select sync_id from @sync_users where user_id = $1 and sync_id > $2) order by s.id`,
    caller.id,
    since,
  )
  const states = await loadStates(context, rows)
  const records: Members[] = []
  for (const row of rows) records.push(...(await expand(context, row, states)))
  return { records, sync_id: highest(since, rows) }
}

/**
 * Echoed as a number, computed as text (turtl §4.2). Text is compared as text: at powers of ten the cursor stays behind,
 * and what it stays behind of is sent again (turtl §7.3).
 */
function highest(since: string, rows: readonly Row[]): string | number {
  return (
    rows
      .map(({ id }) => id)
      .sort()
      .at(-1) ?? Number(since)
  )
}

const kindOf = (type: EntryType): ObjectKind => (type === 'file' ? 'note' : type)

async function loadStates(context: Context, rows: readonly Row[]): Promise<(row: Row) => Members | undefined> {
  const wanted = rows.filter(({ action }) => action !== 'delete' && action !== 'unshare')
  const kinds = new Map<ObjectKind, Objects>()
  for (const kind of new Set(wanted.map(({ type }) => kindOf(type)))) {
    const ids = wanted.filter(({ type }) => kindOf(type) === kind).map(({ item_id }) => item_id)
    kinds.set(kind, await loadObjects(context, kind, [...new Set(ids)]))
  }
  return ({ type, item_id }) => kinds.get(kindOf(type))?.get(item_id)
}

async function expand(context: Context, row: Row, stateOf: (row: Row) => Members | undefined): Promise<readonly Members[]> {
  if (row.action === 'share') return expandShare(context, row, stateOf(row))
  if (row.action === 'unshare') return expandUnshare(context, row)
  const data = row.action === 'delete' ? deleted(row.item_id) : (stateOf(row) ?? { missing: true })
  return [{ ...row, data }]
}

const deleted = (id: string) => ({ id, deleted: true })

/** The space without its invites, then all that is in it. Such records have no `id` of their own (turtl §9). */
async function expandShare(context: Context, { item_id, user_id }: Row, space: Members | undefined): Promise<readonly Members[]> {
  if (!space) return [{ type: 'space', action: 'add', item_id, user_id, data: { missing: true } }]
  const { invites: _, ...shared } = space
  const record = (type: EntryType, data: Members) => ({ type, action: 'add', item_id: data.id ?? item_id, user_id, data })
  const [boards, notes, files] = await loadInside(context, [item_id])
  return [
    record('space', shared),
    ...boards.map((o) => record('board', o)),
    ...notes.map((o) => record('note', o)),
    ...files.map((o) => record('file', o)),
  ]
}

async function expandUnshare(context: Context, { item_id, user_id }: Row): Promise<readonly Members[]> {
  const record = (type: EntryType, id: string) => ({ type, action: 'delete', item_id: id, user_id, data: deleted(id) })
  const [boards, notes, files] = await loadInside(context, [item_id])
  const each = (type: EntryType, objects: readonly Members[]) => objects.map(({ id }) => record(type, String(id)))
  return [record('space', item_id), ...each('board', boards), ...each('note', notes), ...each('file', files)]
}

/** Boards, notes, and the notes that have a file. */
async function loadInside(
  context: Context,
  spaceIds: readonly string[],
): Promise<readonly [readonly Members[], readonly Members[], readonly Members[]]> {
  const boards = [...(await loadContents(context, 'board', spaceIds)).values()]
  const notes = [...(await loadContents(context, 'note', spaceIds)).values()]
  return [boards, notes, notes.filter(({ has_file }) => has_file === true)]
}

/**
 * Everything a user may see. The cursor is read after the data, as by the original: what lands in between is in neither
 * (turtl §6.5).
 */
export async function readEverything(context: Context, caller: Caller): Promise<Changes> {
  const { database } = context
  const user = await loadObject(context, 'user', caller.id)
  const keychain = await database.query<{ data: Members }>('select data from @keychain where user_id = $1 order by id', caller.id)
  const memberships = await database.query<{ space_id: string; role: string }>(
    'select space_id, role from @spaces_users where user_id = $1 order by id',
    caller.id,
  )
  const spaceIds = [...new Set(memberships.map(({ space_id }) => space_id))]
  const states = await loadObjects(context, 'space', spaceIds)
  const spaces = memberships.flatMap(({ space_id, role }, i) => {
    const space = states.get(space_id)
    if (!space) return []
    const { members, invites, ...rest } = space
    // A space that was added twice has two memberships: it is listed for both, and with its members once (turtl §9).
    if (memberships.slice(i + 1).some((later) => later.space_id === space_id)) return [rest]
    return [mayDo(role, 'add-space-invite') ? space : { ...rest, members }]
  })
  const [boards, notes, files] = await loadInside(context, spaceIds)
  const invites = [...(await loadInvites(context, 'i.to_user', [caller.username])).values()]
  const [last] = await database.query<{ id: string | null }>('select max(id) as id from @sync')
  const record = (type: EntryType, data: Members) => ({ id: 0, type, action: 'add', item_id: data.id, user_id: caller.id, data })
  const each = (type: EntryType, objects: readonly Members[]) => objects.map((object) => record(type, object))
  return {
    records: [
      ...(user ? [record('user', user)] : []),
      ...each(
        'keychain',
        keychain.map(({ data }) => data),
      ),
      ...each('space', spaces),
      ...each('board', boards),
      ...each('note', notes),
      ...each('file', files),
      ...each('invite', invites),
    ],
    sync_id: last?.id ?? '0',
  }
}
