/**
 * What the server holds of an account, fetched anew and kept current by the server's log. Operations that must not be wrong
 * about it work on this, and not on what a device has: a device may be behind.
 */
import type { WireObject } from '@holdfast/keys'
import type { TurtlAccount } from '../account'
import type { TurtlClient } from '../client'
import type { WireFields } from '../client/answers'
import type { IdSource } from '../id-source'
import { BATCH_LIMIT, type Change, makeSyncRecords } from '../models/sync-record'
import { applyBatch } from '../sync/incoming'
import { emptyState, needAccount, type ServerState } from '../sync/server-state'

export interface StateWorld {
  readonly account: TurtlAccount
  readonly client: Pick<TurtlClient, 'fetchFullSync' | 'fetchChanges' | 'sendChanges'>
  readonly ids: IdSource
}

/** What became of the changes that were sent. */
export interface Sent {
  /** Sequence numbers in the log, by the id of the object. */
  readonly done: ReadonlyMap<string, readonly string[]>
  /** By the id of the object: the status the server said, or what else there is to say. */
  readonly refused: ReadonlyMap<string, string>
}

/** A change that another device made, as the log tells it. */
export interface ForeignChange {
  readonly sequence: bigint
  readonly itemId: string
}

type Wires = ReadonlyMap<string, WireObject & WireFields>

export class LiveState {
  readonly #world: StateWorld
  /** Sequence numbers that were seen or that are of our own changes: the log repeats itself at times (turtl §7.3). */
  readonly #seen = new Set<string>()
  #state: ServerState
  #cursor: string

  private constructor(world: StateWorld, state: ServerState, cursor: string) {
    this.#world = world
    this.#state = state
    this.#cursor = cursor
  }

  /** @throws {HoldfastError} `turtl_unexpected_answer`, `turtl_unreachable` and the other codes of the client. */
  static async fetch(world: StateWorld): Promise<LiveState> {
    const batch = await world.client.fetchFullSync()
    const { state } = applyBatch(emptyState(), batch)
    needAccount(state, new Set()) // without a user, what else came is no account
    return new LiveState(world, state, batch.syncId)
  }

  get keychain(): Wires {
    return this.#state.keychain as unknown as Wires
  }

  get boards(): Wires {
    return this.#state.board as unknown as Wires
  }

  get notes(): Wires {
    return this.#state.note as unknown as Wires
  }

  /** Opens spaces and boards, and those notes: whatever else there is, it costs nothing. The caller wipes it. */
  open(noteIds: Iterable<string> = []): TurtlAccount {
    return this.#world.account.reopen(needAccount(this.#state, new Set(noteIds)))
  }

  /** Catches up with the log. @returns what others changed since the last time, oldest first. */
  async refresh(): Promise<readonly ForeignChange[]> {
    const batch = await this.#world.client.fetchChanges(this.#cursor, 'initial')
    const foreign: ForeignChange[] = []
    for (const { id, item_id } of batch.records) {
      if (id === undefined || item_id === undefined || this.#seen.has(id)) continue
      this.#seen.add(id)
      if (/^\d+$/.test(id)) foreign.push({ sequence: BigInt(id), itemId: item_id })
    }
    this.#state = applyBatch(this.#state, batch).state
    this.#cursor = batch.syncId
    return foreign
  }

  /** A change of our own that went another way than `send`: the log does not tell it as another's. */
  markOwn(sequence: string): void {
    this.#seen.add(sequence)
  }

  /** Sends changes in their order, a batch at a time. What came of them shows in the state after the next `refresh`. */
  async send(changes: readonly Change[]): Promise<Sent> {
    const { ids, account, client } = this.#world
    const records = await makeSyncRecords(ids, account.user.id, changes)
    const done = new Map<string, readonly string[]>()
    const refused = new Map<string, string>()
    for (let at = 0; at < records.length; at += BATCH_LIMIT) {
      const batch = records.slice(at, at + BATCH_LIMIT)
      const { success, failures } = await client.sendChanges(batch)
      const accepted = new Map(success.map(({ id, syncIds }) => [id, syncIds]))
      const failed = new Map(failures.map(({ id, code, reason }) => [id, code === undefined ? reason : String(code)]))
      for (const { id, item_id } of batch) {
        const syncIds = accepted.get(id)
        if (!syncIds) {
          refused.set(item_id, failed.get(id) ?? 'unanswered')
          continue
        }
        for (const syncId of syncIds) this.markOwn(syncId)
        done.set(item_id, [...(done.get(item_id) ?? []), ...syncIds])
      }
    }
    return { done, refused }
  }
}
