/**
 * Two devices of one account that edit, delete and move at random, over a network that drops, delays and repeats, with
 * requests that overtake each other, stores that fail and devices that are started anew (turtl §6.9). Whatever happens:
 * nothing that was written or attached is lost, unless somebody who saw it replaced or deleted it; each conflict is listed; and
 * in the end both devices show the same, and so does a new one; each note has the file that it names.
 *
 * `HOLDFAST_SCHEDULES=3000` runs that many; `HOLDFAST_SEED=…` runs the one that failed.
 */
import { decodeUtf8, encodeUtf8, type Fetch } from '@holdfast/base'
import { init } from '@holdfast/crypto'
import { createFakeClock, createFaultyFetch, type Fault, seededRandom } from '@holdfast/testkit'
import { makeTurtlServer } from '@holdfast/testkit/turtl-server'
import { expect, test } from 'vitest'
import { createMemoryTurtlStore, type Note, type StoreFault, type TurtlAccount, type TurtlStore } from '../src/index'
import { fetchFrom } from './server'
import { type Device, joinAs, makeDevice } from './two-devices'

const SCHEDULES = Number(process.env.HOLDFAST_SCHEDULES ?? 15)
const SEED = process.env.HOLDFAST_SEED
const FAULTS: readonly Fault[] = ['drop-request', 'drop-answer', 'duplicate', 'truncate-answer', 'delay']

test(`${SCHEDULES} schedules: nothing is lost, every conflict is listed, both devices show the same`, { timeout: 3_600_000 }, async () => {
  const engines = [await init({ backend: 'wasm' }), await init({ backend: 'sodium' })] as const
  const clock = createFakeClock()
  const server = await makeTurtlServer({ clock, random: seededRandom('server') })
  const first = Date.now()
  const seeds = SEED === undefined ? Array.from({ length: SCHEDULES }, (_, i) => `${first}/${i}`) : [SEED]
  const counted = { conflicts: 0, copies: 0, requests: 0, faults: 0 }
  try {
    for (const [i, seed] of seeds.entries()) {
      const engine = engines[i % 2 === 0 ? 0 : 1]
      await server.reset()
      const schedule = new Schedule(seed)
      try {
        await schedule.run(engine, clock, fetchFrom(server))
      } catch (cause) {
        throw new Error(`HOLDFAST_SEED='${seed}': ${String(cause)}\n${schedule.log.join('\n')}`, { cause })
      }
      for (const name of ['conflicts', 'copies', 'requests', 'faults'] as const) counted[name] += schedule.counted[name]
    }
  } finally {
    await server.close()
  }
  if (process.env.HOLDFAST_SCHEDULES) console.log(`${seeds.length} schedules: ${JSON.stringify(counted)}`)
  if (SEED === undefined) for (const count of Object.values(counted)) expect(count).toBeGreaterThan(0)
})

type Engine = Awaited<ReturnType<typeof init>>
type Clock = ReturnType<typeof createFakeClock>

/** What has been written and attached, by the word that stands for it; of each whether somebody who saw it replaced or deleted it. */
class Schedule {
  readonly log: string[] = []
  readonly counted = { conflicts: 0, copies: 0, requests: 0, faults: 0 }
  readonly #seed: string
  readonly #random: () => number
  readonly #words = new Map<string, { readonly root: string; superseded: boolean }>()
  readonly #waiting: (() => Promise<void>)[] = []
  #isFaulty = true
  #word = 0

