/**
 * The way from the keys one holds to every object below them.
 *
 * Each object has a key of its own, and carries it wrapped by the keys of other objects: a graph whose edges are wraps.
 * The search starts at the held keys and walks the edges outwards, a level at a time: per level one bulk call opens
 * wraps and one opens bodies, however many objects there are. An edge is walked at most once for each key of its start,
 * so cycles and duplicates end by themselves.
 *
 * A key counts as found when the object's body opens with it. A wrap that opens to another key is noted with the path
 * that led there, and the object's next wrap is tried.
 */
import { ArgumentError, type Bytes, equalBytes } from '@holdfast/base'
import type { CryptoErrorCode, Engine } from '@holdfast/crypto'

const KEY_LENGTH = 32
/** Two objects may claim one id; beyond this many keys of one id, more are noise that would cost quadratic time. */
const MAX_KEYS_PER_ID = 8

export interface Wrap {
  /** Id of the object whose key wraps. */
  readonly by: string
  /** A v6 envelope over the 32-byte key. */
  readonly envelope: Bytes
}

export interface WrappedObject {
  readonly id: string
  /** In the order of preference; unknown ids and duplicates do no harm. */
  readonly wraps: readonly Wrap[]
  /** A v6 envelope; `undefined`: there is none, or it does not decode. */
  readonly body: Bytes | undefined
}

/**
 * Why an object cannot be read: `no_wrap`, nothing held leads to it; `wrong_key`, what leads to it does not open it;
 * `damaged`, the body is missing or malformed, or two ways agree on the key and it still does not open;
 * `unsupported`, a version or algorithm that this reader does not know.
 */
export type UnreadableReason = 'no_wrap' | 'wrong_key' | 'damaged' | 'unsupported'

/** One way that was tried and led nowhere. */
export interface FailedAttempt {
  /** Ids from the held key to the object itself. */
  readonly path: readonly string[]
  /** What failed: opening the wrap, its length as a key, or opening the body with the key from it. */
  readonly at: 'wrap' | 'key_length' | 'body'
  readonly code: CryptoErrorCode | 'invalid_key'
}

export type Search =
  | {
      readonly found: true
      /** 32 bytes; the keyring's own, valid until `wipe`. */
      readonly key: Bytes
      /** The opened body. */
      readonly plaintext: Bytes
      readonly path: readonly string[]
      /** Ways tried before the one that led here. */
      readonly attempts: readonly FailedAttempt[]
    }
  | {
      readonly found: false
      readonly reason: UnreadableReason
      readonly attempts: readonly FailedAttempt[]
      /** Ids of wrapping keys that are not held. */
      readonly missing: readonly string[]
    }

interface HeldKey {
  readonly key: Bytes
  readonly path: readonly string[]
}

interface Task {
  readonly object: WrappedObject
  /** Ways open and not yet tried. */
  readonly ways: { readonly held: HeldKey; readonly wrap?: Wrap }[]
  readonly attempts: FailedAttempt[]
  /** Keys that did not open the body, by the id they came from. */
  readonly refused: { readonly from: string; readonly key: Bytes }[]
  next: number
  result?: Search
}

/**
 * Holds keys by the id of what they open.
 *
 * @example
 * ```ts
 * const keyring = new Keyring(engine)
 * keyring.hold('space', spaceKey)
 * const [search] = keyring.search([{ id: 'note', wraps: [{ by: 'space', envelope }], body }])
 * ```
 */
export class Keyring {
  readonly #engine: Engine
  readonly #held = new Map<string, HeldKey[]>()
  readonly #owned: Bytes[] = []

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /**
   * @param key 32 bytes; copied.
   * @param path ids of what led to it; its own id alone by default.
   * @throws {ArgumentError} `invalid_argument`: a key of another length.
   */
  hold(id: string, key: Uint8Array, path: readonly string[] = [id]): void {
    if (key.length !== KEY_LENGTH) throw new ArgumentError({ what: 'object key', expected: '32 bytes', got: `${key.length} bytes` })
    this.#keep(id, this.#own(new Uint8Array(key)), path)
  }

  /** The key held under `id` first, if any; the keyring's own bytes. */
  keyOf(id: string): Bytes | undefined {
    return this.#held.get(id)?.[0]?.key
  }

