/**
 * Boards and notes on their way to another space, in steps of which the server holds each whole (turtl §5.6). A crash between
 * any two leaves every object readable, in one space or the other, from what the server has.
 *
 *   1  each object is moved with its key unchanged, wrapped by the new space alone. The server keeps the body it has, so an
 *      edit that another device makes meanwhile is not lost.
 *   2  boards get new keys, then notes: sealed anew, wrapped by space and board.
 *   2a a note with an attachment carries both keys, wrapped by the new space, until the attachment is uploaded under the new
 *      one: edit with both keys, upload, edit with one. Whoever takes over opens the attachment with the key that fits.
 *
 * In the end everything is read anew: what another device wrote meanwhile under a key that was replaced is done again. What
 * a new key overwrote without having seen it, which the original server cannot refuse, is listed.
 */
import { AuthenticationError, type Bytes, decodeBase64, encodeHex, HoldfastError, Secret, textOf } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { openEnvelope } from '@holdfast/wire'
import { sha256 } from '@noble/hashes/sha2.js'
import type { TurtlAccount } from '../account'
import { openAttachment, sealAttachment } from '../attachment'
import type { TurtlClient } from '../client'
import { unlessGone } from '../client/turtl-error'
import { BATCH_LIMIT, type Change } from '../models/sync-record'
import { LiveState, type Sent, type StateWorld } from './live-state'

const MAX_ATTEMPTS = 3
const UNREADABLE = 'unreadable'
/** What concerns no other note than the one with the attachment. */
const OF_ONE_ATTACHMENT: ReadonlySet<string> = new Set(['turtl_rejected', 'turtl_answer_too_large', 'turtl_unexpected_answer'])
/** Times that everything is read anew; more would mean that somebody keeps writing to the old place. */
const MAX_ROUNDS = 5

export interface MoveWorld extends StateWorld {
  readonly engine: Engine
  readonly client: StateWorld['client'] & Pick<TurtlClient, 'fetchAttachment' | 'uploadAttachment'>
}

/** Which objects get new keys once they are there. */
export type Rekeying = 'everything' | 'boards' | 'nothing'

export interface MoveOrder {
  readonly to: string
  /** Ids of what has still to move, as the server has it now; boards first. */
  waiting(state: LiveState): readonly string[]
  /** Ids of what is there and must get a new key, whatever `rekey` says. */
  stale(state: LiveState): readonly string[]
  readonly rekey: Rekeying
  /** Ids of what is there already and still has its old key. */
  readonly pending: Iterable<string>
  /** What has its new key; resolves when a crash would not undo it. */
  remember(rekeyed: ReadonlySet<string>): Promise<void>
}

export interface Left {
  readonly id: string
  /** `unreadable`: no key here opens it; `not_moved`; otherwise the status with which the server refused it. */
  readonly code: string
}

export interface Moved {
  readonly moved: readonly string[]
  readonly rekeyed: readonly string[]
  /** What could not be moved, or not be given a new key. */
  readonly left: readonly Left[]
  /** Notes and boards that another device edited in the moment between the last look and the new key: that edit is gone from the server. */
  readonly overlaps: readonly string[]
  /** Notes whose attachment opens with none of their keys; it stays as it is. */
  readonly damagedAttachments: readonly string[]
  /** Nothing is left but what no key here opens. */
  readonly isComplete: boolean
}

/**
 * Moves until a state that was fetched anew shows nothing left to move.
 *
 * @param state fetched a moment ago.
 * @throws {HoldfastError} the client's codes; then call again with what was remembered.
 */
export async function moveObjects(world: MoveWorld, state: LiveState, order: MoveOrder): Promise<Moved> {
  const work = new MoveWork(world, state, order)
  for (let round = 0; round < MAX_ROUNDS && work.hasMore(); round++) {
    while (work.hasMore()) await work.step()
    work.startOver(await LiveState.fetch(world))
  }
  return work.outcome()
}

class MoveWork {
  readonly #world: MoveWorld
  readonly #order: MoveOrder
  readonly #pending: Set<string>
  readonly #moved = new Set<string>()
  readonly #rekeyed = new Set<string>()
  readonly #overlaps = new Set<string>()
  readonly #damaged = new Set<string>()
  /** Digests of the keys that were replaced. */
  readonly #retired = new Set<string>()
  readonly #left = new Map<string, string>()
  readonly #attempts = new Map<string, number>()
  #state: LiveState

  constructor(world: MoveWorld, state: LiveState, order: MoveOrder) {
    this.#world = world
    this.#order = order
    this.#pending = new Set(order.pending)
    this.#state = state
    this.startOver(state)
  }

