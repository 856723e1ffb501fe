/**
 * Accepting an invite (turtl §5.3) without its gap. The original core accepts, and sends the space key to its own keychain
 * afterwards: a device that dies in between leaves a member without a key, who cannot even be invited again. Here the
 * keychain entry is on the server first, which takes one for any space, and the server is asked to accept when it has it:
 *
 *   1  the invite is opened; a wrong passphrase ends it here, and nothing was sent
 *   2  the keychain entry is noted down, sealed, and sent until the server has confirmed it
 *   3  the invite is accepted
 *   4  the space is opened with the key
 *
 * After a crash `resumeInvites` goes on from what was noted down, without the passphrase: the key is in the keychain.
 */
import { AuthenticationError, decodeBase64, HoldfastError, Secret, textOf } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { openInvite, type SealedInvite } from '@holdfast/keys'
import type { TurtlAccount } from '../account'
import type { TurtlClient } from '../client'
import type { WireFields } from '../client/answers'
import { TurtlRejection } from '../client/turtl-error'
import type { IdSource } from '../id-source'
import type { Space } from '../models/space'
import { type Change, makeSyncRecords } from '../models/sync-record'
import type { TurtlStore } from '../store'
import { loadUserKeyPair } from '../user-key-pair'

export interface AcceptWorld {
  readonly engine: Engine
  readonly account: TurtlAccount
  readonly client: TurtlClient
  readonly ids: IdSource
  /** Where the device keeps the account: for the journal. */
  readonly store: TurtlStore
}

export type Accepted =
  /** The space is open in the account; its boards and notes come with the next sync. */
  | { readonly kind: 'accepted'; readonly space: Space }
  /** The server does not take it: revoked, for another address, or of an account that is not confirmed. Nothing is left behind. */
  | { readonly kind: 'refused'; readonly spaceId: string; readonly status: number }
  /** The space does not open with the key in the invite, which may be older than it. One is a member: leave, and ask for another. */
  | { readonly kind: 'wrong-key'; readonly spaceId: string }
  /** On resuming only: the password was changed in between. Accept the invite again. */
  | { readonly kind: 'stale'; readonly spaceId: string }

interface Acceptance {
  readonly inviteId: string
  readonly spaceId: string
  /** The keychain entry as it is sent: its key is sealed under the master key. */
  readonly entry: Change
}

/**
 * @param invite its public form, as it came with a sync.
 * @param passphrase `null`: the invite has none.
 * @throws {AuthenticationError} `auth_failed`: wrong passphrase, another recipient's, or damaged; nothing was sent.
 * @throws {StructureError} as `openInvite`.
 * @throws {HoldfastError} `already_member`: the space is open here. Anyone can make an invite that names it (turtl §7.2), and
 *   its key would take the place of the right one.
 * @throws {HoldfastError} `keychain_refused`, and the client's codes: call again, or `resumeInvites`.
 * @example
 * ```ts
 * const outcome = await acceptInvite(world, invite, passphrase)
 * if (outcome.kind === 'accepted') console.log(outcome.space.data.title)
 * ```
 */
export async function acceptInvite(world: AcceptWorld, invite: WireFields, passphrase: string | null): Promise<Accepted> {
  const inviteId = textOf(invite.id)
  const spaceId = textOf(invite.space_id)
  const noted = (await loadAcceptances(world.store))[inviteId]
  if (!noted && world.account.keyOf(spaceId)) throw isMember(spaceId)
  const key = openForUser(world, invite, passphrase)
  try {
    const acceptance = noted ?? { inviteId, spaceId, entry: await world.account.makeKeychainEntry(spaceId, key) }
    await noteDown(world.store, (all) => ({ ...all, [inviteId]: acceptance }))
    return await finishAcceptance(world, acceptance, key)
  } finally {
    key.wipe()
  }
}

/** Goes on with what a crash broke off; once after a start, when the server can be reached. @throws as `acceptInvite`, but for what concerns the passphrase. */
export async function resumeInvites(world: AcceptWorld): Promise<readonly Accepted[]> {
  const outcomes: Accepted[] = []
  for (const acceptance of Object.values(await loadAcceptances(world.store))) outcomes.push(await resume(world, acceptance))
  return outcomes
}

/** Turns an invite down; the inviter is not asked. */
export async function declineInvite({ client }: Pick<AcceptWorld, 'client'>, invite: WireFields): Promise<void> {
  await client.deleteInvite(textOf(invite.space_id), textOf(invite.id))
}

