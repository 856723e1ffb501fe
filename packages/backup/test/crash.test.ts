/** Killed at every step of its store, a device is before or after, never between, and the next run finishes (world-backup-client §6.3, §12). */
import { decodeUtf8, encodeUtf8 } from '@holdfast/base'
import { type Engine, init } from '@holdfast/crypto'
import { makeRecoveryPhrase } from '@holdfast/keys'
import { createMemoryStore, type Store } from '@holdfast/sync'
import { createFakeClock, seededRandom } from '@holdfast/testkit'
import { beforeAll, describe, expect, test } from 'vitest'
import { type BackupOptions, createBackup, type MainFactor, openBackup, recoveryPhrase } from '../src/index'
import { createCrashingStore, Killed } from './crashing-store'
import { createMemoryService, type MemoryService, withFaults } from './memory-service'

let engine: Engine
let factor: MainFactor
beforeAll(async () => {
  engine = await init()
  factor = recoveryPhrase(makeRecoveryPhrase(seededRandom('crash')))
})

const bytes = encodeUtf8
const folderOf = async (store: Store) =>
  Object.fromEntries(
    await Promise.all(
      (await store.files.list()).map(async (path) => [path, decodeUtf8((await store.files.read(path)) ?? new Uint8Array())]),
    ),
  )

function optionsFor(service: MemoryService, store: Store): BackupOptions & { factor: MainFactor } {
  return { engine, service: service.client, store, clock: createFakeClock(), factor }
}

/** Runs `act` with a kill at its first step, its second, and so on, until it ends alive; each time on a world of its own. @returns how many kills. */
async function killEverywhere<World>(
  make: () => Promise<World>,
  act: (world: World, crash: (store: Store) => Store) => Promise<unknown>,
  after: (world: World, step: number) => Promise<void>,
): Promise<number> {
  for (let step = 1; ; step++) {
    const world = await make()
    let isDead = () => false
    const crash = (store: Store) => {
      const crashing = createCrashingStore(store, step)
      isDead = crashing.isDead
      return crashing
    }
    try {
      await act(world, crash)
    } catch (error) {
      if (!(error instanceof Killed)) throw error
    }
    const killed = isDead()
    await after(world, step)
    if (!killed) return step - 1
  }
}

async function makeTwoDevices() {
  const service = createMemoryService()
  const here = createMemoryStore({ 'same.txt': bytes('same'), 'edited.txt': bytes('old'), 'removed.txt': bytes('gone soon') })
  await (await createBackup(optionsFor(service, here))).sync()
  const there = createMemoryStore()
  await openBackup(optionsFor(service, there))
  return { service, here, there }
}

describe('a device killed at any step of its store', () => {
  test('creates one backup, which the next run finishes', async () => {
    const kills = await killEverywhere(
      async () => ({ service: createMemoryService(), store: createMemoryStore({ 'a.txt': bytes('a') }) }),
      async ({ service, store }, crash) => (await createBackup(optionsFor(service, crash(store)))).sync(),
      async ({ service, store }, step) => {
        const hasBackup = (await store.state.load('device')) !== undefined
        const backup = hasBackup ? await openBackup(optionsFor(service, store)) : await createBackup(optionsFor(service, store))
        expect(['committed', 'up-to-date'], `killed at step ${step}`).toContain((await backup.sync()).kind)
        const elsewhere = createMemoryStore()
        await openBackup(optionsFor(service, elsewhere))
        expect(await folderOf(elsewhere)).toEqual({ 'a.txt': 'a' })
      },
    )
    expect(kills).toBeGreaterThan(10)
  })

  test('restores everything, and the next run finishes', async () => {
    const kills = await killEverywhere(
      makeTwoDevices,
      async ({ service }, crash) => openBackup(optionsFor(service, crash(fresh()))),
      async ({ service, here }, step) => {
        await openBackup(optionsFor(service, last))
        expect(await folderOf(last), `killed at step ${step}`).toEqual(await folderOf(here))
      },
    )
    expect(kills).toBeGreaterThan(10)
  })

  let last: Store
  function fresh(): Store {
    last = createMemoryStore()
    return last
  }

  test.each(['answered', 'answer lost'])('syncs its changes or has not yet (%s)', async (network) => {
    const kills = await killEverywhere(
      makeTwoDevices,
      async ({ service, there }, crash) => {
        await there.files.write('edited.txt', bytes('new'))
        await there.files.remove('removed.txt')
        const options = optionsFor(service, crash(there))
        let calls = 0
        const lossy = withFaults(options.service, () => (network === 'answer lost' && calls++ === 1 ? 'drop-answer' : undefined))
        return (await openBackup({ ...options, service: lossy })).sync()
      },
      async ({ service, here, there }, step) => {
        const again = await (await openBackup(optionsFor(service, there))).sync()
        expect(['committed', 'up-to-date'], `killed at step ${step}`).toContain(again.kind)
        await (await openBackup(optionsFor(service, here))).sync({ factor })
        expect(await folderOf(here)).toEqual({ 'same.txt': 'same', 'edited.txt': 'new' })
        expect(await folderOf(there)).toEqual({ 'same.txt': 'same', 'edited.txt': 'new' })
      },
    )
    expect(kills).toBeGreaterThan(3)
  })

  test('merges a remote state with its own changes, and loses none of either', async () => {
    const kills = await killEverywhere(
      async () => {
        const world = await makeTwoDevices()
        const there = await openBackup(optionsFor(world.service, world.there))
        await there.put('orb_pkg', 'new/from there.bin', bytes('there'))
        await there.put('document_pkg', 'edited.txt', bytes('edited there'))
        await there.remove('same.txt')
        await there.sync()
        await world.here.files.write('edited.txt', bytes('edited here'))
        await world.here.files.remove('removed.txt')
        await world.here.files.write('only here.txt', bytes('here'))
        return world
      },
      async ({ service, here }, crash) => (await openBackup(optionsFor(service, crash(here)))).sync({ factor }),
      async ({ service, here, there }, step) => {
        const outcome = await (await openBackup(optionsFor(service, here))).sync({ factor })
        expect(['committed', 'up-to-date'], `killed at step ${step}`).toContain(outcome.kind)
        await (await openBackup(optionsFor(service, there))).sync({ factor })
        const expected = {
          'edited (conflict 2026-01-01).txt': 'edited here',
          'edited.txt': 'edited there',
          'new/from there.bin': 'there',
          'only here.txt': 'here',
        }
        expect(await folderOf(here)).toEqual(expected)
        expect(await folderOf(there)).toEqual(expected)
      },
    )
    expect(kills).toBeGreaterThan(15)
  })
})
