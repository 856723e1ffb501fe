/** `npm run bench [-- --short] [--json FILE] [--only TEXT] [--runtimes node,chromium]`, started by scripts/bench.mjs. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { init } from '@holdfast/crypto'
import { chartOf } from './chart'
import { CHROMIUM_REMEDY, openChromium } from './chromium'
import type { ColdStarter, Competition, Wanted } from './competition'
import { CONTENTS, packed } from './contests/container'
import { openNode } from './node'
import { type ReferenceProcess, startReference } from './reference'
import { markdownOf, tableOf } from './report'
import { afterRepeat, type ColdStartResult, failuresOf, type GoalResult, goalResultsOf, type Results, type Row, rowsOf } from './results'
import { containerSize, coreSize, type Size } from './sizes'

const { values: flags } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'string' },
    only: { type: 'string', default: '' },
    runtimes: { type: 'string', default: 'node,chromium' },
    /** The repository, and the folder of the bundled page: from scripts/bench.mjs. */
    root: { type: 'string', default: '.' },
    page: { type: 'string', default: '.cache/bench' },
  },
})

const pace = flags.short ? { rounds: 15, slowRounds: 7, sliceMs: 4 } : { rounds: 21, slowRounds: 7, sliceMs: 8 }
const wanted: Wanted = { goalsOnly: flags.short, only: flags.only }
const remarks: string[] = []

function remark(text: string): void {
  remarks.push(text)
  say(`${text}\n`)
}

function say(text: string): void {
  process.stderr.write(text)
}

async function openReference(): Promise<ReferenceProcess | undefined> {
  const wasm = await init({ backend: 'wasm' })
  say('building the container reference (cargo; a minute the first time)\n')
  const reference = await startReference(flags.root, (content) => packed({ wasm }, content))
  if (!reference) remark('cargo is not on this machine: the container is not compared with native Rust; install Rust to have its figures')
  return reference
}

async function openCompetitions(reference: ReferenceProcess | undefined): Promise<Competition[]> {
  const names = flags.runtimes.split(',')
  const competitions: Competition[] = []
  if (names.includes('node')) competitions.push(await openNode(reference?.ask, remark))
  if (names.includes('chromium')) {
    // The container is slow to race and the core the same: the short form races it once.
    const chromium = await openChromium(flags.page, flags.short ? undefined : reference?.ask)
    if (chromium) competitions.push(chromium)
    else remark(CHROMIUM_REMEDY)
  }
  return competitions
}

async function holdAll(competition: Competition): Promise<{ rows: Row[]; goals: GoalResult[] }> {
  const rows: Row[] = []
  const goals: GoalResult[] = []
  for (let index = 0; index < competition.contests; index++) {
    say(`\r${competition.runtime}: ${index + 1} of ${competition.contests}\u001b[K`)
    const held = await competition.hold(index, pace, wanted)
    if (!held) continue
    rows.push(...rowsOf(competition.runtime, held))
    const first = goalResultsOf(competition.runtime, held)
    const again = first.some(({ gate }) => gate === 'missed') && (await competition.hold(index, pace, { ...wanted, goalsOnly: true }))
    goals.push(...(again ? afterRepeat(first, goalResultsOf(competition.runtime, again)) : first))
  }
  say('\r\u001b[K')
  return { rows, goals }
}

async function startCold(competition: Competition): Promise<ColdStartResult[]> {
  const starters: readonly ColdStarter[] = ['holdfast', 'libsodium.js']
  const all = new Map(starters.map((who) => [who, [] as { total: number; start?: number }[]]))
  for (let round = 0; round < (flags.short ? 3 : 7); round++) {
    for (const who of starters) all.get(who)?.push(await competition.coldStart(who))
  }
  return [...all].map(([who, starts]) => {
    const own = starts.flatMap(({ start }) => (start === undefined ? [] : [start]))
    return {
      runtime: competition.runtime,
      who,
      total: Math.min(...starts.map(({ total }) => total)),
      ...(own.length === 0 ? {} : { start: Math.min(...own) }),
    }
  })
}

async function measureSizes(reference: ReferenceProcess | undefined): Promise<Size[]> {
  const wasm = await init({ backend: 'wasm' })
  const sizes = [coreSize()]
  if (reference) for (const content of CONTENTS) sizes.push(await containerSize(content, packed({ wasm }, content), reference.ask))
  return sizes
}

async function run(): Promise<Results> {
  const reference = await openReference()
  const competitions = await openCompetitions(reference)
  try {
    const rows: Row[] = []
    const goals: GoalResult[] = []
    const coldStarts: ColdStartResult[] = []
    for (const competition of competitions) {
      const held = await holdAll(competition)
      rows.push(...held.rows)
      goals.push(...held.goals)
      coldStarts.push(...(await startCold(competition)))
    }
    const machine = { cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism(), node: process.versions.node }
    const form = flags.short ? 'short' : 'full'
    return { machine, form, rounds: pace.rounds, rows, goals, sizes: await measureSizes(reference), coldStarts, remarks }
  } finally {
    for (const competition of competitions) await competition.close()
    reference?.close()
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

const results = await run()
const json = `${JSON.stringify(results, null, 1)}\n`
console.log(tableOf(results))
const whole = !flags.short && flags.only === '' && flags.runtimes === 'node,chromium'
if (whole) {
  write(join(flags.root, 'docs', 'benchmarks.json'), json)
  write(join(flags.root, 'docs', 'benchmarks.svg'), chartOf(results))
  write(join(flags.root, 'docs', 'benchmarks.md'), markdownOf(results))
}
write(flags.json ?? join(flags.root, '.cache', 'bench.json'), json)
const failures = failuresOf(results)
for (const failure of failures) say(`${failure}\n`)
process.exitCode = failures.length === 0 ? 0 : 1
