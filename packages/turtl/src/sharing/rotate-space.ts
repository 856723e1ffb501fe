/**
 * Rotation: what Turtl lacks when a member is removed (turtl §5.5). Removal alone takes away access at the server, and the
 * space key stays: whoever was removed reads everything written later, if the ciphertext reaches them.
 *
 * The original protocol hands a space key to another person in one way only, an invite, and takes none for who is a member
 * already; a keychain entry can be written by its owner alone (§5.3, §6.8). So the space is not given another key: its
 * contents move to a new space, its *successor*, whose key nobody has but its owner, and the remaining members are invited
 * to it. At each step every object is in the one space or the other as the original core takes it.
 *
 *   1  the members are removed, and open invites to the space, which carry its key, are revoked
 *   2  the successor is made: same title and colour; its keychain entry says which space it succeeds, which is where nobody but
 *      its owner can say so: whoever could name another successor would be sent everything
 *   3  every board and note moves there and gets a new key, its attachment too (move-objects.ts)
 *   4  the server is read anew, until nothing is left behind
 *
 * Inviting comes last and is the caller's: only the owner's devices can write to the successor while keys change. Nothing
 * secret is kept on the way: new keys are on the server, wrapped, before anything depends on them. The old space stays, for
 * what devices that have not heard of it still send there; the next call moves that too.
 */
import { decodeBase64, equalBytes, HoldfastError, textOf } from '@holdfast/base'
import type { TurtlAccount } from '../account'
import type { TurtlClient } from '../client'
import type { WireFields } from '../client/answers'
import { TurtlRejection, unlessGone } from '../client/turtl-error'
import type { KeychainEntry } from '../models/keychain-entry'
import type { Member, Space } from '../models/space'
import type { Change } from '../models/sync-record'
import type { TurtlStore } from '../store'
import { LiveState } from './live-state'
import { type Moved, type MoveWorld, moveObjects, type Rekeying } from './move-objects'
import { refusePendingChanges } from './pending-changes'
import { memberOf } from './permissions'

export interface RotationWorld extends MoveWorld {
  readonly client: MoveWorld['client'] & Pick<TurtlClient, 'removeMember' | 'deleteInvite'>
  /** Where the device keeps the account: for the journal, and for changes that have to be sent first. */
  readonly store: TurtlStore
}

export interface RotationOrder {
  readonly spaceId: string
  /** Ids of the users to remove; those who are no members any more are passed over. */
  readonly remove: readonly string[]
  /**
   * `everything`: nothing that is written from now on opens with a key the removed members ever held. `boards`: notes keep
   * their keys, so later versions of a note do open for who saw it before; new notes do not. Cheaper by the attachments.
   */
  readonly rekey?: Exclude<Rekeying, 'nothing'>
}

export interface Rotated extends Moved {
  /** The successor. */
  readonly spaceId: string
  /** Who was in the old space and is neither in the successor nor invited there: invite them with the role they had. Nobody before `isComplete`. */
  readonly toInvite: readonly Member[]
  /** E-mails whose invite to the old space was revoked. */
  readonly revoked: readonly string[]
}

/** In the keychain entry of a successor; the original core passes it over, and drops it when the password changes. */
interface Succession {
  readonly succeeds: string
  readonly unfinished?: true
}

interface JournalRecord {
  /** The successor, once something in it has a new key. */
  readonly to?: string
  /** What has its new key: another device may have moved more than this one knows of, so what has not is not listed. */
  readonly done: readonly string[]
  readonly revoked: readonly string[]
}

/**
 * Removes members and gives the space a successor under a new key. A call that failed is made again, on this device or on
 * another one of the owner: it goes on where the last one stopped. Later calls move what has come to the old space since.
 *
 * @throws {HoldfastError} `not_owner`, `not_found`, `pending_changes`, `rotation_refused`, and the client's codes.
 * @example
 * ```ts
 * const { spaceId, toInvite } = await rotateSpace(world, { spaceId: old, remove: [userId] })
 * for (const { username, role } of toInvite) await sendInvite(world, { spaceId, to: username, role, title, passphrase: makeInvitePassphrase(random) })
 * ```
 */
