/** What a run found, as it is written to JSON. */
import type { ColdStart, ColdStarter, HeldContest } from './competition'
import { judge, type Verdict } from './gate'
import { GOALS, type Goal, isMeantBy } from './goals'
import { type Comparison, type Contract, compare, median, type Times } from './measure'
import type { Size } from './sizes'

export interface Results {
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string }
  readonly form: 'full' | 'short'
  readonly rounds: number
  readonly rows: readonly Row[]
  readonly goals: readonly GoalResult[]
  readonly sizes: readonly Size[]
  readonly coldStarts: readonly ColdStartResult[]
  /** Who did not take part, and what to do about it. */
  readonly remarks: readonly string[]
}

/** One contender of one operation against the base. */
export interface Row extends Comparison {
  readonly runtime: string
  readonly operation: string
  readonly contender: string
  readonly contract: Contract
  readonly variant?: string
  readonly base: string
  readonly callsPerSecond: number
}

export interface GoalResult extends Comparison {
  readonly runtime: string
  readonly goal: Goal
  /** Whose time is divided by ours. */
  readonly against: string
  /** Of the goal itself. */
  readonly verdict: Verdict
  /** Of the gate: the goal, or what is held until it is reached. */
  readonly gate: Verdict
  /** Missed at first, and held again. */
  readonly repeated: boolean
}

/** The fastest of several, in milliseconds: what a busy machine adds says nothing about the code. */
export interface ColdStartResult extends ColdStart {
  readonly runtime: string
  readonly who: ColdStarter
}

const label = ({ name, variant }: Times): string => (variant === undefined ? name : `${name} (${variant})`)

export function rowsOf(runtime: string, { operation, times }: HeldContest): Row[] {
  const [base] = times
  if (!base) return []
  return times.map((own) => ({
    runtime,
    operation,
    contender: own.name,
    contract: own.contract,
    ...(own.variant === undefined ? {} : { variant: own.variant }),
    base: label(base),
    callsPerSecond: 1000 / median(own.milliseconds),
    ...compare(base, own),
  }))
}

/** Processors differ in what they are good at: a ratio 30 % below the floor on another one is not yet a regression. */
const OTHER_PROCESSORS = 0.7

function gateFloor({ floor, short }: Goal): number {
  return (short?.held ?? floor) * OTHER_PROCESSORS
}

export function goalResultsOf(runtime: string, { operation, times }: HeldContest): GoalResult[] {
  return GOALS.filter((goal) => goal.operation === operation).flatMap((goal) => {
    const base = goal.against === undefined ? times[0] : times.find(({ name }) => name === goal.against)
    const own = times.find((contender) => isMeantBy(goal, contender))
    if (!base || !own) throw new Error(`the goal "${goal.name}" (${goal.contract}) has no contender in "${operation}"`)
    const comparison = compare(base, own)
    return {
      runtime,
      goal,
      against: label(base),
      ...comparison,
      verdict: judge(comparison, goal.floor),
      gate: judge(comparison, gateFloor(goal)),
      repeated: false,
    }
  })
}

/** A row missed twice is missed; a row missed once had bad luck. */
export function afterRepeat(first: readonly GoalResult[], second: readonly GoalResult[]): GoalResult[] {
  return first.map((result, i) => {
    const again = second[i]
    return result.gate === 'missed' && again ? { ...again, repeated: true } : result
  })
}

/** What makes the run fail: each in a sentence. Never a time by itself. */
export function failuresOf({ goals, sizes }: Pick<Results, 'goals' | 'sizes'>): string[] {
  const slow = goals
    .filter(({ gate }) => gate === 'missed')
    .map(({ runtime, goal, against, median, best, noise }) => {
      return `${runtime}: ${goal.name} (${goal.contract}) is ${median.toFixed(2)} times (best ${best.toFixed(2)}, noise ${noise.toFixed(2)}) as fast as ${against}; the floor is ${gateFloor(goal).toFixed(2)}`
    })
  const large = sizes
    .filter(({ bytes, ceiling }) => bytes > ceiling)
    .map(({ name, bytes, ceiling, why }) => `${name}: ${bytes} bytes, more than ${ceiling} (${why})`)
  return [...slow, ...large]
}
