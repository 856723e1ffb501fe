/**
 * Members of a space (turtl §5.4). Each of these changes what the server lets somebody do, and nothing else: who was removed
 * keeps every key seen, until the space is rotated (`rotateSpace`).
 */
import { HoldfastError } from '@holdfast/base'
import type { Role } from '../models/role'
import type { Member, Space } from '../models/space'
import { memberOf, refuseAboveOwn, refuseUnlessPermitted } from './permissions'
import { openSpace, type SharingWorld } from './send-invite'

/** Neither the owner nor anybody above one's own role. @throws {HoldfastError} `permission_denied`, `role_above_own`, `is_owner`, `not_found`. */
export async function editMember({ account, client }: SharingWorld, spaceId: string, userId: string, role: Role): Promise<void> {
  const space = openSpace(account, spaceId)
  const own = refuseUnlessPermitted(space, account.user.id, 'edit-space-member')
  const member = otherThanOwner(space, userId)
  refuseAboveOwn(own, member.role)
  refuseAboveOwn(own, role)
  await client.editMember(spaceId, userId, role)
}

/** The server takes access away; nothing is given a new key. @throws as `editMember`. */
export async function removeMember({ account, client }: SharingWorld, spaceId: string, userId: string): Promise<void> {
  const space = openSpace(account, spaceId)
  const own = refuseUnlessPermitted(space, account.user.id, 'delete-space-member')
  refuseAboveOwn(own, otherThanOwner(space, userId).role)
  await client.removeMember(spaceId, userId)
}

/** Leaves a space of somebody else; one's own is given away first, or deleted. @throws {HoldfastError} `is_owner`, `not_found`. */
export async function leaveSpace({ account, client }: SharingWorld, spaceId: string): Promise<void> {
  otherThanOwner(openSpace(account, spaceId), account.user.id)
  await client.removeMember(spaceId, account.user.id)
}

/** Makes a member the owner; the one until now becomes an admin. @throws {HoldfastError} `permission_denied`, `not_found`. */
export async function setOwner({ account, client }: SharingWorld, spaceId: string, userId: string): Promise<void> {
  const space = openSpace(account, spaceId)
  refuseUnlessPermitted(space, account.user.id, 'set-space-owner')
  if (!memberOf(space, userId)) throw noMember(space, userId)
  await client.setOwner(spaceId, userId)
}

function otherThanOwner(space: Space, userId: string): Member {
  if (space.user_id === userId)
    throw new HoldfastError('is_owner', `not done: user ${userId} owns space ${space.id}; make somebody else its owner first`)
  const member = memberOf(space, userId)
  if (!member) throw noMember(space, userId)
  return member
}

const noMember = (space: Space, userId: string) =>
  new HoldfastError('not_found', `no such member: user ${userId} is not in space ${space.id}; sync first`)