  /** Zeroes every key this keyring held or found. */
  wipe(): void {
    for (const key of this.#owned) key.fill(0)
    this.#held.clear()
  }

  /** One result an object, in the order given. Found keys are held from then on. Never throws for what it is given. */
  search(objects: readonly WrappedObject[]): Search[] {
    const waiting = new Map<string, { readonly task: Task; readonly wrap: Wrap }[]>()
    const tasks = objects.map((object): Task => ({ object, ways: [], attempts: [], refused: [], next: 0 }))
    for (const task of tasks) {
      for (const held of this.#held.get(task.object.id) ?? []) task.ways.push({ held })
      for (const wrap of task.object.wraps) {
        for (const held of this.#held.get(wrap.by) ?? []) task.ways.push({ held, wrap })
        const waiters = waiting.get(wrap.by)
        if (waiters) waiters.push({ task, wrap })
        else waiting.set(wrap.by, [{ task, wrap }])
      }
    }
    let active = tasks.filter((task) => task.object.body && task.ways.length > 0)
    while (active.length > 0) {
      const moved = new Set<Task>()
      for (const { task, held } of this.#tryEach(active)) {
        if (!held) {
          moved.add(task)
          continue
        }
        if (!this.#keep(task.object.id, held.key, held.path)) continue
        for (const waiter of waiting.get(task.object.id) ?? []) {
          if (waiter.task.result) continue
          waiter.task.ways.push({ held, wrap: waiter.wrap })
          moved.add(waiter.task)
        }
      }
      active = [...moved].filter((task) => !task.result && task.object.body && task.next < task.ways.length)
    }
    return tasks.map((task) => task.result ?? this.#explain(task))
  }

  /** Tries the next way of each task: two bulk calls. */
  #tryEach(tasks: readonly Task[]): { readonly task: Task; readonly held?: HeldKey }[] {
    const steps = tasks.map((task) => {
      const way = task.ways[task.next++]
      return { task, way, path: way?.wrap ? [...way.held.path, task.object.id] : (way?.held.path ?? []) }
    })
    const wrapped = steps.flatMap(({ way }) => (way?.wrap ? [{ key: way.held.key, envelope: way.wrap.envelope }] : []))
    const unwrapped = this.#openMany(wrapped)
    let at = 0
    const candidates = steps.flatMap(({ task, way, path }) => {
      const opened = way?.wrap ? unwrapped[at++] : way?.held.key
      const body = task.object.body
      if (!(opened instanceof Uint8Array)) {
        task.attempts.push({ path, at: 'wrap', code: opened ?? 'auth_failed' })
        return []
      }
      if (way?.wrap) this.#own(opened)
      if (opened.length !== KEY_LENGTH) {
        task.attempts.push({ path, at: 'key_length', code: 'invalid_key' })
        return []
      }
      return body ? [{ task, path, key: opened, envelope: body, from: way?.wrap?.by ?? task.object.id }] : []
    })
    const opened = this.#openMany(candidates)
    const found = new Map<Task, HeldKey>()
    candidates.forEach(({ task, path, key, from }, i) => {
      const plaintext = opened[i]
      if (plaintext instanceof Uint8Array) {
        task.result = { found: true, key, plaintext, path, attempts: task.attempts }
        found.set(task, { key, path })
        return
      }
      task.attempts.push({ path, at: 'body', code: plaintext ?? 'auth_failed' })
      task.refused.push({ from, key })
    })
    return tasks.map((task) => {
      const held = found.get(task)
      return held ? { task, held } : { task }
    })
  }

  #openMany(items: readonly { readonly key: Bytes; readonly envelope: Bytes }[]): (Bytes | CryptoErrorCode)[] {
    if (items.length === 0) return []
    return this.#engine.envelopes.openMany(
      items.map(({ key }) => key),
      items.map(({ envelope }) => envelope),
    )
  }

  #explain({ object, attempts, refused }: Task): Search {
    const missing = [...new Set(object.wraps.map(({ by }) => by))].filter((by) => !this.#held.has(by))
    return { found: false, reason: reasonOf(object, attempts, refused), attempts, missing }
  }

  #own(key: Bytes): Bytes {
    this.#owned.push(key)
    return key
  }

  /** Whether it is new under that id. */
  #keep(id: string, key: Bytes, path: readonly string[]): boolean {
    const held = this.#held.get(id) ?? []
    if (held.length >= MAX_KEYS_PER_ID || held.some((other) => equalBytes(other.key, key))) return false
    held.push({ key, path })
    this.#held.set(id, held)
    return true
  }
}

function reasonOf(object: WrappedObject, attempts: readonly FailedAttempt[], refused: Task['refused']): UnreadableReason {
  if (!object.body) return 'damaged'
  if (attempts.length === 0) return 'no_wrap'
  const isUnsupported = ({ code }: FailedAttempt) => code === 'unsupported_version' || code === 'unsupported_algorithm'
  const bodies = attempts.filter(({ at }) => at === 'body')
  if (bodies.some(isUnsupported)) return 'unsupported'
  if (bodies.some(({ code }) => code !== 'auth_failed')) return 'damaged'
  if (refused.some(({ from, key }, i) => refused.slice(0, i).some((other) => other.from !== from && equalBytes(other.key, key))))
    return 'damaged'
  if (attempts.some(({ code }) => code === 'auth_failed' || code === 'invalid_key')) return 'wrong_key'
  return attempts.some(isUnsupported) ? 'unsupported' : 'damaged'
}
