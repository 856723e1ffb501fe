/**
 * Opening a whole Turtl account from its wire objects (turtl §4.5, §4.6, §9): master key → keychain → spaces → boards →
 * notes, in a handful of bulk calls to the engine. An object that cannot be read is listed with the reason, never
 * dropped, and never stops the others.
 */
import { AuthenticationError, type Bytes, Secret, StructureError } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { type FailedAttempt, Keyring, type UnreadableReason, type Wrap } from '../keyring'
import { decodeEnvelopes } from './decode-envelopes'
import { deriveMasterKey, type MasterKey } from './master-key'
import { parsePrivateJson } from './private-json'

/** A wire object: only these members are looked at. */
export interface WireObject {
  readonly id: string
  /** Base64 of a v6 envelope over the private fields. */
  readonly body?: string
  /** `[{"s" | "b" | "u": id, "k": base64 envelope}]`; other entries are passed over. */
  readonly keys?: unknown
  readonly item_id?: string
  readonly file?: unknown
}

export interface WireAccount {
  readonly user: WireObject
  readonly keychain: readonly WireObject[]
  readonly spaces: readonly WireObject[]
  readonly boards: readonly WireObject[]
  readonly notes: readonly WireObject[]
}

/** The private fields of an object. */
export type PrivateFields = Readonly<Record<string, unknown>>

export interface OpenedObject {
  readonly id: string
  /** The wire object it was opened from. */
  readonly source: WireObject
  /** 32 bytes; opens the object, its file, and what is wrapped under it. */
  readonly key: Secret<'turtl-object-key'>
  /** The decrypted private fields, as they were written. */
  readonly data: PrivateFields
}

/** An object that no held key opens, or whose body is not what it should be. */
export interface UnreadableObject {
  readonly id: string
  readonly kind: 'keychain' | 'space' | 'board' | 'note'
  readonly reason: UnreadableReason
  /** What was tried, each with the ids from the master key's user down to the object. */
  readonly attempts: readonly FailedAttempt[]
  /** Ids of the objects whose keys are wanted and not held. */
  readonly missing: readonly string[]
}

export interface OpenedAccount {
  /** The private fields of the user record. */
  readonly user: PrivateFields
  readonly spaces: readonly OpenedObject[]
  readonly boards: readonly OpenedObject[]
  readonly notes: readonly OpenedObject[]
  /** Ids of the spaces, boards and notes that no held key opens, in the order given. */
  readonly unreadable: readonly string[]
  /** The same with the reasons, and the keychain entries that do not open. */
  readonly failures: readonly UnreadableObject[]
}

/**
 * @param username e-mail as typed.
 * @throws {AuthenticationError} `auth_failed`: the user record does not open: wrong e-mail or password.
 * @throws {StructureError} `invalid_account`: the lists are not lists of objects.
 * @example
 * ```ts
 * const { notes, unreadable } = openAccount(engine, 'alice@example.com', password, account)
 * ```
 */
export function openAccount(engine: Engine, username: string, password: string, account: WireAccount): OpenedAccount {
  checkShape(account)
  const masterKey = deriveMasterKey(engine, username, password)
  try {
    return openAccountWithMasterKey(engine, masterKey, account)
  } finally {
    masterKey.wipe()
  }
}

/** As `openAccount`, for who holds the master key already: after a login, or from a login token. */
export function openAccountWithMasterKey(engine: Engine, masterKey: MasterKey, account: WireAccount): OpenedAccount {
  checkShape(account)
  const keyring = new Keyring(engine)
  try {
    const userId = String(account.user.id)
    masterKey.use((key) => keyring.hold(userId, key))
    const { user, failures } = openUserAndKeychain(keyring, account)
    const spaces = account.spaces.map((object) => ({ kind: 'space', object }) as const)
    const boards = account.boards.map((object) => ({ kind: 'board', object }) as const)
    const notes = account.notes.map((object) => ({ kind: 'note', object }) as const)
    const opened = openObjects(engine, keyring, [...spaces, ...boards, ...notes])
    const readable = (kind: UnreadableObject['kind']) =>
      opened.flatMap((result) => (result.kind === kind && 'data' in result ? [toOpenedObject(result)] : []))
    const unreadable = opened.flatMap((result) => ('data' in result ? [] : [result]))
    return {
      user,
      spaces: readable('space'),
      boards: readable('board'),
      notes: readable('note'),
      unreadable: unreadable.map(({ id }) => id),
      failures: [...failures, ...unreadable],
    }
  } finally {
    keyring.wipe()
  }
}

function checkShape(account: WireAccount): void {
  const isObject = (value: unknown) => typeof value === 'object' && value !== null
  const lists = [account?.keychain, account?.spaces, account?.boards, account?.notes]
  if (isObject(account?.user) && lists.every((list) => Array.isArray(list) && list.every(isObject))) return
  throw new StructureError('invalid_account', {
    what: 'Turtl account',
    expected: 'a user, and lists of keychain entries, spaces, boards and notes',
    got: 'something else',
  })
}

