/**
 * Who may do what in a space (turtl §5.4). The server enforces this from its membership table; here it spares a request
 * that would be refused. A role has no cryptographic meaning: every member, a guest too, holds the same space key.
 */
import { HoldfastError } from '@holdfast/base'
import { ROLES, type Role } from '../models/role'
import type { Member, Space } from '../models/space'

const OF_MEMBERS = ['add-note', 'edit-note', 'delete-note'] as const
const OF_MODERATORS = ['add-board', 'edit-board', 'delete-board'] as const
const OF_ADMINS = [
  'edit-space',
  'edit-space-member',
  'delete-space-member',
  'add-space-invite',
  'edit-space-invite',
  'delete-space-invite',
] as const
const OF_OWNERS = ['set-space-owner', 'delete-space'] as const

/** Whatever is not listed, reading above all, every member may; fetching an attachment takes `edit-note` (turtl §5.4). */
export const PERMISSIONS = [...OF_MEMBERS, ...OF_MODERATORS, ...OF_ADMINS, ...OF_OWNERS] as const
export type Permission = (typeof PERMISSIONS)[number]

const GRANTED: Readonly<Record<Role, readonly Permission[]>> = {
  owner: PERMISSIONS,
  admin: [...OF_MEMBERS, ...OF_MODERATORS, ...OF_ADMINS],
  moderator: [...OF_MEMBERS, ...OF_MODERATORS],
  member: OF_MEMBERS,
  guest: [],
}

/**
 * @example
 * ```ts
 * mayDo('moderator', 'add-board') // true
 * ```
 */
export function mayDo(role: Role, permission: Permission): boolean {
  return GRANTED[role].includes(permission)
}

/** The user's role in a space; its owner is `owner` whatever the list of members says. `undefined`: no member. */
export function roleIn(space: Pick<Space, 'user_id' | 'members'>, userId: string): Role | undefined {
  if (space.user_id === userId) return 'owner'
  return memberOf(space, userId)?.role
}

export function memberOf(space: Pick<Space, 'members'>, userId: string): Member | undefined {
  return space.members.find(({ user_id }) => user_id === userId)
}

/** Whether `role` is `than` or above it. */
export function isAtLeast(role: Role, than: Role): boolean {
  return ROLES.indexOf(role) <= ROLES.indexOf(than)
}

/** @throws {HoldfastError} `permission_denied`. */
export function refuseUnlessPermitted(space: Space, userId: string, permission: Permission): Role {
  const role = roleIn(space, userId)
  if (role && GRANTED[role]?.includes(permission)) return role
  throw new HoldfastError(
    'permission_denied',
    `not permitted: ${permission} in space ${space.id} as ${role ?? 'nobody of its members'}; ask an admin or the owner of the space`,
  )
}

/**
 * The original server takes any role from any admin (turtl §5.4): an admin could make owners.
 *
 * @throws {HoldfastError} `role_above_own`.
 */
export function refuseAboveOwn(own: Role, given: Role): void {
  if (isAtLeast(own, given)) return
  throw new HoldfastError(
    'role_above_own',
    `not permitted: ${given} cannot be given by ${own}; give a role up to your own, or ask the owner`,
  )
}
