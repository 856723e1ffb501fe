/** Contests in a browser's page, asked for from outside. */
import { coldStart } from './cold-start'
import { type Competition, holdHere } from './competition'
import type { Reference } from './reference'

export interface BenchPage {
  readonly coldStart: typeof coldStart
  /** Starts the libraries. @returns how many contests there are. */
  open(): Promise<number>
  hold: Competition['hold']
}

declare global {
  interface Window {
    bench: BenchPage
    /** Bound by the driver where the reference runs. */
    reference?: Reference
  }
}

/** Loaded late: a cold start must find nothing started. */
const loadContests = async () => {
  const [{ contestsOf }, { openLab }] = await Promise.all([import('./contests'), import('./lab')])
  return contestsOf(await openLab([], window.reference))
}
let contests: ReturnType<typeof loadContests> | undefined

window.bench = {
  coldStart,
  async open() {
    contests = loadContests()
    return (await contests).length
  },
  async hold(index, pace, wanted) {
    const contest = (await contests)?.[index]
    return contest && holdHere(await contest(), { ...pace, now: () => performance.now() }, wanted)
  },
}
