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
 *
 * Keys, envelopes and plaintexts of a level lie in one array each: an array an object costs more than opening it.
 */
import { ArgumentError, type Bytes, equalBytes } from '@holdfast/base'
import type { CryptoErrorCode, Engine, OpenedBatch } from '@holdfast/crypto'

const KEY_LENGTH = 32
/** Two objects may claim one id; beyond this many keys of one id, more are noise that would cost quadratic time. */
const MAX_KEYS_PER_ID = 8

/** An envelope as it is held: its bytes, or its standard base64, padded or not. */
export type EnvelopeSource = Bytes | string

export interface Wrap {
  /** Id of the object whose key wraps. */
  readonly by: string
  /** A v6 envelope over the 32-byte key. */
  readonly envelope: EnvelopeSource
}

export interface WrappedObject {
  readonly id: string
  /** In the order of preference; unknown ids and duplicates do no harm. */
  readonly wraps: readonly Wrap[]
  /** A v6 envelope; `undefined`: there is none. */
  readonly body: EnvelopeSource | undefined
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

export interface FoundObject {
  readonly found: true
  /** 32 bytes; the keyring's own, valid until `wipe`. */
  readonly key: Bytes
  /** The opened body; the caller's, to wipe. */
  readonly plaintext: Bytes
  readonly path: readonly string[]
  /** Ways tried before the one that led here. */
  readonly attempts: readonly FailedAttempt[]
}

export interface UnreadableObjectSearch {
  readonly found: false
  readonly reason: UnreadableReason
  readonly attempts: readonly FailedAttempt[]
  /** Ids of wrapping keys that are not held. */
  readonly missing: readonly string[]
}

export type Search = FoundObject | UnreadableObjectSearch

/** A key among many in one array, and where it came from. */
interface HeldKey {
  readonly keys: Bytes
  readonly at: number
  /** Ids from a key that was given to the last step before `id`. */
  readonly before: readonly string[] | HeldKey
  readonly id: string
}

/** One object while it is searched for. */
interface Task {
  readonly object: WrappedObject
  /** Of its own id and then of each wrap, how many of the held keys have been tried: from here on in `tried`. */
  readonly slot: number
  attempts: readonly FailedAttempt[]
  /** Keys that did not open the body, by the id they came from. */
  refused: readonly { readonly from: string; readonly key: Bytes }[]
  result?: FoundObject
}

/** A way to try: `wrap` is to be opened with `held`; without one, `held` itself is to open the body. */
interface Way {
  readonly task: Task
  readonly held: HeldKey
  readonly wrap: Wrap | undefined
}

/** Objects a call: what a call works on stays small enough for the processor's cache, and the engine's memory with it. */
const PER_CALL = 2048
const NONE: readonly never[] = []

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
  /** Every array with keys in it. */
  readonly #owned: Bytes[] = []

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /**
   * @param key 32 bytes; copied.
   * @param path ids of what led to it, its own id not among them.
   * @throws {ArgumentError} `invalid_argument`: a key of another length.
   */
  hold(id: string, key: Uint8Array, path: readonly string[] = []): void {
    if (key.length !== KEY_LENGTH) throw new ArgumentError({ what: 'object key', expected: '32 bytes', got: `${key.length} bytes` })
    const keys = new Uint8Array(key)
    this.#owned.push(keys)
    this.#keep({ keys, at: 0, before: path, id })
  }

  /** The key held under `id` first, if any; the keyring's own bytes. */
  keyOf(id: string): Bytes | undefined {
    const held = this.#held.get(id)?.[0]
    return held && bytesOf(held)
  }

  /** Zeroes every key this keyring held or found. */
  wipe(): void {
    for (const keys of this.#owned) keys.fill(0)
    this.#held.clear()
  }

  /** One result an object, in the order given. Found keys are held from then on. Never throws for what it is given. */
  search(objects: readonly WrappedObject[]): Search[] {
    let slots = 0
    const tasks = objects.map((object): Task => {
      const slot = slots
      slots += 1 + object.wraps.length
      return { object, slot, attempts: NONE, refused: NONE }
    })
    const tried = new Uint8Array(slots)
    let active: Iterable<Task> = tasks
    let waiting: ReadonlyMap<string, readonly Task[]> | undefined
    for (;;) {
      const ways: Way[] = []
      for (const task of active) {
        const way = task.result ? undefined : this.#nextWay(task, tried)
        if (way) ways.push(way)
      }
      if (ways.length === 0) return tasks.map((task) => task.result ?? this.#explain(task))
      const found: HeldKey[] = []
      for (let at = 0; at < ways.length; at += PER_CALL) {
        for (const held of this.#tryEach(ways.slice(at, at + PER_CALL))) if (this.#keep(held)) found.push(held)
      }
      waiting ??= waitersOf(tasks)
      active = new Set([...ways.map(({ task }) => task), ...found.flatMap(({ id }) => waiting?.get(id) ?? NONE)])
    }
  }

  /** The first way that is open and not yet tried, marked as tried. */
  #nextWay(task: Task, tried: Uint8Array): Way | undefined {
    const { object, slot } = task
    if (object.body === undefined) return undefined
    for (let i = 0; i <= object.wraps.length; i++) {
      const wrap = object.wraps[i - 1]
      const at = tried[slot + i] as number
      const held = this.#held.get(wrap?.by ?? object.id)?.[at]
      if (!held) continue
      tried[slot + i] = at + 1
      return { task, held, wrap }
    }
    return undefined
  }

  /** Opens wraps, then bodies: two bulk calls. @returns the keys that opened their objects. */
  #tryEach(ways: readonly Way[]): readonly HeldKey[] {
    const candidates = this.#unwrapEach(ways)
    const opened = this.#open(
      candidates.map(({ held }) => held),
      candidates.map(({ task }) => task.object.body ?? ''),
    )
    const found: HeldKey[] = []
    candidates.forEach(({ task, held, wrap }, i) => {
      const code = opened.codes[i]
      if (code === undefined) {
        task.result = new Found(held, opened, i, task.attempts)
        found.push(held)
        return
      }
      task.attempts = [...task.attempts, { path: pathTo(held), at: 'body', code }]
      task.refused = [...task.refused, { from: wrap?.by ?? held.id, key: bytesOf(held) }]
    })
    return found
  }

