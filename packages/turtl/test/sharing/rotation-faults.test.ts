/** A rotation that is broken off at each of its steps, and one beside which somebody writes at each of its steps. */
import { type Fetch, HoldfastError } from '@holdfast/base'
import { init } from '@holdfast/crypto'
import { createFaultyFetch, type Fault, seededRandom } from '@holdfast/testkit'
import { describe, expect, test } from 'vitest'
import { createMemoryTurtlStore } from '../../src/index'
import { type Person, useTown } from './people'
import { expectRotated, makeScene, rotate, type Scene, sentSince, TEXTS } from './rotation-scene'

const town = useTown()
const wasm = await init({ backend: 'wasm' })
const MINUTES = 60_000
/** Every fifth step by default; all of them with `HOLDFAST_EVERY_STEP=1`. */
const STRIDE = process.env.HOLDFAST_EVERY_STEP ? 1 : 5

async function expectOneSuccessor(scene: Scene): Promise<string> {
  const { account } = await scene.alice.synced()
  const others = [...account.spaces.keys()].filter((id) => id !== scene.spaceId)
  expect(others).toHaveLength(1)
  expect(account.spaces.get(scene.spaceId)?.members.map(({ username }) => username)).not.toContain('mallory@example.com')
  return others[0] ?? ''
}

async function expectWhole(scene: Scene): Promise<void> {
  await expectRotated(scene, await expectOneSuccessor(scene), TEXTS)
  expect(scene.attacker.opens(sentSince(scene))).toBe(0)
}

describe('a rotation that is broken off', () => {
  /** Breaks the request of each number in turn; `goOn` is what happens then. */
  async function breakEach(fault: Fault, first: number, goOn: (scene: Scene, number: number) => Promise<void>): Promise<void> {
    for (let number = first % STRIDE; ; number += STRIDE) {
      await town.reset()
      let requests = Number.NEGATIVE_INFINITY
      const scene = await makeScene(town, wasm, (fetch) => {
        const faulty = createFaultyFetch(fetch, () => fault)
        return (url, init) => (requests++ === number ? faulty : fetch)(url, init)
      })
      requests = 0
      const broken = await rotate(scene.alice, scene).catch((error) => error)
      if (requests <= number) return
      expect(broken, `request ${number}`).toMatchObject({ retry: { safe: true } })
      await goOn(scene, number)
      await expectWhole(scene)
    }
  }

  const goOnHere = async ({ alice, ...scene }: Scene, number: number) =>
    expect(await rotate(alice, { alice, ...scene }), `request ${number}`).toMatchObject({ isComplete: true, left: [], overlaps: [] })

  const goOnElsewhere = async (scene: Scene, number: number) => {
    const other = await scene.alice.onAnotherDevice()
    expect(other.account.unreadable, `request ${number}`).toEqual([]) // whatever the moment, everything can be read
    expect(await rotate(other, scene), `request ${number}`).toMatchObject({ isComplete: true, left: [] })
  }

  test('at any request, whose answer is lost: the same call again goes on', () => breakEach('drop-answer', 1, goOnHere), 5 * MINUTES)

  test(
    'at any request, by a device that is lost: another one of the owner goes on',
    () => breakEach('drop-request', 2, goOnElsewhere),
    5 * MINUTES,
  )

  test('on one device, then on another, at different requests: the first goes on in the end', async () => {
    for (const [first, second] of [
      [7, 11],
      [9, 13],
      [12, 8],
    ] as const) {
      await town.reset()
      let requests = Number.NEGATIVE_INFINITY
      const breakAt = (number: number) => (fetch: Fetch) => {
        const broken = createFaultyFetch(fetch, () => 'drop-answer')
        return ((url, init) => (requests++ === number ? broken : fetch)(url, init)) satisfies Fetch
      }
      const scene = await makeScene(town, wasm, breakAt(first))
      const other = await scene.alice.onAnotherDevice(breakAt(second))
      for (const device of [scene.alice, other]) {
        requests = 0
        await expect(rotate(device, scene)).rejects.toMatchObject({ retry: { safe: true } })
      }
      requests = Number.NEGATIVE_INFINITY
      expect(await rotate(scene.alice, scene)).toMatchObject({ isComplete: true, left: [] })
      await expectWhole(scene)
    }
  }, 60_000)

  test(
    'at any write to its journal',
    async () => {
      for (let number = 0; ; number++) {
        await town.reset()
        const scene = await makeScene(town, wasm)
        let writes = 0
        const store = createMemoryTurtlStore(() => (writes++ === number ? (number % 2 === 0 ? 'before' : 'after') : undefined))
        const alice = { ...scene.alice, store }
        const broken = await rotate(alice, scene).catch((error) => error)
        if (writes <= number) return
        expect(broken).toMatchObject({ code: 'store_failed' })
        expect(await rotate(alice, scene)).toMatchObject({ isComplete: true })
        await expectWhole(scene)
      }
    },
    5 * MINUTES,
  )

  test.each(['a', 'b', 'c'])(
    'again and again, by a network that fails at random (seed %s)',
    async (seed) => {
      const random = seededRandom(`rotation ${seed}`)
      const faults: readonly (Fault | undefined)[] = ['drop-request', 'drop-answer', 'truncate-answer', 'duplicate']
      let isBad = false
      const scene = await makeScene(town, wasm, (fetch) => {
        const bad = createFaultyFetch(fetch, () => faults[(random(1)[0] ?? 0) % 24])
        return (url, init) => (isBad ? bad : fetch)(url, init)
      })
      isBad = true
      for (let isDone = false; !isDone; ) isDone = await rotate(scene.alice, scene).then(() => true, mayBeRepeated)
      isBad = false
      await expectWhole(scene)
    },
    MINUTES,
  )
})

