/** A runtime in which contests are held. */

import { GOALS, isMeantBy } from './goals'
import type { Contest, Pace, Times } from './measure'
import { measure } from './measure'

export interface HeldContest {
  readonly operation: string
  /** The first is the base. */
  readonly times: readonly Times[]
}

export interface Competition {
  /** `Node 20.20`, `Chromium 141`. */
  readonly runtime: string
  readonly contests: number
  /** @returns `undefined` when nothing of the contest is wanted. */
  hold(index: number, pace: Omit<Pace, 'now'>, wanted: Wanted): Promise<HeldContest | undefined>
  /** Milliseconds from import to first use, each in a process or page of its own. */
  coldStart(who: ColdStarter): Promise<ColdStart>
  close(): Promise<void>
}

export interface Wanted {
  /** Only those of whom a goal speaks, and those they are compared with. */
  readonly goalsOnly: boolean
  /** Part of the operation's name. */
  readonly only: string
}

export type ColdStarter = 'holdfast' | 'libsodium.js'

export interface ColdStart {
  /** From the import's start. */
  readonly total: number
  /** Without loading the script: compile, instantiate, self-test. `undefined` for a library that starts while it loads. */
  readonly start?: number
}

/** Holds a contest here. */
export async function holdHere(contest: Contest, pace: Pace, wanted: Wanted): Promise<HeldContest | undefined> {
  if (!contest.operation.includes(wanted.only)) return undefined
  const chosen = wanted.goalsOnly ? ofGoals(contest) : contest
  if (chosen.contenders.length < 2) return undefined
  return { operation: contest.operation, times: await measure(chosen, pace) }
}

function ofGoals(contest: Contest): Contest {
  const goals = GOALS.filter(({ operation }) => operation === contest.operation)
  const contenders = contest.contenders.filter(
    (contender, index) =>
      (index === 0 && goals.length > 0) || goals.some((goal) => isMeantBy(goal, contender) || goal.against === contender.name),
  )
  return { ...contest, contenders }
}