  startOver(state: LiveState): void {
    this.#state = state
    for (const id of [...this.#order.stale(state), ...this.#underRetiredKeys()]) this.#pending.add(id)
  }

  /** Written, after they had their new keys, by a device that knew the old ones alone. */
  #underRetiredKeys(): readonly string[] {
    if (this.#rekeyed.size === 0) return []
    const account = this.#state.open(this.#rekeyed)
    const found = [...this.#rekeyed].filter((id) => this.#retired.has(digestOf(account, id)))
    account.wipe()
    return found
  }

  outcome(): Moved {
    return {
      moved: [...this.#moved],
      rekeyed: [...this.#rekeyed],
      left: [...this.#left].map(([id, code]) => ({ id, code })),
      overlaps: [...this.#overlaps],
      damagedAttachments: [...this.#damaged],
      isComplete: !this.hasMore() && [...this.#left.values()].every((code) => code === UNREADABLE),
    }
  }

  hasMore(): boolean {
    return this.#waiting().length > 0 || this.#toRekey().length > 0
  }

  async step(): Promise<void> {
    const waiting = this.#waiting()
    if (waiting.length > 0) return this.#move(waiting.slice(0, BATCH_LIMIT))
    const ids = this.#toRekey()
    const boards = ids.filter((id) => this.#state.boards.has(id))
    const plain = boards.length > 0 ? boards : ids.filter((id) => !this.#hasAttachment(id))
    if (plain.length > 0) return this.#rekey(plain.slice(0, BATCH_LIMIT))
    const [withAttachment] = ids
    if (withAttachment !== undefined) await this.#rekeyWithAttachment(withAttachment)
  }

  #waiting(): readonly string[] {
    return this.#order.waiting(this.#state).filter((id) => !this.#left.has(id))
  }

  /** What was deleted meanwhile needs no key, and what somebody else moved on is theirs. */
  #toRekey(): readonly string[] {
    const { to } = this.#order
    return [...this.#pending].filter((id) => textOf(this.#wire(id)?.space_id) === to && !this.#left.has(id)).sort()
  }

  #wire(id: string) {
    return this.#state.boards.get(id) ?? this.#state.notes.get(id)
  }

  #hasAttachment(id: string): boolean {
    return this.#state.notes.get(id)?.has_file === true
  }

  async #move(ids: readonly string[]): Promise<void> {
    const { to } = this.#order
    await this.#withReadable(ids, async (account, readable) => {
      for (const id of readable) if (this.#getsNewKey(id)) this.#pending.add(id)
      const wires = (some: readonly string[]) => some.flatMap((id) => this.#wire(id) ?? [])
      const sent = await this.#state.send(this.#build(readable, (some) => account.moveUnchanged(wires(some), to)))
      await this.#state.refresh()
      for (const id of readable) {
        if (textOf(this.#wire(id)?.space_id) === to) this.#moved.add(id)
        else this.#countAttempt(id, sent.refused.get(id) ?? 'not_moved')
      }
    })
  }

  #getsNewKey(id: string): boolean {
    const { rekey } = this.#order
    return rekey === 'everything' || (rekey === 'boards' && this.#state.boards.has(id))
  }

  async #rekey(ids: readonly string[]): Promise<void> {
    await this.#withReadable(ids, async (account, readable) => {
      const changes = this.#build(readable, (some) => this.#rekeyIn(account, some))
      await this.#settle(readable, await this.#state.send(changes))
    })
  }

  #rekeyIn(account: TurtlAccount, ids: readonly string[], carried?: Parameters<TurtlAccount['rekey']>[1]): readonly Change[] {
    const retired = ids.map((id) => digestOf(account, id))
    const changes = account.rekey(ids, carried)
    for (const digest of retired) this.#retired.add(digest)
    return changes
  }

  async #rekeyWithAttachment(id: string): Promise<void> {
    try {
      await this.#withReadable([id], (account) => this.#resealAttachment(account, id))
    } catch (error) {
      if (!(error instanceof HoldfastError) || !OF_ONE_ATTACHMENT.has(error.code)) throw error
      this.#left.set(id, error.code)
    }
  }

  async #resealAttachment(account: TurtlAccount, id: string): Promise<void> {
    const { engine, client } = this.#world
    const attachment = await this.#openAttachment(account, id)
    if (!attachment) return this.#settle([id], await this.#state.send(this.#build([id], (some) => this.#rekeyIn(account, some))))
    const { plain, key } = attachment
    try {
      const carrying = this.#build([id], (some) => this.#rekeyIn(account, some, new Map([[id, key]])))
      const sent = await this.#state.send(carrying)
      const [note, noteKey] = [account.notes.get(id), account.keyOf(id)]
      if (!sent.done.has(id) || !note || !noteKey) return await this.#settle([id], sent)
      const sealed = noteKey.use((bytes) => sealAttachment(engine, bytes, plain))
      const { syncIds } = await client.uploadAttachment(id, sealed)
      for (const syncId of syncIds) this.#state.markOwn(syncId)
      const { changes } = await account.saveNotes([note])
      await this.#settle([id], await this.#state.send(changes))
    } finally {
      plain.fill(0)
      key.wipe()
    }
  }

  /** With whichever key of the note fits: after a crash it may be the old one or the new one. `undefined`: none is there, or none fits. */
  async #openAttachment(account: TurtlAccount, id: string) {
    const sealed = await unlessGone(this.#world.client.fetchAttachment(id))
    if (!sealed) return undefined
    for (const key of this.#keysOf(account, id)) {
      try {
        return { plain: key.use((bytes) => openAttachment(this.#world.engine, bytes, sealed)), key }
      } catch (error) {
        key.wipe()
        if (!(error instanceof AuthenticationError)) break
      }
    }
    this.#damaged.add(id)
    return undefined
  }

  *#keysOf(account: TurtlAccount, id: string): Generator<Secret<'turtl-object-key'>> {
    const own = account.keyOf(id)?.use((bytes) => new Secret('turtl-object-key', bytes, 32))
    if (own) yield own
    for (const entry of account.notes.get(id)?.keys ?? []) {
      const carried = 's' in entry ? account.keyOf(entry.s)?.use((bytes) => this.#unwrap(bytes, entry.k)) : undefined
      if (carried) yield carried
    }
  }

  #unwrap(by: Bytes, wrapped: string): Secret<'turtl-object-key'> | undefined {
    try {
      const bytes = openEnvelope(this.#world.engine, by, decodeBase64(wrapped, 'wrapped key', 'optional'))
      const key = new Secret('turtl-object-key', bytes, 32)
      bytes.fill(0)
      return key
    } catch (error) {
      if (error instanceof HoldfastError) return undefined // an older entry under another key; the next may fit
      throw error
    }
  }

  /** An object that cannot be written, such as an old one of another shape, is left; the others are not. */
  #build(ids: readonly string[], make: (ids: readonly string[]) => readonly Change[]): readonly Change[] {
    try {
      return make(ids)
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error
      const [id, ...others] = ids
      if (others.length > 0) return ids.flatMap((one) => this.#build([one], make))
      if (id !== undefined) this.#left.set(id, error.code)
      return []
    }
  }

  /** After new keys were sent: what was done, what was refused, and what others did at the same time. */
  async #settle(ids: readonly string[], sent: Sent): Promise<void> {
    for (const id of ids) {
      const refused = sent.refused.get(id)
      if (refused !== undefined) this.#countAttempt(id, refused)
      else if (sent.done.has(id)) {
        this.#pending.delete(id)
        this.#rekeyed.add(id)
      }
    }
    const own = new Map([...sent.done].map(([id, sequences]) => [id, sequences.filter((id) => /^\d+$/.test(id)).map(BigInt)]))
    for (const { itemId, sequence } of await this.#state.refresh()) {
      if (own.get(itemId)?.some((ours) => sequence < ours)) this.#overlaps.add(itemId)
    }
    await this.#order.remember(this.#rekeyed)
  }

  #countAttempt(id: string, code: string): void {
    const attempts = (this.#attempts.get(id) ?? 0) + 1
    this.#attempts.set(id, attempts)
    if (attempts >= MAX_ATTEMPTS) this.#left.set(id, code)
  }

  /** Those that do not open are left where they are. */
  async #withReadable(ids: readonly string[], work: (account: TurtlAccount, readable: readonly string[]) => Promise<void>): Promise<void> {
    const account = this.#state.open(ids.filter((id) => this.#state.notes.has(id)))
    try {
      const readable = ids.filter((id) => account.keyOf(id))
      for (const id of ids) if (!account.keyOf(id)) this.#left.set(id, UNREADABLE)
      if (readable.length > 0) await work(account, readable)
    } finally {
      account.wipe()
    }
  }
}

const digestOf = (account: TurtlAccount, id: string): string => account.keyOf(id)?.use((key) => encodeHex(sha256(key))) ?? ''
