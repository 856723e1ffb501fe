/** Invites on their way out (turtl §5.3). The members of the space hear of every change to them from the server's log. */
import { type Bytes, decodeBase64, HoldfastError, textOf } from '@holdfast/base'
import { fingerprintOf } from '@holdfast/keys'
import type { TurtlAccount } from '../account'
import type { TurtlClient } from '../client'
import type { Role } from '../models/role'
import type { Space } from '../models/space'
import { type InviteDraft, type InviteWorld, type MadeInvite, makeInvite } from './make-invite'
import { refuseAboveOwn, refuseUnlessPermitted } from './permissions'

export interface SharingWorld extends InviteWorld {
  readonly client: TurtlClient
}

/** Somebody with an account, as the server tells it: the public key is the server's word alone until fingerprints were compared. */
export interface Recipient {
  readonly username: string
  /** X25519, 32 bytes; `undefined`: none that can be sealed to. */
  readonly publicKey: Bytes | undefined
  readonly fingerprint: string | undefined
}

/** @returns `undefined`: nobody has joined under that e-mail; an invite waits for them all the same. */
export async function fetchRecipient(client: Pick<TurtlClient, 'findUser'>, email: string): Promise<Recipient | undefined> {
  const found = await client.findUser(email)
  if (!found) return undefined
  const publicKey = decodePublicKey(found.pubkey)
  return { username: textOf(found.username), publicKey, fingerprint: publicKey && fingerprintOf(publicKey) }
}

function decodePublicKey(pubkey: unknown): Bytes | undefined {
  if (typeof pubkey !== 'string') return undefined
  const bytes = decodeBase64(pubkey, 'public key of a user', 'optional')
  return bytes.length === 32 ? bytes : undefined
}

/**
 * Makes an invite and sends it. After `turtl_unreachable` it may have arrived; then it stands among the invites of the
 * space once that is synced, and a second one is refused.
 *
 * @throws {HoldfastError} as `makeInvite`; `already_invited` also when only the server knew.
 * @example
 * ```ts
 * const bob = await fetchRecipient(client, 'bob@example.org')
 * const passphrase = makeInvitePassphrase(engine.random)
 * await sendInvite(world, { spaceId, to: 'bob@example.org', role: 'member', title: 'Recipes', passphrase })
 * ```
 */
export async function sendInvite(world: SharingWorld, draft: InviteDraft): Promise<MadeInvite> {
  const made = await makeInvite(world, draft)
  const { data } = await world.client.sendInvite(draft.spaceId, made.invite)
  // The server answers with the invite it has already, and takes nothing of the new one (turtl §5.3).
  if (data.id === undefined || textOf(data.id) === made.invite.id) return made
  throw new HoldfastError(
    'already_invited',
    `invite not sent: that address has one to space ${draft.spaceId} already (${textOf(data.id)}), which opens as it did; revoke it first`,
  )
}

/** Changes the role an invite gives; nothing else of an invite can be changed. @throws {HoldfastError} `permission_denied`, `role_above_own`, `not_found`. */
export async function editInvite({ account, client }: SharingWorld, spaceId: string, inviteId: string, role: Role): Promise<void> {
  const space = openSpace(account, spaceId)
  refuseAboveOwn(refuseUnlessPermitted(space, account.user.id, 'edit-space-invite'), role)
  const invite = space.invites.find(({ id }) => id === inviteId)
  if (!invite) throw new HoldfastError('not_found', `no such invite: ${inviteId} is not among those of space ${spaceId}; sync first`)
  await client.editInvite(spaceId, inviteId, { ...invite, role })
}

/** Takes an invite back. Who has seen it and can open it knows the space key: a space that must stay closed to them is to be rotated. */
export async function revokeInvite({ account, client }: SharingWorld, spaceId: string, inviteId: string): Promise<void> {
  refuseUnlessPermitted(openSpace(account, spaceId), account.user.id, 'delete-space-invite')
  await client.deleteInvite(spaceId, inviteId)
}

/** @throws {HoldfastError} `not_found`. */
export function openSpace(account: TurtlAccount, spaceId: string): Space {
  const space = account.spaces.get(spaceId)
  if (space) return space
  throw new HoldfastError('not_found', `no such space: ${spaceId} is not open in this account; sync first`)
}
