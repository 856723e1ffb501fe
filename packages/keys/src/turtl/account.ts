/**
 * Opening a whole Turtl account from its wire objects (turtl §4.5, §4.6, §9): master key → keychain → spaces → boards →
 * notes, in a handful of bulk calls to the engine. An object that cannot be read is listed with the reason, never
 * dropped, and never stops the others.
 */
import { AuthenticationError, type Bytes, Secret, StructureError, textOf } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { type FailedAttempt, Keyring, type UnreadableReason, type Wrap } from '../keyring'
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
    const userId = textOf(account.user.id)
    masterKey.use((key) => keyring.hold(userId, key))
    const { user, failures } = openUserAndKeychain(engine, keyring, account)
    const [spaces, boards, notes] = openObjects(engine, keyring, [
      ['space', account.spaces],
      ['board', account.boards],
      ['note', account.notes],
    ])
    const unreadable = [spaces, boards, notes].flatMap((kind) => kind?.failures ?? [])
    return {
      user,
      spaces: spaces?.opened ?? [],
      boards: boards?.opened ?? [],
      notes: notes?.opened ?? [],
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
function openUserAndKeychain(engine: Engine, keyring: Keyring, { user, keychain }: WireAccount) {
  const userId = textOf(user.id)
  const [owner, ...entries] = keyring.search([user, ...keychain].map(({ body }) => ({ id: userId, wraps: [], body: envelopeIn(body) })))
  const userFields = owner?.found ? parseAndWipe(owner.plaintext) : undefined
  if (!userFields) throw new AuthenticationError('the user record')
  const { bytes: keys, offsets } = engine.envelopes.decodeTexts(
    entries.map((search) => (search.found ? (envelopeIn(parseAndWipe(search.plaintext)?.k) ?? '') : '')),
  )
  const failures: UnreadableObject[] = []
  const usable: { readonly entry: WireObject; readonly itemId: string; readonly key: Bytes }[] = []
  keychain.forEach((entry, i) => {
    const search = entries[i]
    const key = keys.subarray(offsets[i], offsets[i + 1])
    if (key.length === 32 && entry.item_id !== undefined) usable.push({ entry, itemId: textOf(entry.item_id), key })
    else
      failures.push({
        id: textOf(entry.id),
        kind: 'keychain',
        reason: search && !search.found ? search.reason : 'damaged',
        attempts: search?.attempts ?? [],
        missing: [],
      })
  })
  // Of several entries for one object the one with the highest id counts (§4.6); the others are tried after it.
  usable.sort((one, other) => (textOf(one.entry.id) < textOf(other.entry.id) ? 1 : -1))
  for (const { itemId, key } of usable) keyring.hold(itemId, key, [userId])
  keys.fill(0)
  return { user: userFields, failures }
}

type Kind = 'space' | 'board' | 'note'

interface OpenedKind {
  readonly opened: OpenedObject[]
  readonly failures: UnreadableObject[]
}

/** All kinds in one search: boards wait for spaces, notes for both. */
function openObjects(engine: Engine, keyring: Keyring, lists: readonly (readonly [Kind, readonly WireObject[]])[]): OpenedKind[] {
  const searches = keyring.search(
    lists.flatMap(([, objects]) =>
      objects.map(({ id, keys, body }) => ({ id: textOf(id), wraps: readWraps(keys), body: envelopeIn(body) })),
    ),
  )
  let at = 0
  const kinds = lists.map(([kind, objects]): OpenedKind => {
    const opened: OpenedObject[] = []
    const failures: UnreadableObject[] = []
    for (const source of objects) {
      const search = searches[at++]
      const data = search?.found ? parseAndWipe(search.plaintext) : undefined
      if (search?.found && data) {
        opened.push({ id: source.id, source, key: new Secret('turtl-object-key', search.key, 32), data })
        continue
      }
      const [reason, missing] = !search || search.found ? (['damaged', []] as const) : ([search.reason, search.missing] as const)
      failures.push({ id: textOf(source.id), kind, reason, attempts: search?.attempts ?? [], missing })
    }
    return { opened, failures }
  })
  for (const { opened } of kinds) addFiles(engine, opened)
  return kinds
}

/** Older notes hold the private fields of their file in `file.body` only, newer ones in both places (§4.4). */
function addFiles(engine: Engine, objects: OpenedObject[]): void {
  const files: { readonly index: number; readonly object: OpenedObject; readonly envelope: string }[] = []
  objects.forEach((object, index) => {
    const envelope = envelopeIn((object.source.file as { readonly body?: unknown } | null | undefined)?.body)
    if (envelope !== undefined) files.push({ index, object, envelope })
  })
  if (files.length === 0) return
  const keys = files.map(({ object }) => object.key.expose())
  const { bytes, offsets, codes } = engine.envelopes.openTexts(
    keys,
    files.map(({ envelope }) => envelope),
  )
  for (const key of keys) key.fill(0)
  files.forEach(({ index, object }, i) => {
    const fields = codes[i] === undefined ? parseAndWipe(bytes.subarray(offsets[i], offsets[i + 1])) : undefined
    if (!fields) return
    const file = { ...fields, ...(object.data.file as object | null | undefined) }
    objects[index] = { ...object, data: { ...object.data, file } }
  })
}

/** Nothing for what is no text, or empty. */
const envelopeIn = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** Entries without `k`, of an unknown kind or of another shape are passed over (§9). */
function readWraps(keys: unknown): readonly Wrap[] {
  const wraps: Wrap[] = []
  if (!Array.isArray(keys)) return wraps
  for (const entry of keys as readonly unknown[]) {
    const { k, s, b, u } = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>
    const by = s ?? b ?? u
    const envelope = envelopeIn(k)
    if (envelope !== undefined && (typeof by === 'string' || typeof by === 'number')) wraps.push({ by: String(by), envelope })
  }
  return wraps
}

function parseAndWipe(plaintext: Bytes): PrivateFields | undefined {
  const fields = parsePrivateJson(plaintext)
  plaintext.fill(0)
  return fields
}