/** Everything under the master key itself, in one call; what the keychain holds is held. */
function openUserAndKeychain(keyring: Keyring, { user, keychain }: WireAccount) {
  const userId = String(user.id)
  const objects = [user, ...keychain]
  const bodies = decodeEnvelopes(objects.map(({ body }) => body))
  const [owner, ...entries] = keyring.search(bodies.map((body) => ({ id: userId, wraps: [], body })))
  const userFields = owner?.found ? parseAndWipe(owner.plaintext) : undefined
  if (!userFields) throw new AuthenticationError('the user record')
  const failures: UnreadableObject[] = []
  const usable: { readonly entry: WireObject; readonly itemId: string; readonly key: Bytes }[] = []
  keychain.forEach((entry, i) => {
    const search = entries[i]
    const fields = search?.found ? parseAndWipe(search.plaintext) : undefined
    const [key] = decodeEnvelopes([fields?.k])
    const describe = { id: String(entry.id), kind: 'keychain', attempts: search?.attempts ?? [], missing: [] } as const
    if (key?.length === 32 && entry.item_id !== undefined) usable.push({ entry, itemId: String(entry.item_id), key })
    else failures.push({ ...describe, reason: search && !search.found ? search.reason : 'damaged' })
  })
  // Several entries for one object collapse to the one with the highest id (§4.6).
  const latest = new Map<string, { readonly entry: WireObject; readonly key: Bytes }>()
  for (const { entry, itemId, key } of usable) {
    const other = latest.get(itemId)
    if (!other || other.entry.id <= entry.id) latest.set(itemId, { entry, key })
  }
  for (const [itemId, { key }] of latest) keyring.hold(itemId, key, [userId, itemId])
  for (const { key } of usable) key.fill(0)
  return { user: userFields, failures }
}

interface Readable {
  readonly kind: UnreadableObject['kind']
  readonly object: WireObject
  readonly key: Bytes
  readonly data: PrivateFields
}

function openObjects(
  engine: Engine,
  keyring: Keyring,
  objects: readonly { readonly kind: UnreadableObject['kind']; readonly object: WireObject }[],
): (Readable | UnreadableObject)[] {
  const wraps = objects.map(({ object }) => readWraps(object.keys))
  const envelopes = decodeEnvelopes([...objects.map(({ object }) => object.body), ...wraps.flatMap((list) => list.map(({ k }) => k))])
  let at = objects.length
  const searches = keyring.search(
    objects.map(({ object }, i) => {
      const opened: Wrap[] = []
      for (const { by } of wraps[i] ?? []) {
        const envelope = envelopes[at++]
        if (envelope) opened.push({ by, envelope })
      }
      return { id: String(object.id), wraps: opened, body: envelopes[i] }
    }),
  )
  const results = objects.map(({ kind, object }, i): Readable | UnreadableObject => {
    const search = searches[i]
    const failure = { id: String(object.id), kind, attempts: search?.attempts ?? [] }
    if (!search?.found) return { ...failure, reason: search?.reason ?? 'no_wrap', missing: search?.missing ?? [] }
    const data = parseAndWipe(search.plaintext)
    return data ? { kind, object, key: search.key, data } : { ...failure, reason: 'damaged', missing: [] }
  })
  return withFiles(engine, results)
}

/** Older notes hold the private fields of their file in `file.body` only, newer ones in both places (§4.4). */
function withFiles(engine: Engine, results: readonly (Readable | UnreadableObject)[]): (Readable | UnreadableObject)[] {
  const sealed = decodeEnvelopes(
    results.map((result) => ('data' in result ? (result.object.file as { body?: unknown } | null | undefined)?.body : undefined)),
  )
  const files = results.flatMap((result, i) => {
    const envelope = sealed[i]
    return envelope && 'data' in result ? [{ result, envelope }] : []
  })
  if (files.length === 0) return [...results]
  const opened = engine.envelopes.openMany(
    files.map(({ result }) => result.key),
    files.map(({ envelope }) => envelope),
  )
  const merged = new Map<Readable | UnreadableObject, Readable>()
  files.forEach(({ result }, i) => {
    const plaintext = opened[i]
    const fields = plaintext instanceof Uint8Array ? parseAndWipe(plaintext) : undefined
    if (fields)
      merged.set(result, { ...result, data: { ...result.data, file: { ...fields, ...(result.data.file as object | null | undefined) } } })
  })
  return results.map((result) => merged.get(result) ?? result)
}

function toOpenedObject({ object, key, data }: Readable): OpenedObject {
  return { id: object.id, source: object, key: new Secret('turtl-object-key', key, 32), data }
}

/** Entries without `k`, of an unknown kind or of another shape are passed over (§9). */
function readWraps(keys: unknown): { readonly by: string; readonly k: string }[] {
  const wraps: { readonly by: string; readonly k: string }[] = []
  if (!Array.isArray(keys)) return wraps
  for (const entry of keys as readonly unknown[]) {
    const { k, s, b, u } = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>
    const by = s ?? b ?? u
    if (typeof k === 'string' && (typeof by === 'string' || typeof by === 'number')) wraps.push({ by: String(by), k })
  }
  return wraps
}

function parseAndWipe(plaintext: Bytes): PrivateFields | undefined {
  const fields = parsePrivateJson(plaintext)
  plaintext.fill(0)
  return fields
}
