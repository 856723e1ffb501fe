/**
 * Invites, made so that the weak ones are chosen and not stumbled into. What Turtl offers (turtl §5.2, §7.2):
 *
 *   no passphrase, no public key   anyone who sees the invite reads the space, the server first of all
 *   a passphrase somebody thought of   whoever has the invite guesses it offline, at little cost
 *   a public key from the server   the server may have put its own in its place
 *
 * Each is refused unless the caller names it in `accept`. Sound is a passphrase from `makeInvitePassphrase` told over another
 * way, a public key whose fingerprint the recipient has read out, and best both.
 */
import { type Bytes, HoldfastError } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { fingerprintOf, isMadeInvitePassphrase, normaliseUsername, sealInvite } from '@holdfast/keys'
import type { TurtlAccount } from '../account'
import type { IdSource } from '../id-source'
import { DEFINITIONS } from '../models/codec'
import { checkShape, type WireModel } from '../models/model'
import type { Role } from '../models/role'
import { refuseAboveOwn, refuseUnlessPermitted } from './permissions'

export type Protection = 'none' | 'passphrase' | 'public-key' | 'public-key-and-passphrase'
export type InviteWeakness = 'open-to-anyone' | 'chosen-passphrase' | 'unverified-public-key'

export interface InviteDraft {
  readonly spaceId: string
  /** E-mail of the recipient; its case does not matter. */
  readonly to: string
  readonly role: Role
  /** Travels in the clear, also in an e-mail: nothing private. */
  readonly title: string
  /** From `makeInvitePassphrase`; tell it to the recipient over another way than the invite's. */
  readonly passphrase?: string
  readonly recipient?: RecipientKey
  /** Weaknesses taken into the bargain, by name. */
  readonly accept?: readonly InviteWeakness[]
}

export interface RecipientKey {
  /** X25519, 32 bytes. */
  readonly publicKey: Bytes
  /** As the recipient reads it out from `fingerprintOf` of the own key, over a way the server has no part in. */
  readonly readOutFingerprint?: string
}

export interface InviteWorld {
  readonly engine: Engine
  readonly ids: IdSource
  readonly account: TurtlAccount
}

export interface MadeInvite {
  /** The public form, to send. */
  readonly invite: WireModel
  readonly protection: Protection
  /** Empty: sound. */
  readonly weaknesses: readonly InviteWeakness[]
}

/**
 * Makes an invite to a space that is open in `account`; sends nothing.
 *
 * @throws {HoldfastError} `weak_invite`: a weakness that is not in `accept`; `fingerprint_mismatch`: never acceptable;
 *   `permission_denied`, `role_above_own`, `account_not_confirmed`, `already_member`, `already_invited`, `not_found`.
 * @throws {StructureError} `invalid_field`.
 * @example
 * ```ts
 * const passphrase = makeInvitePassphrase(engine.random)
 * const { invite } = await makeInvite({ engine, ids, account }, { spaceId, to: 'bob@example.org', role: 'member', title: 'Recipes', passphrase })
 * ```
 */
export async function makeInvite({ engine, ids, account }: InviteWorld, draft: InviteDraft): Promise<MadeInvite> {
  const { spaceId, role, title, passphrase, recipient } = draft
  const to = normaliseUsername(draft.to)
  const space = account.spaces.get(spaceId)
  const spaceKey = account.keyOf(spaceId)
  if (!space || !spaceKey)
    throw new HoldfastError('not_found', `no such space: ${spaceId} is not open in this account; an invite needs its key`)
  refuseAboveOwn(refuseUnlessPermitted(space, account.user.id, 'add-space-invite'), role)
  if (account.user.confirmed === false) throw unconfirmed()
  if (to === account.user.username || space.members.some(({ username }) => username === to)) throw already('already_member', 'a member')
  if (space.invites.some(({ to_user }) => to_user === to)) throw already('already_invited', 'invited')

  refuseAnotherFingerprint(recipient)
  const weaknesses = weaknessesOf(draft)
  const unaccepted = weaknesses.filter((weakness) => !draft.accept?.includes(weakness))
  if (unaccepted.length > 0) throw weak(unaccepted)

  const [id = ''] = await ids.makeIds(1)
  const seal = sealInvite(engine, spaceKey, { passphrase: passphrase ?? null, recipient: recipient?.publicKey ?? null })
  const { username } = account.user
  const invite = {
    id,
    space_id: spaceId,
    from_user_id: Number(account.user.id),
    from_username: username,
    to_user: to,
    role,
    title,
    ...seal,
  }
  checkShape(DEFINITIONS.invite, invite)
  return { invite, protection: protectionOf(draft), weaknesses }
}

function protectionOf({ passphrase, recipient }: InviteDraft): Protection {
  if (recipient) return passphrase === undefined ? 'public-key' : 'public-key-and-passphrase'
  return passphrase === undefined ? 'none' : 'passphrase'
}

/** A compared key is enough by itself. One that nobody compared counts as a weakness beside any passphrase: it looks like more than it is. */
function weaknessesOf({ passphrase, recipient }: InviteDraft): InviteWeakness[] {
  if (recipient?.readOutFingerprint !== undefined) return []
  if (!recipient && passphrase === undefined) return ['open-to-anyone']
  return [
    ...(recipient ? (['unverified-public-key'] as const) : []),
    ...(passphrase !== undefined && !isMadeInvitePassphrase(passphrase) ? (['chosen-passphrase'] as const) : []),
  ]
}

function refuseAnotherFingerprint(recipient: RecipientKey | undefined): void {
  if (recipient?.readOutFingerprint === undefined) return
  const digits = (text: string) => text.replaceAll(/\D/g, '')
  if (digits(recipient.readOutFingerprint) === digits(fingerprintOf(recipient.publicKey))) return
  throw new HoldfastError(
    'fingerprint_mismatch',
    'another public key: its fingerprint is not the one read out; compare again, and if it stays so, somebody is putting a key in between',
    { remedy: 'contact-support' },
  )
}

const REASONS: Readonly<Record<InviteWeakness, string>> = {
  'open-to-anyone': 'without passphrase and public key everyone who sees the invite can read the space',
  'chosen-passphrase': 'a passphrase that was not made at random can be guessed by whoever holds the invite',
  'unverified-public-key': 'nobody has compared the public key, and the server may have put its own in its place',
}

function weak(weaknesses: readonly InviteWeakness[]): HoldfastError {
  return new HoldfastError(
    'weak_invite',
    `invite not made: ${weaknesses.map((weakness) => `${weakness}, ${REASONS[weakness]}`).join('; ')}; pass a passphrase from makeInvitePassphrase, or the fingerprint the recipient reads out, or name the weakness in accept`,
  )
}

function unconfirmed(): HoldfastError {
  return new HoldfastError(
    'account_not_confirmed',
    'invite not made: the address of this account is not confirmed, and the server takes invites from confirmed ones only; follow the link in its e-mail',
  )
}

const already = (code: 'already_member' | 'already_invited', what: string) =>
  new HoldfastError(code, `invite not made: that address is ${what} already; edit or remove that first`)
