/** Makes ids that are unique and increasing (turtl §4.2), also after a restart and when the clock is set back. */
import { type Clock, encodeHex, type Random } from '@holdfast/base'
import { encodeId } from './ids'
import { createTurn } from './turn'

export interface IdState {
  /** 64 lowercase hex digits, made once an installation. */
  readonly clientId: string
  /** Of the last id handed out. */
  readonly timestampMs: number
  readonly counter: number
}

/** Where an installation keeps its `IdState`; `save` resolves when it would survive a crash. */
export interface IdStore {
  load(): Promise<IdState | undefined>
  save(state: IdState): Promise<void>
}

export interface IdSource {
  /** `count` new ids in increasing order; saved before they are handed out. */
  makeIds(count: number): Promise<string[]>
}

/**
 * @example
 * ```ts
 * const ids = createIdSource({ store: createMemoryIdStore(), clock: systemClock, random: engine.random })
 * const [noteId] = await ids.makeIds(1)
 * ```
 */
export function createIdSource({
  store,
  clock,
  random,
}: {
  readonly store: IdStore
  readonly clock: Pick<Clock, 'now'>
  readonly random: Random
}): IdSource {
  let last: IdState | undefined
  const inTurn = createTurn()

  async function make(count: number): Promise<string[]> {
    let state = last ?? (await store.load()) ?? { clientId: encodeHex(random(32)), timestampMs: 0, counter: 65535 }
    const made = Array.from({ length: count }, () => {
      state = nextState(state, clock.now())
      return encodeId(state)
    })
    await store.save(state)
    last = state
    return made
  }

  return {
    // After a failure the next call starts from what was saved.
    makeIds: (count) => (count === 0 ? Promise.resolve([]) : inTurn(() => make(count))),
  }
}

/** The counter runs on; when it starts anew within one millisecond, the millisecond is counted up, so that ids keep rising. */
function nextState({ clientId, timestampMs, counter }: IdState, now: number): IdState {
  const next = (counter + 1) % 65536
  if (now > timestampMs) return { clientId, timestampMs: now, counter: next }
  return { clientId, timestampMs: next === 0 ? timestampMs + 1 : timestampMs, counter: next }
}

/** For tests and one-off tools: forgotten when the process ends. */
export function createMemoryIdStore(): IdStore {
  let held: IdState | undefined
  return {
    load: async () => held,
    save: async (state) => {
      held = state
    },
  }
}
