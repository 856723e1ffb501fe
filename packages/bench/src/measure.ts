/**
 * Contests: all contenders of an operation take turns in one process, round after round, each round in another order. What
 * is compared is the ratio of two contenders within a round, which a busy machine slows alike; never a time by itself.
 */

import { concatBytes, equalBytes } from '@holdfast/base'

/**
 * How bytes travel: `api` copies in and returns a fresh array; `into` writes to an array of the caller; `in place` works in
 * a buffer of the engine; `flat` gives a batch as one array; `arrays` as a list of views.
 */
export type Contract = 'api' | 'into' | 'in place' | 'flat' | 'arrays'

export interface Contender {
  readonly name: string
  readonly contract: Contract
  /** What sets it apart from its neighbour of the same name and contract. */
  readonly variant?: string
  /** One call. What it returns is compared with the contest's `expected`. */
  readonly run?: () => unknown
  /** In place of `run`: one call made in another process, and the milliseconds it took there by the clock on the wall. */
  readonly time?: () => Promise<number>
}

export interface Contest {
  readonly operation: string
  /** The bytes each contender's result must come to. */
  readonly expected?: Uint8Array
  /** The first is what the others are measured against. */
  readonly contenders: readonly Contender[]
}

export interface Times {
  readonly name: string
  readonly contract: Contract
  readonly variant?: string
  /** Per call, one figure for each round. */
  readonly milliseconds: readonly number[]
}

export interface Pace {
  readonly rounds: number
  /** In place of `rounds`, when a round takes longer than half a second. */
  readonly slowRounds: number
  /** What a contender gets of each round, in milliseconds; at least one call. */
  readonly sliceMs: number
  /** Milliseconds that only grow. The clock on the wall takes its place in contests with another process. */
  readonly now: () => number
}

/** A round longer than this is slow. */
const SLOW_MS = 500
/** What a contender runs before its first round: an optimiser has its own thread, and a busy machine makes it late. */
const WARM_MS = 80

/** @throws {Error} a contender's result is not the expected one: a wrong answer has no speed. */
export async function measure(contest: Contest, given: Pace): Promise<Times[]> {
  const pace = contest.contenders.some(({ time }) => time) ? { ...given, now: () => performance.now() } : given
  const racers: Racer[] = []
  for (const contender of contest.contenders) racers.push({ contender, ...(await warmUp(contest, contender, pace)), milliseconds: [] })
  const roundMs = racers.reduce((total, { calls, warm }) => total + calls * warm, 0)
  const rounds = roundMs > SLOW_MS ? pace.slowRounds : pace.rounds
  for (let round = 0; round < rounds; round++) {
    const first = round % racers.length
    for (const racer of [...racers.slice(first), ...racers.slice(0, first)]) racer.milliseconds.push(await slice(racer, pace.now))
  }
  return racers.map(({ contender: { name, contract, variant }, milliseconds }) => ({
    name,
    contract,
    ...(variant === undefined ? {} : { variant }),
    milliseconds,
  }))
}

interface Racer {
  readonly contender: Contender
  /** In a slice. */
  readonly calls: number
  /** Milliseconds of a call, roughly. */
  readonly warm: number
  readonly milliseconds: number[]
}

/** @returns how many calls fill a slice; by then the optimiser has seen the code. */
async function warmUp(contest: Contest, contender: Contender, { sliceMs, now }: Pace): Promise<Pick<Racer, 'calls' | 'warm'>> {
  if (contender.time) return { calls: 1, warm: await contender.time() }
  if (!contender.run) throw neither(contender)
  checkResult(contest, contender, contender.run())
  for (let calls = 1, spent = 0; ; ) {
    const elapsed = await slice({ contender, calls }, now)
    spent += elapsed * calls
    if (elapsed * calls < sliceMs / 2) calls *= 2
    else if (spent >= WARM_MS) return { calls: Math.max(1, Math.round(sliceMs / elapsed)), warm: elapsed }
  }
}

/** @returns milliseconds per call. */
async function slice({ contender, calls }: Pick<Racer, 'contender' | 'calls'>, now: () => number): Promise<number> {
  const { run, time } = contender
  if (time) return time()
  if (!run) throw neither(contender)
  const start = now()
  for (let i = 0; i < calls; i++) run()
  return (now() - start) / calls
}

const neither = ({ name }: Contender) => new Error(`${name} has neither run nor time`)

function checkResult({ operation, expected }: Contest, { name, contract }: Contender, result: unknown): void {
  if (!expected || result === undefined) return
  const got = flatten(result)
  if (equalBytes(got, expected)) return
  throw new Error(`${operation}: ${name} (${contract}) gives another result than the one expected`)
}

/** The bytes of an array, of a list of arrays, or of a batch. */
function flatten(result: unknown): Uint8Array {
  if (result instanceof Uint8Array) return result
  return Array.isArray(result) ? concatBytes(...(result as readonly Uint8Array[])) : (result as { readonly bytes: Uint8Array }).bytes
}

/** How much faster one contender is than another: above 1 is faster. */
export interface Comparison {
  /** Of the ratios of all rounds. */
  readonly median: number
  /** The fastest round of the one against the fastest of the other. */
  readonly best: number
  /** How far a round's ratio typically lies from the median: the median absolute deviation, scaled to a standard deviation. */
  readonly noise: number
}

/** A standard deviation, in median absolute deviations of a normal distribution. */
const NORMAL = 1.4826

export function compare(base: Times, own: Times): Comparison {
  const ratios = own.milliseconds.map((ms, round) => (base.milliseconds[round] ?? Number.NaN) / ms)
  const middle = median(ratios)
  return {
    median: middle,
    best: Math.min(...base.milliseconds) / Math.min(...own.milliseconds),
    noise: NORMAL * median(ratios.map((ratio) => Math.abs(ratio - middle))),
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  return (lower + upper) / 2
}
