/** Two devices, a network that drops and duplicates, crashes at any step: nothing is lost, and both end up the same. */
import { decodeUtf8, encodeUtf8, HoldfastError } from '@holdfast/base'
import { type Engine, init } from '@holdfast/crypto'
import { makeRecoveryPhrase } from '@holdfast/keys'
import { createMemoryStore, type Store } from '@holdfast/sync'
import { createFakeClock, seededRandom } from '@holdfast/testkit'
import { beforeAll, expect, test } from 'vitest'
import { createBackup, type MainFactor, openBackup, recoveryPhrase } from '../src/index'
import { createCrashingStore, Killed } from './crashing-store'
import { createMemoryService, type NetworkFault, withFaults } from './memory-service'

const SCHEDULES = Number(process.env.HOLDFAST_SCHEDULES ?? 150)
const PATHS = ['a.txt', 'b.txt', 'dir/c', 'dir/d.tar.gz']

let engine: Engine
let factor: MainFactor
beforeAll(async () => {
  engine = await init()
  factor = recoveryPhrase(makeRecoveryPhrase(seededRandom('schedules')))
})

interface Version {
  readonly text: string
  /** Somebody who had it before them changed or removed it: then it may go. */
  superseded: boolean
}

async function runSchedule(seed: string): Promise<void> {
  const random = seededRandom(seed)
  const below = (n: number) => (random(1)[0] ?? 0) % n
  const clock = createFakeClock()
  const service = createMemoryService()
  const stores = [createMemoryStore(), createMemoryStore()] as const
  const versions = new Map<string, Version>()
  let counter = 0
  let faulty = true

  const faultOf = (): NetworkFault | undefined => (faulty ? (['drop-request', 'drop-answer', 'duplicate'] as const)[below(12)] : undefined)
  const client = withFaults(service.client, faultOf)
  const options = (store: Store) => ({ engine, service: client, store, clock, factor })

  async function read(store: Store, path: string): Promise<Version | undefined> {
    const bytes = await store.files.read(path)
    return bytes && versions.get(decodeUtf8(bytes))
  }

  async function edit(store: Store): Promise<void> {
    const existing = await store.files.list()
    const choices = [...PATHS, ...existing]
    const path = choices[below(choices.length)] ?? 'a.txt'
    const before = await read(store, path)
    if (before) before.superseded = true
    if (before && below(3) === 0) return store.files.remove(path)
    const text = `version ${counter++} of ${seed}`
    versions.set(text, { text, superseded: false })
    await store.files.write(path, encodeUtf8(text))
  }

  /** A run of the program: it may end in an outcome, in a typed error of the network, or be killed. */
  async function sync(store: Store, withFactor: boolean): Promise<void> {
    const running = faulty && below(3) === 0 ? createCrashingStore(store, 1 + below(40)) : store
    try {
      const backup = await openBackup(options(running))
      await backup.sync(withFactor ? { factor } : {})
    } catch (error) {
      const isExpected = error instanceof Killed || (error instanceof HoldfastError && ['unreachable', 'already_used'].includes(error.code))
      if (!isExpected) throw error
    }
  }

  faulty = false
  await createBackup(options(stores[0]))
  await openBackup(options(stores[1]))
  faulty = true
  for (let step = 0; step < 14; step++) {
    const store = stores[below(2) as 0 | 1]
    if (below(2) === 0) await edit(store)
    else await sync(store, below(4) !== 0)
    clock.advance(below(4) * 3_600_000)
  }
  faulty = false
  for (let round = 0; round < 2; round++) for (const store of stores) await sync(store, true)

  const folders = await Promise.all(
    stores.map(async (store) => {
      const paths = await store.files.list()
      return Object.fromEntries(
        await Promise.all(paths.map(async (path) => [path, decodeUtf8((await store.files.read(path)) ?? new Uint8Array())] as const)),
      )
    }),
  )
  expect(folders[0], `seed ${seed}: both devices hold the same`).toEqual(folders[1])
  const kept = Object.values(folders[0] ?? {})
  for (const { text, superseded } of versions.values()) if (!superseded) expect(kept, `seed ${seed}: ${text} is lost`).toContain(text)
}

test(`${SCHEDULES} schedules: nothing is lost, and both devices converge`, async () => {
  for (let n = 0; n < SCHEDULES; n++) await runSchedule(`schedule ${n}`)
}, 300_000)
