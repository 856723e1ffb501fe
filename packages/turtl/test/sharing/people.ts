/** People with accounts on one real server, each with a client, a store and an account as their device would have them. */
import { encodeUtf8, type Fetch, Secret } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { createFakeClock, seededRandom } from '@holdfast/testkit'
import { makeTurtlServer, type TurtlServer } from '@holdfast/testkit/turtl-server'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import {
  acceptInvite,
  type Change,
  createIdSource,
  createMemoryIdStore,
  createMemoryTurtlStore,
  createTurtlClient,
  type IdSource,
  type IncomingRecord,
  makeInvite,
  makeTurtlAccount,
  makeUserKeyPair,
  openTurtlAccount,
  type Role,
  sealModel,
  type TurtlAccount,
  type TurtlClient,
  type TurtlStore,
  type User,
} from '../../src/index'
import { fetchFrom, sendAll, wireAccountOf } from '../server'
import { masterKeyOf } from '../world'

export interface Person {
  readonly id: string
  readonly username: string
  readonly engine: Engine
  readonly ids: IdSource
  readonly store: TurtlStore
  readonly client: TurtlClient
  readonly account: TurtlAccount
  readonly clock: { now(): number }
  /** The account as the server has it now. */
  synced(): Promise<Person>
  /** The same person on a device with nothing of the first one, over another network. */
  onAnotherDevice(network?: (fetch: Fetch) => Fetch): Promise<Person>
  records(): Promise<readonly IncomingRecord[]>
  send(changes: readonly Change[]): Promise<void>
}

export interface Town {
  /** A new account; each name is one person. */
  join(engine: Engine, name: string, network?: (fetch: Fetch) => Fetch): Promise<Person>
  readonly fetch: Fetch
  reset(): Promise<void>
}

/** One server for the tests of a file, empty before each. */
export function useTown(): Town {
  const clock = createFakeClock(1_700_000_000_000)
  let server: TurtlServer
  let people = 0
  beforeAll(async () => {
    server = await makeTurtlServer({ clock, random: seededRandom('town') })
  })
  const reset = async () => {
    people = 0
    await server.reset()
  }
  beforeEach(reset)
  afterAll(() => server.close())
  const fetch: Fetch = (url, init) => fetchFrom(server)(url, init)

  const join: Town['join'] = async (engine, name, network = (plain) => plain) => {
    const fill = ++people
    const username = `${name}@example.com`
    const masterKey = masterKeyOf(fill)
    const auth = encodeUtf8(fill.toString(16).padStart(322, '0'))
    const device = (seed: string, over: (fetch: Fetch) => Fetch) => {
      const authToken = new Secret('turtl-auth-token', auth)
      return {
        clock,
        engine,
        ids: createIdSource({ store: createMemoryIdStore(), clock, random: seededRandom(seed) }),
        store: createMemoryTurtlStore(),
        client: createTurtlClient({ endpoint: 'https://turtl.test', fetch: over(fetch), clock, username, authToken }),
      }
    }
    const first = device(`${name} 1`, network)
    const { pubkey, privkey } = makeUserKeyPair(engine)
    const user: User = { id: '0', username, pubkey, keys: [], data: { privkey, settings: {} } }
    const wire = sealModel(engine, 'user', user, masterKey.expose())
    const { id } = await first.client.join({ auth: new TextDecoder().decode(auth), username, data: wire })

    const make = (tools: ReturnType<typeof device>, account: TurtlAccount): Person => ({
      ...tools,
      id,
      username,
      account,
      synced: async () => {
        const { records } = await tools.client.fetchFullSync()
        return make(tools, openTurtlAccount(tools, masterKey, wireAccountOf(records)))
      },
      onAnotherDevice: (over = (plain) => plain) => make(device(`${name} 2`, over), account).synced(),
      records: async () => (await tools.client.fetchFullSync()).records,
      send: (changes) => sendAll(tools.client, tools.ids, id, changes),
    })
    return make(first, makeTurtlAccount(first, masterKey, { ...user, id })).synced()
  }
  return { join, fetch, reset }
}

/** Makes somebody a member, the sound way. @returns the member, synced. */
export async function share(from: Person, spaceId: string, to: Person, role: Role): Promise<Person> {
  const passphrase = 'abandon ability able about above absent absorb abstract'
  const { invite } = await makeInvite(from, { spaceId, to: to.username, role, title: 'Come and see', passphrase })
  await from.client.sendInvite(spaceId, invite)
  const outcome = await acceptInvite(to, invite, passphrase)
  if (outcome.kind !== 'accepted') throw new Error(`not accepted: ${outcome.kind}`)
  return to.synced()
}

/** Makes somebody a member in no time: what an invite does at the server and in the keychain, without its passphrase. */
export async function enrol(from: Person, spaceId: string, to: Person, role: Role): Promise<Person> {
  const key = from.account.keyOf(spaceId)
  if (!key) throw new Error(`space ${spaceId} is not open`)
  const [id = ''] = await from.ids.makeIds(1)
  const flags = { is_passphrase_protected: false, is_pubkey_protected: false }
  const invite = {
    id,
    space_id: spaceId,
    from_user_id: Number(from.id),
    from_username: from.username,
    to_user: to.username,
    role,
    title: '',
  }
  await from.client.sendInvite(spaceId, { ...invite, ...flags, body: 'AAYBAAw=' })
  await to.send([await to.account.makeKeychainEntry(spaceId, key)])
  await to.client.acceptInvite(spaceId, id)
  return to.synced()
}
