/** Objects as they are now, in the form in which they go out (turtl §4.4). */
import type { Context, Members } from './context'

export type ObjectKind = 'user' | 'keychain' | 'space' | 'board' | 'note' | 'invite'
export type Objects = ReadonlyMap<string, Members>

interface Row {
  readonly id: string
  readonly data: Members
}

/** Those of the ids that exist, by id. */
export function loadObjects(context: Context, kind: ObjectKind, ids: readonly string[]): Promise<Objects> {
  if (ids.length === 0) return Promise.resolve(new Map())
  if (kind === 'user') return loadUsers(context, ids)
  if (kind === 'space') return loadSpaces(context, ids)
  if (kind === 'invite') return loadInvites(context, 'i.id', ids)
  const table = { keychain: '@keychain', board: '@boards', note: '@notes' }[kind]
  return loadRows(context, `select id, data from ${table} where id = any($1)`, ids)
}

export async function loadObject(context: Context, kind: ObjectKind, id: string): Promise<Members | undefined> {
  return (await loadObjects(context, kind, [id])).get(id)
}

/** Every board or note of these spaces. */
export function loadContents(context: Context, kind: 'board' | 'note', spaceIds: readonly string[]): Promise<Objects> {
  const table = { board: '@boards', note: '@notes' }[kind]
  return loadRows(context, `select id, data from ${table} where space_id = any($1) order by id`, spaceIds)
}

/** Invites by a column of theirs; who sent them is said by the server, not by the sender (turtl §5.1). */
export async function loadInvites(
  context: Context,
  column: 'i.id' | 'i.space_id' | 'i.to_user',
  values: readonly string[],
): Promise<Objects> {
  const rows = await context.database.query<Row & { from_user_id: string; from_username: string }>(
    `select i.id, i.data, i.from_user_id, u.username as from_username
     from @spaces_invites i join @users u on u.id = i.from_user_id where ${column} = any($1) order by i.id`,
    values,
  )
  return new Map(rows.map(({ id, data, from_user_id, from_username }) => [id, { ...data, from_user_id, from_username }]))
}

async function loadRows({ database }: Context, text: string, values: readonly string[]): Promise<Objects> {
  const rows = await database.query<Row>(text, values)
  return new Map(rows.map(({ id, data }) => [id, data]))
}

async function loadUsers(context: Context, ids: readonly string[]): Promise<Objects> {
  const rows = await context.database.query<Row & { username: string; confirmed: boolean }>(
    'select id, username, confirmed, data from @users where id = any($1)',
    ids,
  )
  return new Map(rows.map(({ id, username, confirmed, data }) => [id, { ...data, id, username, confirmed }]))
}

/** With members and invites. Ids of members are text: numbers would break the original core (turtl §9). */
async function loadSpaces(context: Context, ids: readonly string[]): Promise<Objects> {
  const spaces = await loadRows(context, 'select id, data from @spaces where id = any($1)', ids)
  const members = await context.database.query<Members>(
    `select m.id, m.user_id, m.space_id, u.username, m.role, m.created, m.updated
     from @spaces_users m join @users u on u.id = m.user_id where m.space_id = any($1) order by m.id`,
    ids,
  )
  const invites = [...(await loadInvites(context, 'i.space_id', ids)).values()]
  const of = (id: string) => (object: Members) => object.space_id === id
  return new Map([...spaces].map(([id, data]) => [id, { ...data, members: members.filter(of(id)), invites: invites.filter(of(id)) }]))
}
