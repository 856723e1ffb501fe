/** A real server in this process, and people who log in to it. */
import { PGlite } from '@electric-sql/pglite'
import { type Fetch, HoldfastError } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import type { WireAccount, WireObject } from '@holdfast/keys'
import { createFakeClock, createFaultyFetch, type Fault, seededRandom } from '@holdfast/testkit'
import { makeTurtlServer, type TurtlServer } from '@holdfast/testkit/turtl-server'
import { expect } from 'vitest'
import {
  type Change,
  createIdSource,
  createMemoryIdStore,
  encodeSyncRecord,
  type LoginWorld,
  openTurtlAccount,
  type TurtlAccount,
  type TurtlSession,
} from '../src/index'

export const clock = createFakeClock()

/** One database for all tests of a file; `reset` before each. */
export async function startServer(): Promise<TurtlServer & { readonly request: Fetch; readonly database: PGlite }> {
  const database = await PGlite.create()
  const server = await makeTurtlServer({ database, clock, random: seededRandom('server') })
  return {
    ...server,
    database,
    request: (url, init) => server.fetch(new Request(url, init)),
    close: () => database.close(),
  }
}

/** @param faultOf asked for each request, counted from 0. */
export function makeLoginWorld(engine: Engine, request: Fetch, seed: string, faultOf?: (request: number) => Fault | undefined): LoginWorld {
  const ids = createIdSource({ store: createMemoryIdStore(), clock, random: seededRandom(seed) })
  return { engine, ids, clock, endpoint: 'https://turtl.test', fetch: faultOf ? createFaultyFetch(request, faultOf, clock) : request }
}

export async function sendChanges(world: LoginWorld, { client, id }: TurtlSession, changes: readonly Change[]): Promise<void> {
  const ids = await world.ids.makeIds(changes.length)
  for (let start = 0; start < changes.length; start += 32) {
    const records = changes.slice(start, start + 32).map((change, i) => encodeSyncRecord(ids[start + i] ?? '', id, change))
    const { failures } = await client.sendChanges(records)
    if (failures.length > 0) throw new Error(`the server refused: ${JSON.stringify(failures)}`)
  }
}

/** All that the server has of an account. */
export async function fetchWire({ client }: TurtlSession): Promise<WireAccount> {
  const { records } = await client.fetchFullSync()
  const of = (kind: string) => records.flatMap(({ type, data }) => (type === kind ? [data as unknown as WireObject] : []))
  const [user] = of('user')
  if (!user) throw new Error('no user in the full sync')
  return { user, keychain: of('keychain'), spaces: of('space'), boards: of('board'), notes: of('note') }
}

export async function openFromServer(world: LoginWorld, session: TurtlSession): Promise<TurtlAccount> {
  return openTurtlAccount(world, session.masterKey, await fetchWire(session))
}

export const code = (name: string) => expect.objectContaining({ code: name })

/** What a call failed with, or `undefined`. Anything but an error of the house is a mistake. */
export async function failureOf(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call
    return undefined
  } catch (error) {
    if (error instanceof HoldfastError) return error.code
    throw error
  }
}
