import { readFileSync } from 'node:fs'
import { Secret } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import type { MasterKey, WireAccount, WireObject } from '@holdfast/keys'
import { createFakeClock, seededRandom } from '@holdfast/testkit'
import {
  type AccountWorld,
  type Change,
  createIdSource,
  createMemoryIdStore,
  makeTurtlAccount,
  type TurtlAccount,
  type User,
} from '../src/index'

export const USER: User = { id: '7', username: 'alice@example.com', keys: [], data: { settings: {} } }

export function masterKeyOf(fill: number): MasterKey {
  return new Secret('turtl-master-key', new Uint8Array(32).fill(fill), 32)
}

export function makeWorld(engine: Engine, seed: string): AccountWorld {
  const clock = createFakeClock(1_700_000_000_000)
  return { engine, clock, ids: createIdSource({ store: createMemoryIdStore(), clock, random: seededRandom(seed) }) }
}

export function makeAccount(engine: Engine, seed: string): TurtlAccount {
  return makeTurtlAccount(makeWorld(engine, seed), masterKeyOf(1), USER)
}

/** A server reduced to what it holds: applies changes in the order given. */
export function applyChanges(wire: WireAccount, changes: readonly Change[]): WireAccount {
  const tables: Record<string, Map<string, WireObject>> = {
    keychain: new Map(wire.keychain.map((object) => [object.id, object])),
    space: new Map(wire.spaces.map((object) => [object.id, object])),
    board: new Map(wire.boards.map((object) => [object.id, object])),
    note: new Map(wire.notes.map((object) => [object.id, object])),
  }
  for (const { action, type, item_id, data } of changes) {
    if (action === 'delete') tables[type]?.delete(item_id)
    else tables[type]?.set(item_id, JSON.parse(JSON.stringify(data)))
  }
  const list = (name: string) => [...(tables[name]?.values() ?? [])]
  return { user: wire.user, keychain: list('keychain'), spaces: list('space'), boards: list('board'), notes: list('note') }
}

interface VectorFile {
  readonly cases: readonly { readonly id: string; readonly in: Record<string, never>; readonly out: Record<string, never> }[]
}

/** A committed vector case, `vectors/<suite>.json`. */
export function vector(suite: string, id: string): { readonly in: Record<string, never>; readonly out: Record<string, never> } {
  const { cases } = JSON.parse(readFileSync(new URL(`../../../vectors/${suite}.json`, import.meta.url), 'utf8')) as VectorFile
  const found = cases.find((one) => one.id === id)
  if (!found) throw new Error(`no case ${id} in ${suite}`)
  return found
}
