/**
 * What the server holds of an account, object by object, and kept current by the server's log. Operations that must not be
 * wrong about the server's state work on this, and not on what a device has: a device may be behind.
 */
import { HoldfastError } from '@holdfast/base'
import type { WireAccount, WireObject } from '@holdfast/keys'
import type { TurtlAccount } from '../account'
import type { TurtlClient } from '../client'
import type { IdSource } from '../id-source'
import { BATCH_LIMIT, type Change, type IncomingRecord, makeSyncRecords } from '../models/sync-record'

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

/** A space that was added twice is listed twice, once without them (turtl §9). */
const membersOf = ({ members, invites }: Partial<Wire> = {}) => ({ ...(members ? { members } : {}), ...(invites ? { invites } : {}) })

type Table = 'space' | 'board' | 'note' | 'keychain'
type Wire = WireObject & Readonly<Record<string, unknown>>

export class ServerState {
  readonly #world: StateWorld
  readonly #tables: Readonly<Record<Table, Map<string, Wire>>> = {
    space: new Map(),
    board: new Map(),
    note: new Map(),
    keychain: new Map(),
  }
  /** Sequence numbers that were seen or that are of our own changes: the log repeats itself at times (turtl §7.3). */
  readonly #seen = new Set<string>()
  #user: Wire
  #cursor: string

  private constructor(world: StateWorld, user: Wire, cursor: string) {
    this.#world = world
    this.#user = user
    this.#cursor = cursor
  }

  /** @throws {HoldfastError} `turtl_unreachable` and the other codes of the client. */
  static async fetch(world: StateWorld): Promise<ServerState> {
    const { records, syncId } = await world.client.fetchFullSync()
    const user = records.find(({ type }) => type === 'user')?.data as Wire | undefined
    if (!user)
      throw new HoldfastError(
        'turtl_unexpected_answer',
        'not a full sync: it holds no user; check that the address is that of a Turtl server',
      )
    const state = new ServerState(world, user, syncId)
    for (const record of records) state.#apply(record)
    return state
  }

  get keychain(): ReadonlyMap<string, Wire> {
    return this.#tables.keychain
  }

  get spaces(): ReadonlyMap<string, Wire> {
    return this.#tables.space
  }

  get boards(): ReadonlyMap<string, Wire> {
    return this.#tables.board
  }

  get notes(): ReadonlyMap<string, Wire> {
    return this.#tables.note
  }

  /** Opens spaces and boards, and those notes: whatever else there is, it costs nothing. The caller wipes it. */
  open(noteIds: Iterable<string> = []): TurtlAccount {
    const { space, board, note, keychain } = this.#tables
    const notes = [...noteIds].flatMap((id) => note.get(id) ?? [])
    const wire: WireAccount = {
      user: this.#user,
      keychain: [...keychain.values()],
      spaces: [...space.values()],
      boards: [...board.values()],
      notes,
    }
    return this.#world.account.reopen(wire)
  }

  /** Catches up with the log. @returns what others changed since the last time, oldest first. */
  async refresh(): Promise<readonly ForeignChange[]> {
    const { records, syncId } = await this.#world.client.fetchChanges(this.#cursor, 'initial')
    const foreign: ForeignChange[] = []
    for (const record of records) {
      this.#apply(record)
      const { id, item_id } = record
      if (id === undefined || item_id === undefined || this.#seen.has(id)) continue
      this.#seen.add(id)
      if (/^\d+$/.test(id)) foreign.push({ sequence: BigInt(id), itemId: item_id })
    }
    this.#cursor = syncId
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

  #apply({ action, type, item_id, data, missing }: IncomingRecord): void {
    if (type === 'user' && action !== 'delete' && typeof data.body === 'string') {
      this.#user = data as Wire
      return
    }
    const table = this.#tables[type as Table]
    if (!table || missing) return
    if (action === 'delete') table.delete(item_id ?? String(data.id))
    else if (data.id !== undefined) table.set(String(data.id), { ...membersOf(table.get(String(data.id))), ...data } as Wire)
  }
}