export async function rotateSpace(world: RotationWorld, { spaceId, remove, rekey = 'everything' }: RotationOrder): Promise<Rotated> {
  await refusePendingChanges(world.store, spaceId)
  const state = await LiveState.fetch(world)
  const account = state.open()
  try {
    const space = ownedSpace(account, spaceId)
    for (const userId of remove) if (memberOf(space, userId)) await removeOnce(world, spaceId, userId)
    const journal = openJournal(world.store, spaceId)
    const remembered = await journal.load()
    const revoked = [...new Set([...remembered.revoked, ...space.invites.map(({ to_user }) => textOf(to_user))])]
    await journal.save({ ...remembered, revoked })
    await revokeInvites(world, space)
    const route = findSuccessor(state, account, spaceId) ?? (await makeSuccessor(state, account, space, remembered.to))
    const { to, sources, isUnfinished } = route
    const done = remembered.to === to ? remembered.done : []
    const getsNewKey = (id: string) => (rekey === 'everything' || state.boards.has(id)) && !done.includes(id)
    const moved = await moveObjects(world, state, {
      to,
      rekey,
      waiting: (current) => sources.flatMap((source) => objectsIn(current, source)),
      stale: (current) => wrappedElsewhere(current, to),
      pending: isUnfinished ? objectsIn(state, to).filter(getsNewKey) : [],
      remember: (rekeyed) => journal.save({ to, revoked, done: [...done, ...rekeyed] }),
    })
    if (!moved.isComplete) return { ...moved, spaceId: to, toInvite: [], revoked }
    const successor = await finish(world, spaceId, to)
    await journal.remove()
    return { ...moved, spaceId: to, toInvite: uninvited(space, successor, remove), revoked }
  } finally {
    account.wipe()
  }
}

function ownedSpace(account: TurtlAccount, spaceId: string): Space {
  const space = account.spaces.get(spaceId)
  if (!space) throw new HoldfastError('not_found', `no such space: ${spaceId} is not among those this account can open; fetch them first`)
  if (space.user_id === account.user.id) return space
  throw new HoldfastError(
    'not_owner',
    `not rotated: space ${spaceId} belongs to user ${space.user_id}, and a successor belongs to whoever makes it; ask the owner`,
  )
}

/** Removing somebody who is gone is refused (turtl §9), as the second of two requests of which the network made one. */
async function removeOnce(world: RotationWorld, spaceId: string, userId: string): Promise<void> {
  try {
    await world.client.removeMember(spaceId, userId)
  } catch (error) {
    if (!(error instanceof TurtlRejection)) throw error
    const account = (await LiveState.fetch(world)).open()
    const space = account.spaces.get(spaceId)
    account.wipe()
    if (space && memberOf(space, userId)) throw error
  }
}

/** They carry the space key, and let whoever has one in. */
async function revokeInvites({ client }: RotationWorld, space: Space): Promise<void> {
  // Gone: accepted, declined or revoked meanwhile.
  for (const { id } of space.invites) await unlessGone(client.deleteInvite(space.id, textOf(id)))
}

interface Route {
  readonly to: string
  readonly sources: readonly string[]
  readonly isUnfinished: boolean
}

/** The last successor of successors. Two devices that start at once make two: the lower id counts, and the other is moved as well. */
function findSuccessor(state: LiveState, account: TurtlAccount, spaceId: string): Route | undefined {
  const sources = [spaceId]
  let end: Successor | undefined
  for (let at = spaceId; ; ) {
    const [next, ...siblings] = successorsOf(state, account, at).filter(({ id }) => !sources.includes(id))
    if (!next) break
    sources.push(...(end ? [end.id] : []), ...siblings.map(({ id }) => id))
    end = next
    at = next.id
  }
  return end && { to: end.id, sources, isUnfinished: end.succession.unfinished === true }
}

/** @param remembered by this device: the successor, whose mark is gone when another application has changed the password. */
async function makeSuccessor(state: LiveState, account: TurtlAccount, { id, data }: Space, remembered: string | undefined): Promise<Route> {
  if (remembered !== undefined && account.spaces.has(remembered)) return { to: remembered, sources: [id], isUnfinished: true }
  const succession: Succession = { succeeds: id, unfinished: true }
  const { objects, changes } = await account.saveSpaces([{ data, inKeychain: { [MARK]: succession } }])
  await sendOrThrow(state, changes, `the successor of space ${id}`)
  return { to: objects[0]?.id ?? '', sources: [id], isUnfinished: false }
}

interface Successor {
  readonly id: string
  readonly entry: KeychainEntry
  readonly succession: Succession
}

