/** What runs inside every runtime: the whole conformance suite on both engines, then the two compared. Bundled with a host. */

import suites from 'holdfast:vectors'
import type { Backend, Engine } from '@holdfast/crypto'
import { type Check, compareEngines, conformanceChecks } from '../src/index'

export interface SuiteOptions {
  readonly seed: string
  readonly rounds: number
}

/** Starts an engine the way this runtime's entry of the crypto package does. */
export type StartEngine = (backend: Backend) => Promise<Engine>

export interface PartReport {
  readonly part: Backend | 'both'
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly failures: readonly { readonly name: string; readonly message: string }[]
}

/** Never rejects for a failed check: what failed stands in the report. */
export async function runSuite(start: StartEngine, { seed, rounds }: SuiteOptions): Promise<readonly PartReport[]> {
  const checks = conformanceChecks(suites)
  const parts: PartReport[] = []
  for (const backend of ['wasm', 'sodium'] as const) {
    parts.push(await runPart(backend, checks, () => start(backend)))
  }
  const comparison: Check = {
    name: `differential, seed ${seed}`,
    run: async (one) => void compareEngines(one, await start('sodium'), { seed, rounds }),
  }
  return [...parts, await runPart('both', [comparison], () => start('wasm'))]
}

async function runPart(part: PartReport['part'], checks: readonly Check[], start: () => Promise<Engine>): Promise<PartReport> {
  const failures: { name: string; message: string }[] = []
  const attempt = async (name: string, run: () => unknown) => {
    try {
      await run()
    } catch (error) {
      failures.push({ name, message: describe(error) })
    }
  }
  let engine: Engine | undefined
  await attempt('the engine starts', async () => {
    engine = await start()
  })
  const started = engine
  if (!started) return { part, passed: 0, failed: 1, skipped: checks.length, failures }
  for (const [i, { name, run }] of checks.entries()) {
    await attempt(name, () => run(started))
    if (i % BETWEEN_BREATHS === 0) await breathe()
  }
  return { part, passed: 1 + checks.length - failures.length, failed: failures.length, skipped: 0, failures }
}

const BETWEEN_BREATHS = 16

/** Lets a browser page stay alive between checks. */
const breathe = () => new Promise((resolve) => setTimeout(resolve, 0))

function describe(error: unknown): string {
  const texts: string[] = []
  for (let cause = error; cause !== undefined && texts.length < 4; cause = cause instanceof Error ? cause.cause : undefined) {
    texts.push(String(cause))
  }
  return texts.join(' ← ')
}
