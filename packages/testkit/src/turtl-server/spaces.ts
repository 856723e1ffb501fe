/** Spaces, their members and invites (turtl §5.3–§5.5). */
import { isObject } from '@holdfast/base'
import { type Caller, type Context, type Members, timestamp } from './context'
import { loadObject } from './objects'
import { demand } from './permissions'
import { Refusal } from './refusal'
import { logFor, logForMembers } from './sync-log'
import { validate } from './validate'

export async function memberIds({ database }: Context, spaceId: string): Promise<readonly string[]> {
  const rows = await database.query<{ user_id: string }>('select distinct user_id from @spaces_users where space_id = $1', spaceId)
  return rows.map(({ user_id }) => user_id)
}

/** With everything in it, its members and their keychain entries. The log says so of the space alone. */
export async function deleteSpace(context: Context, caller: Caller, id: string): Promise<readonly string[]> {
  const members = await memberIds(context, id)
  const { database } = context
  await database.query('delete from @blobs where note_id in (select id from @notes where space_id = $1)', id)
  for (const table of ['@notes', '@boards', '@spaces_invites', '@spaces_users'])
    await database.query(`delete from ${table} where space_id = $1`, id)
  await database.query('delete from @keychain where item_id = $1', id)
  await database.query('delete from @spaces where id = $1', id)
  return [await logFor(context, caller, { type: 'space', action: 'delete', itemId: id }, members)]
}

const logEdit = (context: Context, caller: Caller, spaceId: string) =>
  logForMembers(context, caller, { type: 'space', action: 'edit', itemId: spaceId }, spaceId)

export async function addMember(context: Context, spaceId: string, userId: string, role: string): Promise<void> {
  const text = 'insert into @spaces_users (space_id, user_id, role, created, updated) values ($1, $2, $3, $4, $4)'
  await context.database.query(text, spaceId, userId, role, timestamp(context))
}

interface Membership extends Members {
  readonly user_id: string
  readonly role: string
}

async function findMember({ database }: Context, spaceId: string, userId: string): Promise<Membership | undefined> {
  const text =
    'select id, space_id, user_id, role, created, updated from @spaces_users where space_id = $1 and user_id = $2 order by id limit 1'
  const [row] = await database.query<Membership>(text, spaceId, userId)
  return row
}

/** The role is not compared with any list, nor with the caller's own (turtl §5.4). */
export async function editMember(context: Context, caller: Caller, spaceId: string, userId: string, body: unknown): Promise<Members> {
  await demand(context, caller, spaceId, 'edit-space-member')
  const role = isObject(body) ? body.role : undefined
  if (typeof role !== 'string') throw new Refusal(400, 'role is missing')
  const member = await findMember(context, spaceId, userId)
  if (!member) throw new Refusal(404, 'no such member')
  if (member.role === 'owner') throw new Refusal(403, 'the owner keeps that role')
  await context.database.query(
    'update @spaces_users set role = $3, updated = $4 where space_id = $1 and user_id = $2',
    spaceId,
    userId,
    role,
    timestamp(context),
  )
  return { ...member, role, sync_ids: [await logEdit(context, caller, spaceId)] }
}

/** Nothing is re-keyed (turtl §5.5): the member goes, and with them their keychain entry. */
export async function removeMember(context: Context, caller: Caller, spaceId: string, userId: string): Promise<true> {
  if (caller.id !== userId) await demand(context, caller, spaceId, 'delete-space-member')
  const member = await findMember(context, spaceId, userId)
  if (!member) throw new Refusal(500, 'no such member') // as the original does (turtl §9)
  if (member.role === 'owner') throw new Refusal(403, 'the owner cannot leave')
  await context.database.query('delete from @spaces_users where space_id = $1 and user_id = $2', spaceId, userId)
  await context.database.query('delete from @keychain where item_id = $1 and user_id = $2', spaceId, userId)
  await logFor(context, caller, { type: 'space', action: 'unshare', itemId: spaceId }, [userId])
  await logEdit(context, caller, spaceId)
  return true
}

/** The old owner becomes an admin. */
export async function setOwner(context: Context, caller: Caller, spaceId: string, userId: string): Promise<Members> {
  await demand(context, caller, spaceId, 'set-space-owner')
  if (!(await findMember(context, spaceId, userId))) throw new Refusal(404, 'no such member')
  const { database } = context
  const [space] = await database.query<{ data: Members }>('select data from @spaces where id = $1', spaceId)
  const setRole = 'update @spaces_users set role = $3, updated = $4 where space_id = $1 and user_id = $2'
  await database.query(setRole, spaceId, String(space?.data.user_id ?? caller.id), 'admin', timestamp(context))
  await database.query(setRole, spaceId, userId, 'owner', timestamp(context))
  const data = JSON.stringify({ ...space?.data, user_id: userId })
  await database.query('update @spaces set data = $2, updated = $3 where id = $1', spaceId, data, timestamp(context))
  const syncIds = [await logEdit(context, caller, spaceId)]
  return { ...(await loadObject(context, 'space', spaceId)), sync_ids: syncIds }
}