  constructor(seed: string) {
    this.#seed = seed
    const bytes = seededRandom(seed)
    this.#random = () => {
      const [a = 0, b = 0, c = 0] = bytes(3)
      return ((a * 256 + b) * 256 + c) / 0x1000000
    }
  }

  #below = (limit: number) => Math.floor(this.#random() * limit)
  #pick = <Item>(items: readonly Item[]) => items[this.#below(items.length)]

  async run(engine: Engine, clock: Clock, direct: Fetch): Promise<void> {
    const person = await joinAs(engine, direct, clock, 'alice@example.com')
    const faultOf = () => {
      this.counted.requests++
      if (!this.#isFaulty || this.#random() > 0.3) return undefined
      this.counted.faults++
      return this.#pick(FAULTS)
    }
    const fetch = this.#gate(createFaultyFetch(direct, faultOf, clock))
    const storeFault = (): StoreFault | undefined => (this.#isFaulty && this.#random() < 0.02 ? this.#pick(['before', 'after']) : undefined)
    const stores = [createMemoryTurtlStore(storeFault), createMemoryTurtlStore(storeFault)] as const
    const open = (name: string, store: TurtlStore) =>
      this.#persist(() => makeDevice({ engine, fetch, clock, person, seed: `${this.#seed}/${name}`, store }))
    let [a, b] = [await open('a0', stores[0]), await open('b0', stores[1])]

    await this.#persist(() => a.sync.edit((account) => account.saveSpaces([{ data: { title: 'One' } }, { data: { title: 'Two' } }])))
    this.#isFaulty = false
    for (const device of [a, b]) await this.#together([device])
    await this.#edit('a', a)
    for (const device of [a, b]) await this.#together([device])
    this.#isFaulty = true

    const steps = 6 + this.#below(8)
    for (let step = 0; step < steps; step++) {
      const dice = this.#random()
      const [name, device] = this.#random() < 0.5 ? (['a', a] as const) : (['b', b] as const)
      if (dice < 0.6) await this.#edit(name, device)
      else if (dice < 0.75) await this.#together([device])
      else if (dice < 0.95) await this.#together([a, b])
      else if (name === 'a') a = await open(`a${step + 1}`, stores[0])
      else b = await open(`b${step + 1}`, stores[1])
    }

    this.#isFaulty = false
    await this.#settle(a, b)
    const fresh = await makeDevice({ engine, fetch: direct, clock, person, seed: `${this.#seed}/fresh` })
    await fresh.sync.sync()
    for (const { sync } of [a, b]) expect(await sync.pending(), 'sent').toEqual([])
    expect(shown(b.account), 'b shows what a shows').toEqual(shown(a.account))
    expect(shown(fresh.account), 'a new device shows what a shows').toEqual(shown(a.account))
    expect(a.account.unreadable, 'all opens').toEqual([])
    const files = await filesOf(a)
    expect(await filesOf(b), 'b has the files that a has').toEqual(files)
    expect(await filesOf(fresh), 'a new device has the files that a has').toEqual(files)
    await this.#checkNothingLost(a, b, files)
  }

  /** Rounds in turn, until one of both changes nothing any more. */
  async #settle(a: Device, b: Device): Promise<void> {
    for (let round = 0, before = ''; round < 10; round++) {
      for (const device of [a, b]) {
        await device.sync.unfreeze()
        await this.#together([device])
      }
      const now = JSON.stringify([shown(a.account), shown(b.account)])
      if (now === before && (await waitingAt(a)).length + (await waitingAt(b)).length === 0) return
      before = now
    }
    const waiting = [...(await waitingAt(a)), ...(await waitingAt(b))]
    throw new Error(`the devices do not come to rest; waiting: ${JSON.stringify(waiting)}`)
  }

  async #checkNothingLost(a: Device, b: Device, files: Readonly<Record<string, string>>): Promise<void> {
    const notes = [...a.account.notes.values()]
    const text = [...notes.map(({ data }) => data.text ?? ''), ...Object.values(files)].join(' ')
    const conflicts = [...(await a.sync.conflicts()), ...(await b.sync.conflicts())]
    for (const { id, data } of notes)
      for (const word of wordsIn(data.file?.name))
        if (!this.#words.get(word)?.superseded && files[id] !== word) throw new Error(`note ${id} has lost its file ${word}`)
    const left = new Map<string, number>()
    for (const [word, { root, superseded }] of this.#words) {
      if (superseded) continue
      if (!text.split(' ').includes(word)) throw new Error(`lost: ${word}; shown: ${text}; conflicts: ${JSON.stringify(conflicts)}`)
      left.set(root, (left.get(root) ?? 0) + 1)
    }
    const isDouble = [...left.values()].some((count) => count > 1)
    if (isDouble && conflicts.length === 0) throw new Error('two versions are kept, and no conflict is listed')
    this.counted.conflicts += conflicts.length
    this.counted.copies += conflicts.filter(({ copyId }) => copyId !== undefined).length
  }

  /** A request waits until the schedule lets it through, so that those of both devices come in any order. */
  #gate(fetch: Fetch): Fetch {
    return (url, init) =>
      new Promise((resolve, reject) => {
        this.#waiting.push(() => fetch(url, init).then(resolve, reject))
      })
  }

  /** One round of each, at the same time. */
  async #together(devices: readonly Device[]): Promise<void> {
    let running = devices.length
    const rounds = devices.map(async ({ sync }) => {
      try {
        const { kind } = await sync.sync()
        this.log.push(`round: ${kind}`)
        if (kind === 'stopped') throw new Error('stopped')
      } catch (error) {
        if ((error as { code?: string }).code !== 'store_failed') throw error
        this.log.push('round: the store failed')
      } finally {
        running--
      }
    })
    const all = Promise.all(rounds)
    all.catch(() => undefined)
    while (running > 0) {
      await new Promise((resolve) => setImmediate(resolve))
      if (this.#waiting.length < running || running === 0) continue
      const [release] = this.#waiting.splice(this.#below(this.#waiting.length), 1)
      await release?.()
    }
    await all
  }

  /** Until the store does it: what a person would do. */
  async #persist<Result>(work: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await work()
      } catch (error) {
        if ((error as { code?: string }).code !== 'store_failed') throw error
      }
    }
  }

  async #edit(name: string, { account, sync }: Device): Promise<void> {
    const dice = this.#random()
    const space = this.#pick([...account.spaces.keys()])
    const note = this.#pick([...account.notes.values()])
    const board = this.#pick([...account.boards.values()])
    const word = `${name}${this.#word++}`
    const held = () => new Set([...account.notes.values()].flatMap(({ data }) => wordsOf(data)))
    const before = held()
    const roots = new Map(
      [...account.notes.values()].flatMap(({ id, data }) => wordsOf(data).map((w) => [w, this.#words.get(w)?.root ?? id])),
    )
    let root = ''
    const attempt = async (work: () => Promise<unknown>) => {
      try {
        await work()
        return true
      } catch (error) {
        if ((error as { code?: string }).code !== 'store_failed') throw error
        return false
      }
    }
    let what = ''
    if (!note || dice < 0.25) {
      const spaceId =
        space ?? (await this.#persist(() => sync.edit((held) => held.saveSpaces([{ data: { title: word } }])))).objects[0]?.id ?? ''
      what = `${name} adds ${word}`
      const boardId = board?.space_id === spaceId ? board.id : null
      await attempt(async () => {
        const { objects } = await sync.edit((held) =>
          held.saveNotes([{ space_id: spaceId, board_id: boardId, data: { type: 'text', title: 'note', text: word } }]),
        )
        root = objects[0]?.id ?? ''
      })
    } else if (dice < 0.37) {
      root = `the file of ${roots.get(wordsIn(note.data.text)[0] ?? '') ?? note.id}`
      what = `${name} attaches ${word} to ${note.data.text} (${note.id.slice(8, 20)}), instead of ${note.data.file?.name}`
      await attempt(() => sync.attach(note.id, { name: word }, encodeUtf8(word)))
    } else if (dice < 0.4) {
      what = `${name} removes the file ${note.data.file?.name} of ${note.data.text} (${note.id.slice(8, 20)})`
      if (note.data.file) await attempt(() => sync.edit((held) => held.removeAttachment(note.id)))
    } else if (dice < 0.65) {
      const [old = ''] = wordsIn(note.data.text)
      root = roots.get(old) ?? note.id
      what = `${name} edits ${old} to ${word} (${note.id.slice(8, 20)})`
      await attempt(() => sync.edit((held) => held.saveNotes([{ ...note, data: { ...note.data, text: word } }])))
    } else if (dice < 0.75) {
      what = `${name} deletes ${note.data.text}`
      await attempt(() => sync.edit((held) => held.removeNote(note.id)))
    } else if (dice < 0.85) {
      what = `${name} moves ${note.data.text} to ${space?.slice(8, 20)}`
      await attempt(() => sync.edit((held) => held.saveNotes([{ ...note, space_id: space ?? '', board_id: null }])))
    } else if (dice < 0.88) {
      what = `${name} adds a board`
      await attempt(() => sync.edit((held) => held.saveBoards([{ space_id: space ?? '', data: { title: word } }])))
    } else if (dice < 0.91 && board) {
      what = `${name} puts ${note.data.text} into a board`
      if (board.space_id === note.space_id) await attempt(() => sync.edit((held) => held.saveNotes([{ ...note, board_id: board.id }])))
    } else if (dice < 0.93 && board) {
      what = `${name} moves a board`
      await attempt(() => sync.edit((held) => held.moveBoard(board.id, space ?? '')))
    } else if (dice < 0.95 && board) {
      what = `${name} removes a board`
      await attempt(() => sync.edit((held) => held.removeBoard(board.id)))
    } else if (dice < 0.97) {
      what = `${name} renames ${space?.slice(8, 20)}`
      await attempt(() => sync.edit((held) => held.saveSpaces([{ id: space ?? '', data: { title: word } }])))
    } else if (account.spaces.size > 1) {
      what = `${name} deletes space ${space?.slice(8, 20)}`
      await attempt(() => sync.edit((held) => held.removeSpace(space ?? '')))
    }
    // What the device shows now says what was done, also when only the store's answer was lost.
    const after = held()
    if (after.has(word)) this.#words.set(word, { root: root || word, superseded: false })
    for (const old of before) {
      const record = this.#words.get(old)
      if (record && !after.has(old)) record.superseded = true
    }
    this.log.push(`${what}${after.has(word) || what.includes('delete') ? '' : ' -'}`)
  }
}

const wordsIn = (text = '') => text.split(' ').filter(Boolean)
const wordsOf = ({ text, file }: Note['data']) => [...wordsIn(text), ...wordsIn(file?.name)]

const waitingAt = async ({ sync }: Device): Promise<readonly object[]> => [...(await sync.pending()), ...(await sync.transfers())]

/** By the id of their notes. A note whose file is gone everywhere has none. */
async function filesOf({ account, sync }: Device): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {}
  for (const { id, data } of account.notes.values()) {
    const file = await sync.loadFile(id)
    if (file) files[id] = decodeUtf8(file)
    if (file) expect(files[id], 'the file that the note names').toBe(data.file?.name)
  }
  return files
}

function shown({ spaces, boards, notes }: TurtlAccount): unknown {
  const list = (held: ReadonlyMap<string, object>) =>
    [...held].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, model]) => ({ ...model, keys: [], mod: 0 }))
  return [list(spaces), list(boards), list(notes)]
}
