/** Roles are the server's alone: every member holds the same key (turtl §5.4). */
import type { Caller, Context } from './context'
import { Refusal } from './refusal'

const NOTES = ['add-note', 'edit-note', 'delete-note'] as const
const BOARDS = ['add-board', 'edit-board', 'delete-board'] as const
const INVITES = ['add-space-invite', 'edit-space-invite', 'delete-space-invite'] as const
const MEMBERS = ['edit-space-member', 'delete-space-member'] as const
const MODERATOR = [...BOARDS, ...NOTES] as const
const ADMIN = ['edit-space', ...MEMBERS, ...INVITES, ...MODERATOR] as const
const OWNER = ['set-space-owner', 'delete-space', ...ADMIN] as const

export type Permission = (typeof OWNER)[number]

const GRANTS = new Map<string, readonly Permission[]>([
  ['owner', OWNER],
  ['admin', ADMIN],
  ['moderator', MODERATOR],
  ['member', NOTES],
  ['guest', []],
])

/** A role that is none is stored when sent, and breaks every later check with 500 (turtl §9). */
export function mayDo(role: string, permission: Permission): boolean {
  const grants = GRANTS.get(role)
  if (!grants) throw new Refusal(500, `unknown role: ${role}`)
  return grants.includes(permission)
}

/** @throws {Refusal} 403: not a member, or not with that role. 500: a role that is none. */
export async function demand(context: Context, caller: Caller, spaceId: string, permission: Permission): Promise<void> {
  const [membership] = await context.database.query<{ role: string }>(
    'select role from @spaces_users where space_id = $1 and user_id = $2 order by id limit 1',
    spaceId,
    caller.id,
  )
  if (membership && mayDo(membership.role, permission)) return
  throw new Refusal(403, `no permission: ${permission} in space ${spaceId}`)
}