/** Anything else is a failure of the test. */
function mayBeRepeated(error: unknown): false {
  if (error instanceof HoldfastError && error.retry.safe) return false
  throw error
}

describe('a rotation beside another device of the owner', () => {
  test(
    'that adds, edits and deletes at any moment: nothing is lost but what is named, and all of it is under new keys',
    async () => {
      let overtaken = 0
      for (let number = 0; ; number += STRIDE) {
        await town.reset()
        let requests = Number.NEGATIVE_INFINITY
        let other: Person | undefined
        const scene = await makeScene(town, wasm, (fetch: Fetch) => async (url, init) => {
          if (requests++ === number && other) await writeFrom(other)
          return fetch(url, init)
        })
        other = await scene.alice.onAnotherDevice()
        const edited = [...other.account.notes.values()].find(({ data }) => data.text === 'secret 1')?.id ?? ''
        requests = 0
        const first = await rotate(scene.alice, scene)
        if (requests <= number) break
        const second = await rotate(scene.alice, scene) // what came after the last look
        const isOvertaken = [...first.overlaps, ...second.overlaps].includes(edited)
        if (isOvertaken) overtaken++
        await expectRotated(scene, first.spaceId, ['secret 0', isOvertaken ? 'secret 1' : 'edited at once', 'secret 2', 'added at once'])
      }
      expect(overtaken).toBeLessThan(3)
    },
    5 * MINUTES,
  )

  /** It was synced before the rotation, and knows nothing of it. */
  async function writeFrom({ account, send }: Person): Promise<void> {
    const [spaceId = ''] = account.spaces.keys()
    const [boardId = null] = account.boards.keys()
    const noteWith = (text: string) => [...account.notes.values()].filter(({ data }) => data.text === text)
    const { changes: added } = await account.saveNotes([
      { space_id: spaceId, board_id: boardId, data: { type: 'text', text: 'added at once' } },
    ])
    const { changes: edited } = await account.saveNotes(
      noteWith('secret 1').map((note) => ({ ...note, data: { ...note.data, text: 'edited at once' } })),
    )
    const deleted = noteWith('secret 3').flatMap(({ id }) => account.removeNote(id))
    await send([...added, ...edited, ...deleted])
  }

  const edit = async ({ account, send }: Person, from: string, to: string) => {
    const notes = [...account.notes.values()].filter(({ data }) => data.text === from)
    await send((await account.saveNotes(notes.map((note) => ({ ...note, data: { ...note.data, text: to } })))).changes)
  }

  test('that knew the old space alone, and sends an edit after the end: the next call gives it a new key', async () => {
    const scene = await makeScene(town, wasm)
    const other = await scene.alice.onAnotherDevice()
    const { spaceId } = await rotate(scene.alice, scene)
    await edit(other, 'secret 2', 'edited offline')
    expect(await rotate(scene.alice, scene)).toMatchObject({ spaceId, isComplete: true })
    await expectRotated(scene, spaceId, ['secret 0', 'secret 1', 'edited offline', 'secret 3'])
  })

  test('that synced between the move and the new keys, and sends an edit under an old key: it is done again', async () => {
    let other: Person | undefined
    const moments: string[] = []
    const scene: Scene = await makeScene(town, wasm, (fetch) => async (url, init) => {
      const isNow = (moment: string, happens: boolean) => happens && moments[0] === moment && moments.shift()
      const newKeysCome = typeof init?.body === 'string' && init.body.includes('"action":"edit","type":"board"')
      if (isNow('sync', newKeysCome)) other = await scene.alice.onAnotherDevice()
      if (isNow('edit', init?.method === 'PUT') && other) await edit(other, 'secret 1', 'edited late') // the attachment comes last
      return fetch(url, init)
    })
    moments.push('sync', 'edit')
    const { spaceId, overlaps } = await rotate(scene.alice, scene)
    expect([moments, overlaps]).toEqual([[], []])
    await expectRotated(scene, spaceId, ['secret 0', 'edited late', 'secret 2', 'secret 3'])
  })

  test('that rotates too: one successor holds everything in the end', async () => {
    const scene = await makeScene(town, wasm)
    const other = await scene.alice.onAnotherDevice()
    await Promise.allSettled([rotate(scene.alice, scene), rotate(other, scene)])
    const { spaceId } = await rotate(scene.alice, scene)
    await expectRotated(scene, spaceId, TEXTS)
    expect(scene.attacker.opens(sentSince(scene))).toBe(0)
  })
})
