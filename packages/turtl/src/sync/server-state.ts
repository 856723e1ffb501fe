/** Wire objects by kind and id: what the server holds, or would hold after some more changes. */
import { HoldfastError, textOf } from '@holdfast/base'
import type { WireAccount, WireObject } from '@holdfast/keys'
import type { WireFields } from '../client/answers'
import type { SyncRecord } from '../models/sync-record'
import type { ObjectTable, TurtlTransaction } from '../store'

export const OBJECT_TABLES = ['user', 'keychain', 'space', 'board', 'note', 'invite'] as const satisfies readonly ObjectTable[]

export type ServerState = Readonly<Record<ObjectTable, Map<string, WireFields>>>

export const isObjectTable = (type: string | undefined): type is ObjectTable => OBJECT_TABLES.includes(type as ObjectTable)

export function loadState(tx: TurtlTransaction): ServerState {
  const table = (name: ObjectTable) => new Map(tx.list(name).map((wire) => [textOf(wire.id), wire]))
  return {
    user: table('user'),
    keychain: table('keychain'),
    space: table('space'),
    board: table('board'),
    note: table('note'),
    invite: table('invite'),
  }
}

export function emptyState(): ServerState {
  return { user: new Map(), keychain: new Map(), space: new Map(), board: new Map(), note: new Map(), invite: new Map() }
}

export function copyState(state: ServerState): ServerState {
  return {
    user: new Map(state.user),
    keychain: new Map(state.keychain),
    space: new Map(state.space),
    board: new Map(state.board),
    note: new Map(state.note),
    invite: new Map(state.invite),
  }
}

/** Removes an object, and what is in it when it is a space (turtl §6.8). @returns what was removed. */
export function removeObject(
  state: ServerState,
  kind: ObjectTable,
  id: string,
): readonly { readonly kind: ObjectTable; readonly id: string }[] {
  const removed: { kind: ObjectTable; id: string }[] = state[kind].delete(id) ? [{ kind, id }] : []
  if (kind !== 'space') return removed
  for (const inner of ['board', 'note'] as const) {
    for (const [innerId, wire] of [...state[inner]]) {
      if (wire.space_id !== id) continue
      state[inner].delete(innerId)
      removed.push({ kind: inner, id: innerId })
    }
  }
  return removed
}

/** What the server does with a record that it accepts (turtl §6.8), as far as it shows in its objects. */
export function applyRecord(state: ServerState, { type, action, item_id, data }: SyncRecord): void {
  if (!isObjectTable(type)) return
  const held = state[type].get(item_id)
  if (action === 'delete') {
    removeObject(state, type, item_id)
    return
  }
  if (action === 'move-space') {
    if (held) state[type].set(item_id, { ...held, space_id: data.space_id, keys: data.keys })
    return
  }
  state[type].set(item_id, { ...data, ...ownedByServer(held) })
}

/** Fields that an edit does not change, whatever it says of them (turtl §4.4). */
function ownedByServer(held: WireFields | undefined): WireFields {
  const { members, invites, has_file } = held ?? {}
  return {
    ...(members === undefined ? {} : { members }),
    ...(invites === undefined ? {} : { invites }),
    ...(has_file === undefined ? {} : { has_file }),
  }
}

/** The state as it would be if all of these records had reached the server: what an account shows. */
export function withRecords(state: ServerState, records: readonly SyncRecord[]): ServerState {
  const later = copyState(state)
  for (const record of records) applyRecord(later, record)
  return later
}

/** @returns `undefined` as long as nobody has fetched the user. @param notes only these. */
export function wireAccount(state: ServerState, notes: ReadonlySet<string> | 'all' = 'all'): WireAccount | undefined {
  const [user] = state.user.values()
  if (!user) return undefined
  const list = (kind: ObjectTable) => [...state[kind].values()] as unknown as WireObject[]
  const wanted =
    notes === 'all' ? list('note') : [...notes].flatMap((id) => (state.note.get(id) as unknown as WireObject | undefined) ?? [])
  return { user: user as unknown as WireObject, keychain: list('keychain'), spaces: list('space'), boards: list('board'), notes: wanted }
}

/** As `wireAccount`, of what a server gave. @throws {HoldfastError} `turtl_unexpected_answer`: no user. */
export function needAccount(state: ServerState, notes: ReadonlySet<string>): WireAccount {
  const wire = wireAccount(state, notes)
  if (wire) return wire
  throw new HoldfastError(
    'turtl_unexpected_answer',
    'the server gave no user: a full sync came without the account itself; ask whoever runs the server',
    { remedy: 'contact-support' },
  )
}