  /** The same ways, with the object's own key for `held`; without those that led to none. */
  #unwrapEach(ways: readonly Way[]): readonly Way[] {
    const wrapped = ways.filter(({ wrap }) => wrap)
    if (wrapped.length === 0) return ways
    const { bytes, offsets, codes } = this.#open(
      wrapped.map(({ held }) => held),
      wrapped.map(({ wrap }) => wrap?.envelope ?? ''),
    )
    this.#owned.push(bytes)
    const candidates = ways.filter(({ wrap }) => !wrap)
    wrapped.forEach(({ task, held, wrap }, i) => {
      const start = offsets[i] as number
      const own: HeldKey = { keys: bytes, at: start, before: held, id: task.object.id }
      const code = codes[i]
      if (code === undefined && (offsets[i + 1] as number) - start === KEY_LENGTH) {
        candidates.push({ task, held: own, wrap })
        return
      }
      const path = pathTo(own)
      const failure: FailedAttempt = code ? { path, at: 'wrap', code } : { path, at: 'key_length', code: 'invalid_key' }
      task.attempts = [...task.attempts, failure]
    })
    return candidates
  }

  /** Opens each envelope with the key beside it, in one call. */
  #open(held: readonly HeldKey[], envelopes: readonly EnvelopeSource[]): OpenedBatch {
    const keys = new Uint8Array(KEY_LENGTH * held.length)
    let to = 0
    for (const { keys: from, at } of held) for (let j = 0; j < KEY_LENGTH; j++) keys[to++] = from[at + j] as number
    try {
      if (areTexts(envelopes)) return this.#engine.envelopes.openTexts(keys, envelopes)
      return this.#engine.envelopes.openBatch(keys, this.#decode(envelopes))
    } finally {
      keys.fill(0)
    }
  }

  #decode(envelopes: readonly EnvelopeSource[]): readonly Bytes[] {
    const { bytes, offsets } = this.#engine.envelopes.decodeTexts(envelopes.filter((envelope) => typeof envelope === 'string'))
    let at = 0
    return envelopes.map((envelope) => (typeof envelope === 'string' ? bytes.subarray(offsets[at], offsets[++at]) : envelope))
  }

  #explain({ object, attempts, refused }: Task): UnreadableObjectSearch {
    const missing = [...new Set(object.wraps.map(({ by }) => by))].filter((by) => !this.#held.has(by))
    return { found: false, reason: reasonOf(object.body, attempts, refused), attempts, missing }
  }

  /** Whether it is new under that id. */
  #keep(key: HeldKey): boolean {
    const held = this.#held.get(key.id)
    if (!held) {
      this.#held.set(key.id, [key])
      return true
    }
    if (held.length >= MAX_KEYS_PER_ID || held.some((other) => equalBytes(bytesOf(other), bytesOf(key)))) return false
    held.push(key)
    return true
  }
}

/** What was found, as a view of the level it was found in. */
class Found implements FoundObject {
  readonly found = true
  readonly attempts: readonly FailedAttempt[]
  readonly #held: HeldKey
  readonly #opened: OpenedBatch
  readonly #index: number

  constructor(held: HeldKey, opened: OpenedBatch, index: number, attempts: readonly FailedAttempt[]) {
    this.#held = held
    this.#opened = opened
    this.#index = index
    this.attempts = attempts
  }

  get key(): Bytes {
    return bytesOf(this.#held)
  }

  get path(): readonly string[] {
    return pathTo(this.#held)
  }

  get plaintext(): Bytes {
    const { bytes, offsets } = this.#opened
    return bytes.subarray(offsets[this.#index], offsets[this.#index + 1])
  }
}

/** Who is still searched for, by the ids of what wraps its key. */
function waitersOf(tasks: readonly Task[]): ReadonlyMap<string, readonly Task[]> {
  const waiting = new Map<string, Task[]>()
  for (const task of tasks) {
    if (task.result) continue
    for (const { by } of task.object.wraps) {
      const waiters = waiting.get(by)
      if (waiters) waiters.push(task)
      else waiting.set(by, [task])
    }
  }
  return waiting
}

function pathTo({ before, id }: HeldKey): readonly string[] {
  const ids = [id]
  let from = before
  for (; 'id' in from; from = from.before) ids.unshift(from.id)
  return [...from, ...ids]
}

const areTexts = (envelopes: readonly EnvelopeSource[]): envelopes is readonly string[] =>
  envelopes.every((envelope) => typeof envelope === 'string')

const bytesOf = ({ keys, at }: HeldKey): Bytes => keys.subarray(at, at + KEY_LENGTH)

function reasonOf(body: EnvelopeSource | undefined, attempts: readonly FailedAttempt[], refused: Task['refused']): UnreadableReason {
  if (body === undefined) return 'damaged'
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
