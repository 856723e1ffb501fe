/** Two devices of one account at one server, over a network of their own. */
import { encodeUtf8, type Fetch, Secret } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { type FakeClock, seededRandom } from '@holdfast/testkit'
import {
  createIdSource,
  createMemoryTurtlStore,
  createStoredIdStore,
  createTurtlClient,
  makeTurtlAccount,
  openTurtlSync,
  sealModel,
  type TurtlAccount,
  type TurtlClient,
  type TurtlStore,
  type TurtlSync,
  type User,
} from '../src/index'
import { masterKeyOf } from './world'

export const ENDPOINT = 'https://turtl.test'

export interface Person {
  readonly user: User
  readonly auth: string
  /** Master key: that byte, 32 times. */
  readonly fill: number
}

export interface Device {
  readonly account: TurtlAccount
  readonly client: TurtlClient
  readonly store: TurtlStore
  readonly sync: TurtlSync
}

const clientOf = (fetch: Fetch, clock: FakeClock, username: string, auth: string) =>
  createTurtlClient({ endpoint: ENDPOINT, fetch, clock, authToken: new Secret('turtl-auth-token', encodeUtf8(auth)), username })

export async function joinAs(engine: Engine, fetch: Fetch, clock: FakeClock, username: string, fill = 1): Promise<Person> {
  const auth = `a${fill}`
  const { keys: _, ...data } = sealModel(
    engine,
    'user',
    { id: '1', username, keys: [], data: { settings: {} } },
    masterKeyOf(fill).expose(),
  )
  const { id } = await clientOf(fetch, clock, username, auth).join({ auth, username, data })
  return { user: { id, username, keys: [], data: { settings: {} } }, auth, fill }
}

export interface DeviceOptions {
  readonly engine: Engine
  readonly fetch: Fetch
  readonly clock: FakeClock
  readonly person: Person
  readonly seed: string
  readonly store?: TurtlStore
}

export async function makeDevice({ engine, fetch, clock, person, seed, store = createMemoryTurtlStore() }: DeviceOptions): Promise<Device> {
  const random = seededRandom(seed)
  const ids = createIdSource({ store: createStoredIdStore(store), clock, random })
  const account = makeTurtlAccount({ engine, ids, clock }, masterKeyOf(person.fill), person.user)
  const client = clientOf(fetch, clock, person.user.username, person.auth)
  const sync = await openTurtlSync({ engine, client, store, account, ids, clock, random })
  return { account, client, store, sync }
}
