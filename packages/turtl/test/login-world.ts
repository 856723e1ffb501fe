/** A real server in this process, and people who log in to it. */
import { PGlite } from '@electric-sql/pglite'
import { type Fetch, HoldfastError } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import type { WireAccount } from '@holdfast/keys'
import { createFakeClock, createFaultyFetch, type Fault, seededRandom } from '@holdfast/testkit'
import { makeTurtlServer, type TurtlServer } from '@holdfast/testkit/turtl-server'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import {
  type Change,
  createIdSource,
  createMemoryIdStore,
  type LoginWorld,
  openTurtlAccount,
  type TurtlAccount,
  type TurtlSession,
} from '../src/index'
import { fetchFrom, sendAll, wireAccountOf } from './server'

export const clock = createFakeClock()

export interface UsedServer {
  readonly database: PGlite
  readonly request: Fetch
  reset(): Promise<void>
}

/** One server for the tests of a file, empty before each. */
export function useServer(): UsedServer {
  let database: PGlite
  let server: TurtlServer
  beforeAll(async () => {
    database = await PGlite.create()
    server = await makeTurtlServer({ database, clock, random: seededRandom('server') })
  })
  beforeEach(() => server.reset())
  afterAll(() => database.close())
  return {
    get database() {
      return database
    },
    request: (url, init) => fetchFrom(server)(url, init),
    reset: () => server.reset(),
  }
}

/** @param faultOf asked for each request, counted from 0. */
export function makeLoginWorld(engine: Engine, request: Fetch, seed: string, faultOf?: (request: number) => Fault | undefined): LoginWorld {
  const ids = createIdSource({ store: createMemoryIdStore(), clock, random: seededRandom(seed) })
  return { engine, ids, clock, endpoint: 'https://turtl.test', fetch: faultOf ? createFaultyFetch(request, faultOf, clock) : request }
}

export const sendChanges = (world: LoginWorld, { client, id }: TurtlSession, changes: readonly Change[]): Promise<void> =>
  sendAll(client, world.ids, id, changes)

/** All that the server has of an account. */
export async function fetchWire({ client }: TurtlSession): Promise<WireAccount> {
  return wireAccountOf((await client.fetchFullSync()).records)
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
