/**
 * Opening a whole Turtl account from its wire objects (turtl §4.5, §4.6, §9): master key → keychain → spaces → boards →
 * notes. Every stage is two bulk calls to the engine, one for wrapped keys and one per try for bodies. An object that
 * cannot be read is listed, never dropped, and never stops the others.
 */
import { AuthenticationError, type Bytes, decodeBase64, Secret, StructureError } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { deriveMasterKey } from './master-key'
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

export interface OpenedObject {
  readonly id: string
  /** 32 bytes; opens the object, its file, and what is wrapped under it. */
  readonly key: Secret<'turtl-object-key'>
  /** The decrypted private fields, as they were written. */
  readonly data: Readonly<Record<string, unknown>>
}

export interface OpenedAccount {
  readonly spaces: readonly OpenedObject[]
  readonly boards: readonly OpenedObject[]
  readonly notes: readonly OpenedObject[]
  /** Ids of what no held key opens, in the order given. */
  readonly unreadable: readonly string[]
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
  const keyring = new Keyring(engine)
  try {
    const master = masterKey.expose()
    keyring.hold(account.user.id, master)
    if (!keyring.open([account.user], () => [master])[0]?.data) throw new AuthenticationError('the user record')
    // Several entries for one object collapse to the one with the highest id (§4.6): it is held last.
    const entries = [...account.keychain].sort((a, b) => (a.id < b.id ? -1 : 1))
    for (const { object, data } of keyring.open(entries, () => [master])) {
      const key = typeof data?.k === 'string' ? decodeKey(data.k) : undefined
      if (key && object.item_id !== undefined) keyring.hold(object.item_id, key)
    }
    const unreadable: string[] = []
    const [spaces = [], boards = [], notes = []] = [account.spaces, account.boards, account.notes].map((objects) => {
      const opened: OpenedObject[] = []
      for (const { object, key, data } of keyring.openWrapped(objects)) {
        if (key && data) {
          keyring.hold(object.id, key)
          opened.push({ id: object.id, key: new Secret('turtl-object-key', key, 32), data })
        } else unreadable.push(object.id)
      }
      return opened
    })
    return { spaces, boards, notes, unreadable }
  } finally {
    masterKey.wipe()
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

interface Attempt {
  readonly object: WireObject
  key?: Bytes
  data?: Readonly<Record<string, unknown>>
}

class Keyring {
  readonly #engine: Engine
  /** By the id of what they open, always text: ids of users travel as numbers too (§4.2). */
  readonly #held = new Map<string, Bytes>()
  readonly #everyKey: Bytes[] = []

  constructor(engine: Engine) {
    this.#engine = engine
  }

  hold(id: string, key: Bytes): void {
    this.#held.set(String(id), key)
    this.#everyKey.push(key)
  }

  wipe(): void {
    for (const key of this.#everyKey) key.fill(0)
    this.#held.clear()
  }

  /** Opens each object with the first of its own key and the keys it carries wrapped that really opens its body (§9). */
  openWrapped(objects: readonly WireObject[]): Attempt[] {
    const wraps = objects.flatMap((object) => this.#wrapsOf(object).map((wrap) => ({ ...wrap, object })))
    const unwrapped = this.#engine.envelopes.openMany(
      wraps.map(({ wrappedBy }) => wrappedBy),
      wraps.map(({ envelope }) => envelope),
    )
    const candidates = new Map<WireObject, Bytes[]>()
    for (const object of objects) {
      const own = this.#held.get(String(object.id))
      candidates.set(object, own ? [own] : [])
    }
    unwrapped.forEach((key, i) => {
      const object = wraps[i]?.object
      if (!object || !(key instanceof Uint8Array)) return
      this.#everyKey.push(key)
      if (key.length === 32) candidates.get(object)?.push(key)
    })
    return this.open(objects, (object) => candidates.get(object) ?? [])
  }

  open(objects: readonly WireObject[], candidatesOf: (object: WireObject) => readonly Bytes[]): Attempt[] {
    const attempts: Attempt[] = objects.map((object) => ({ object }))
    for (let turn = 0; ; turn++) {
      const tries = attempts.flatMap((attempt) => {
        const key = attempt.data ? undefined : candidatesOf(attempt.object)[turn]
        const envelope = decodeEnvelope(attempt.object.body)
        return key && envelope ? [{ attempt, key, envelope }] : []
      })
      if (tries.length === 0) return attempts
      const opened = this.#engine.envelopes.openMany(
        tries.map(({ key }) => key),
        tries.map(({ envelope }) => envelope),
      )
      tries.forEach(({ attempt, key }, i) => {
        const data = parseFields(opened[i])
        if (!data) return
        attempt.key = key
        attempt.data = this.#withFile(attempt.object, key, data)
      })
    }
  }

  /** Entries without `k`, of an unknown kind, or wrapped by a key not held are passed over. */
  #wrapsOf(object: WireObject): { wrappedBy: Bytes; envelope: Bytes }[] {
    if (!Array.isArray(object.keys)) return []
    return object.keys.flatMap((entry: unknown) => {
      const { k, s, b, u } = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>
      const wrappedBy = this.#held.get(String(s ?? b ?? u))
      const envelope = decodeEnvelope(k)
      return wrappedBy && envelope ? [{ wrappedBy, envelope }] : []
    })
  }

  /** Older notes hold the private fields of their file in `file.body` only, newer ones in both places (§4.4). */
  #withFile(object: WireObject, key: Bytes, data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const body = (object.file as { body?: unknown } | null | undefined)?.body
    const envelope = decodeEnvelope(body)
    if (!envelope) return data
    const file = parseFields(this.#engine.envelopes.openMany([key], [envelope])[0])
    return file ? { ...data, file: { ...file, ...(data.file as object | null | undefined) } } : data
  }
}

function decodeEnvelope(text: unknown): Bytes | undefined {
  if (typeof text !== 'string' || text === '') return undefined
  try {
    return decodeBase64(text, 'envelope', 'optional')
  } catch {
    return undefined // listed as unreadable by the caller
  }
}

function decodeKey(text: string): Bytes | undefined {
  const key = decodeEnvelope(text)
  return key?.length === 32 ? key : undefined
}

function parseFields(opened: unknown): Readonly<Record<string, unknown>> | undefined {
  return opened instanceof Uint8Array ? parsePrivateJson(opened) : undefined
}