function openForUser({ engine, account }: AcceptWorld, invite: WireFields, passphrase: string | null): Secret<'turtl-object-key'> {
  const pair = invite.is_pubkey_protected === true ? loadUserKeyPair(engine, account.user) : undefined
  if (!pair) return openInvite(engine, invite as unknown as SealedInvite, passphrase)
  try {
    return pair.secretKey.use((secretKey) =>
      openInvite(engine, invite as unknown as SealedInvite, passphrase, { publicKey: pair.publicKey, secretKey }),
    )
  } finally {
    pair.secretKey.wipe()
  }
}

async function resume(world: AcceptWorld, acceptance: Acceptance): Promise<Accepted> {
  const key = openEntry(world.account, acceptance)
  if (!key) {
    await forget(world.store, acceptance)
    return { kind: 'stale', spaceId: acceptance.spaceId }
  }
  try {
    return await finishAcceptance(world, acceptance, key)
  } finally {
    key.wipe()
  }
}

function openEntry(account: TurtlAccount, { entry }: Acceptance): Secret<'turtl-object-key'> | undefined {
  try {
    const bytes = decodeBase64(account.openKeychainEntry(entry.data).data.k, 'key in a keychain entry')
    const key = new Secret('turtl-object-key', bytes, 32)
    bytes.fill(0)
    return key
  } catch (error) {
    if (error instanceof AuthenticationError) return undefined
    throw error
  }
}

async function finishAcceptance(world: AcceptWorld, acceptance: Acceptance, key: Secret<'turtl-object-key'>): Promise<Accepted> {
  const { spaceId, entry } = acceptance
  await sendToKeychain(world, entry)
  const answer = await acceptOrFind(world, acceptance)
  if (answer instanceof TurtlRejection) return giveUp(world, acceptance, { kind: 'refused', spaceId, status: answer.status })
  try {
    const space = world.account.adoptSpace(answer, key, entry.item_id)
    await forget(world.store, acceptance)
    return { kind: 'accepted', space }
  } catch (error) {
    if (!(error instanceof AuthenticationError)) throw error
    return giveUp(world, acceptance, { kind: 'wrong-key', spaceId })
  }
}

/** The same entry twice is one. */
async function sendToKeychain({ account, client, ids }: AcceptWorld, change: Change): Promise<void> {
  const sent = await makeSyncRecords(ids, account.user.id, [change])
  const { success, failures } = await client.sendChanges(sent)
  if (success.some(({ id }) => id === sent[0]?.id)) return
  const [failure] = failures
  throw new HoldfastError(
    'keychain_refused',
    `not done: the server did not take a change to the keychain (${failure?.code ?? failure?.reason ?? 'no answer to it'}); try again`,
    { retry: { safe: true }, remedy: 'retry' },
  )
}

/** A refusal may mean that the answer of an earlier call was lost: then the space is there. */
async function acceptOrFind({ client }: AcceptWorld, { spaceId, inviteId }: Acceptance): Promise<WireFields | TurtlRejection> {
  try {
    const { data } = await client.acceptInvite(spaceId, inviteId)
    return data
  } catch (error) {
    if (!(error instanceof TurtlRejection) || error.status >= 500) throw error
    const { records } = await client.fetchFullSync()
    return records.find(({ type, data }) => type === 'space' && textOf(data.id) === spaceId)?.data ?? error
  }
}

async function giveUp(world: AcceptWorld, acceptance: Acceptance, outcome: Accepted): Promise<Accepted> {
  const { item_id, type } = acceptance.entry
  await sendToKeychain(world, { action: 'delete', type, item_id, data: { id: item_id } })
  await forget(world.store, acceptance)
  return outcome
}

const isMember = (spaceId: string) =>
  new HoldfastError('already_member', `not accepted: space ${spaceId} is open in this account already; decline the invite`)

type Acceptances = Readonly<Record<string, Acceptance>>
const JOURNAL = 'sharing:accepting'

const parse = (text: string | undefined): Acceptances => (text === undefined ? {} : (JSON.parse(text) as Acceptances))

const loadAcceptances = (store: TurtlStore): Promise<Acceptances> => store.transact((tx) => parse(tx.get('value', JOURNAL)))

const noteDown = (store: TurtlStore, change: (all: Acceptances) => Acceptances): Promise<void> =>
  store.transact((tx) => tx.put('value', JOURNAL, JSON.stringify(change(parse(tx.get('value', JOURNAL))))))

const forget = (store: TurtlStore, { inviteId }: Acceptance): Promise<void> =>
  noteDown(store, (all) => Object.fromEntries(Object.entries(all).filter(([id]) => id !== inviteId)))