async function findUserId({ database }: Context, username: string): Promise<string | undefined> {
  const [row] = await database.query<{ id: string }>('select id from @users where username = $1 order by id limit 1', username)
  return row?.id
}

/** A second invite to one address answers with the first. The address is stored as sent (turtl §5.1). */
export async function sendInvite(context: Context, caller: Caller, spaceId: string, body: unknown): Promise<Members> {
  const invite = validate('invite', body)
  await demand(context, caller, spaceId, 'add-space-invite')
  if (!caller.confirmed) throw new Refusal(403, 'confirm your account first')
  if (invite.space_id !== spaceId) throw new Refusal(400, 'the invite is for another space')
  const { database } = context
  const to = String(invite.to_user)
  const recipient = await findUserId(context, to)
  if (recipient !== undefined && (await findMember(context, spaceId, recipient))) throw new Refusal(409, 'already a member')
  const [old] = await database.query<{ id: string }>(
    'select id from @spaces_invites where space_id = $1 and to_user = $2 limit 1',
    spaceId,
    to,
  )
  if (old) return (await loadObject(context, 'invite', old.id)) ?? {}
  await database.query(
    'insert into @spaces_invites (id, space_id, from_user_id, to_user, data, created, updated) values ($1, $2, $3, $4, $5, $6, $6)',
    String(invite.id),
    spaceId,
    caller.id,
    to,
    JSON.stringify(invite),
    timestamp(context),
  )
  const syncIds = [await logEdit(context, caller, spaceId)]
  if (recipient !== undefined)
    syncIds.push(await logFor(context, caller, { type: 'invite', action: 'add', itemId: String(invite.id) }, [recipient]))
  return { ...(await loadObject(context, 'invite', String(invite.id))), sync_ids: syncIds }
}

async function needInvite(context: Context, spaceId: string, id: string): Promise<Members> {
  const invite = await loadObject(context, 'invite', id)
  if (invite?.space_id !== spaceId) throw new Refusal(404, 'no such invite')
  return invite
}

/** Only the role changes. */
export async function editInvite(context: Context, caller: Caller, spaceId: string, id: string, body: unknown): Promise<Members> {
  await demand(context, caller, spaceId, 'edit-space-invite')
  const { from_username: _, ...invite } = await needInvite(context, spaceId, id)
  const role = isObject(body) ? body.role : undefined
  if (typeof role !== 'string') throw new Refusal(400, 'role is missing')
  const data = JSON.stringify({ ...invite, role })
  await context.database.query('update @spaces_invites set data = $2, updated = $3 where id = $1', id, data, timestamp(context))
  const syncIds = [await logEdit(context, caller, spaceId)]
  const recipient = await findUserId(context, String(invite.to_user))
  if (recipient !== undefined) syncIds.push(await logFor(context, caller, { type: 'invite', action: 'edit', itemId: id }, [recipient]))
  return { ...(await loadObject(context, 'invite', id)), sync_ids: syncIds }
}

/** By the addressee, who declines, or by a member who may. */
export async function deleteInvite(context: Context, caller: Caller, spaceId: string, id: string): Promise<true> {
  const invite = await needInvite(context, spaceId, id)
  if (invite.to_user !== caller.username) await demand(context, caller, spaceId, 'delete-space-invite')
  await withdrawInvite(context, caller, invite)
  await logEdit(context, caller, spaceId)
  return true
}

async function withdrawInvite(context: Context, caller: Caller, { id, to_user }: Members): Promise<void> {
  await context.database.query('delete from @spaces_invites where id = $1', String(id))
  const recipient = await findUserId(context, String(to_user))
  if (recipient !== undefined) await logFor(context, caller, { type: 'invite', action: 'delete', itemId: String(id) }, [recipient])
}

/**
 * Makes the addressee a member. Addresses are compared exactly (turtl §5.1).
 *
 * @returns the space with all its members and invites; its `sync_ids` are the ids of its members, as the original has it (turtl §9).
 */
export async function acceptInvite(context: Context, caller: Caller, spaceId: string, id: string): Promise<Members> {
  const invite = await needInvite(context, spaceId, id)
  if (invite.to_user !== caller.username) throw new Refusal(403, 'the invite is for somebody else')
  if (!caller.confirmed) throw new Refusal(403, 'confirm your account first')
  if (await findMember(context, spaceId, caller.id)) throw new Refusal(409, 'already a member')
  await addMember(context, spaceId, caller.id, String(invite.role))
  await logFor(context, caller, { type: 'space', action: 'share', itemId: spaceId }, [caller.id])
  await withdrawInvite(context, caller, invite)
  await logEdit(context, caller, spaceId)
  return { ...(await loadObject(context, 'space', spaceId)), sync_ids: await memberIds(context, spaceId) }
}