function successorsOf(state: LiveState, account: TurtlAccount, spaceId: string): readonly Successor[] {
  return [...state.keychain.values()]
    .flatMap((wire) => openSuccessor(account, wire) ?? [])
    .filter(({ succession }) => succession.succeeds === spaceId)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

const MARK = 'holdfast'

const withMark = (entry: KeychainEntry, succession: Succession): KeychainEntry => ({
  ...entry,
  data: { ...entry.data, [MARK]: succession } as KeychainEntry['data'],
})

/** A marked entry whose key is the one that opens the space: which space an entry is for, the server could say wrongly. */
function openSuccessor(account: TurtlAccount, wire: WireFields): Successor | undefined {
  try {
    const entry = account.openKeychainEntry(wire)
    const succession = (entry.data as { readonly [MARK]?: Partial<Succession> | null })[MARK]
    const key = decodeBase64(entry.data.k, 'key in a keychain entry', 'optional')
    const isItsKey = account.keyOf(entry.item_id)?.use((bytes) => equalBytes(bytes, key)) === true
    key.fill(0)
    if (!isItsKey || !account.spaces.has(entry.item_id) || typeof succession?.succeeds !== 'string') return undefined
    return { id: entry.item_id, entry, succession: succession as Succession }
  } catch (error) {
    if (error instanceof HoldfastError) return undefined // an entry that does not open marks nothing
    throw error
  }
}

async function sendOrThrow(state: LiveState, changes: readonly Change[], what: string): Promise<void> {
  if (changes.length === 0) return
  const { refused } = await state.send(changes)
  await state.refresh()
  const [code] = refused.values()
  if (code === undefined) return
  throw new HoldfastError('rotation_refused', `not rotated: the server refused ${what} (${code}); look at the account, then call again`)
}

/** Boards first, each by their ids. */
function objectsIn({ boards, notes }: LiveState, spaceId: string): readonly string[] {
  return [boards, notes].flatMap((table) =>
    [...table.values()].flatMap(({ id, space_id }) => (textOf(space_id) === spaceId ? [textOf(id)] : [])).sort(),
  )
}

/** Written by a device that knew the old space alone: the server keeps the place and takes the keys (turtl §6.8). */
function wrappedElsewhere(state: LiveState, spaceId: string): readonly string[] {
  return objectsIn(state, spaceId).filter((id) => {
    const keys = (state.boards.get(id) ?? state.notes.get(id))?.keys
    const spaces = (Array.isArray(keys) ? keys : []).flatMap((entry: { readonly s?: unknown } | null) => entry?.s ?? [])
    return spaces.length > 0 && !spaces.some((space) => textOf(space) === spaceId)
  })
}

/**
 * Settings that name the old space name the successor, so that nobody goes on writing to the old one. The mark of being
 * unfinished goes: from here on a lost journal does not mean that every key is replaced again.
 */
async function finish(world: RotationWorld, from: string, to: string): Promise<Space> {
  const state = await LiveState.fetch(world)
  const account = state.open()
  try {
    const space = account.spaces.get(to)
    if (!space)
      throw new HoldfastError('not_found', `the successor is gone: space ${to} was deleted meanwhile; look at the account, then call again`)
    const settings = settingsWith(account.user.data.settings ?? {}, from, to)
    const unmarked = [...state.keychain.values()]
      .flatMap((wire) => openSuccessor(account, wire) ?? [])
      .filter(({ id, succession }) => id === to && succession.unfinished)
      .map(({ entry, succession: { succeeds } }) => account.saveKeychainEntry(withMark(entry, { succeeds })))
    const changes = [...(settings ? [account.saveSettings(settings)] : []), ...unmarked]
    await sendOrThrow(state, changes, `the last word on space ${to}`)
    return space
  } finally {
    account.wipe()
  }
}

/** `default_space`, and what is kept under `spaces:<id>:<key>` (turtl §4.4). @returns `undefined`: there is nothing to change. */
function settingsWith(settings: Readonly<Record<string, unknown>>, from: string, to: string): Record<string, unknown> | undefined {
  const prefix = `spaces:${from}:`
  const entries = Object.entries(settings).map(([name, value]): [string, unknown] => [
    name.startsWith(prefix) ? `spaces:${to}:${name.slice(prefix.length)}` : name,
    name === 'default_space' && value === from ? to : value,
  ])
  const isSame = entries.every(([name, value]) => Object.hasOwn(settings, name) && settings[name] === value)
  return isSame ? undefined : Object.fromEntries(entries)
}

/** The removed are left out also when this call found them gone already. */
function uninvited(old: Space, successor: Space, removed: readonly string[]): readonly Member[] {
  const invited = new Set(successor.invites.map(({ to_user }) => textOf(to_user)))
  return old.members.filter(
    ({ user_id, username }) =>
      user_id !== old.user_id && !removed.includes(user_id) && !memberOf(successor, user_id) && !invited.has(username),
  )
}

function openJournal(store: TurtlStore, spaceId: string) {
  const name = `sharing:rotation:${spaceId}`
  return {
    load: async (): Promise<JournalRecord> => {
      const text = await store.transact((tx) => tx.get('value', name))
      return text === undefined ? { done: [], revoked: [] } : (JSON.parse(text) as JournalRecord)
    },
    save: (record: JournalRecord) => store.transact((tx) => tx.put('value', name, JSON.stringify(record))),
    remove: () => store.transact((tx) => tx.remove('value', name)),
  }
}
