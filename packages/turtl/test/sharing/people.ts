/** People with accounts on one real server, each with a client, a store and an account as their device would have them. */
import { encodeUtf8, type Fetch, Secret } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import type { WireAccount, WireObject } from '@holdfast/keys'
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
  encodeSyncRecord,
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
  type WireFields,
} from '../../src/index'
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
  const fetch: Fetch = (url, init) => server.fetch(new Request(url, init))

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
      send: async (changes) => {
        const ids = await tools.ids.makeIds(changes.length)
        for (let at = 0; at < changes.length; at += 32) {
          const batch = changes.slice(at, at + 32).map((change, i) => encodeSyncRecord(ids[at + i] ?? '', id, change))
          const { failures } = await tools.client.sendChanges(batch)
          if (failures.length > 0) throw new Error(`refused: ${JSON.stringify(failures)}`)
        }
      },
    })
    return make(first, makeTurtlAccount(first, masterKey, { ...user, id })).synced()
  }
  return { join, fetch, reset }
}

export function wireAccountOf(records: readonly IncomingRecord[]): WireAccount {
  const list = (kind: string) => records.filter(({ type }) => type === kind).map(({ data }) => data as WireFields & WireObject)
  const [user] = list('user')
  if (!user) throw new Error('a full sync without user')
  return { user, keychain: list('keychain'), spaces: list('space'), boards: list('board'), notes: list('note') }
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
