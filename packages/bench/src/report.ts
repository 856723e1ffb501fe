/** A run's results for a reader: a table for the terminal, and docs/benchmarks.md. */
import { groupBy } from './group-by'
import { FALLBACK, HOLDFAST } from './library'
import type { ColdStartResult, GoalResult, Results, Row } from './results'

const MARKS = { met: 'met', 'within noise': 'within noise', missed: '**missed**' } as const

/** Every ratio, one a line. */
export function tableOf({ rows, goals, sizes, coldStarts, form, rounds }: Results): string {
  const lines = rows.map((row) => [row.runtime, row.operation, row.contract, contenderOf(row), fixed(row.median), fixed(row.best)])
  const missed = goals.filter(({ verdict }) => verdict === 'missed')
  return [
    `Ratios: how many times faster than the first of each operation. ${rounds} interleaved rounds, ${form} form.\n`,
    align([['runtime', 'operation', 'contract', 'contender', 'median', 'best'], ...lines]),
    '',
    ...sizes.map(({ name, bytes, ceiling, goal }) => `${name}: ${count(bytes)} bytes (ceiling ${count(ceiling)}, goal ${count(goal)})`),
    ...coldStarts.map((cold) => `cold start, ${cold.runtime}, ${cold.who}: ${coldOf(cold)}`),
    '',
    `${goals.length - missed.length} of ${goals.length} goals reached${missed.length === 0 ? '' : '; missed:'}`,
    ...missed.map((result) => `  ${result.runtime}: ${nameOf(result)} ${fixed(result.median)}, goal ${result.goal.floor}`),
  ].join('\n')
}

export function markdownOf(results: Results): string {
  const { machine, rounds, goals, remarks } = results
  const runtimes = [...new Set(results.rows.map(({ runtime }) => runtime))]
  const shortfalls = goals.filter(({ verdict }) => verdict === 'missed')
  return `${[
    '# Benchmarks',
    'Written by `npm run bench`; not by hand. All contenders of an operation take turns in one process, round after round. A figure is a ratio: how many times faster than libsodium.js 0.8.4, called directly, in the same rounds. In Node the clock is the CPU time of the process, so that other tenants of the machine count less; in Chromium, and where another process takes part, it is the one on the wall. Times by themselves say more about the machine than about the code, so none is compared across runs.',
    `Measured on ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${rounds} rounds. Secrets are wiped, as always.`,
    '![The goals, and what was reached](benchmarks.svg)',
    '## Contracts',
    CONTRACTS,
    '## Goals',
    'Median of the rounds (best round against best round; noise: how far a round typically lies from the median). A goal counts as missed when median and best both lie below its floor by more than the noise.',
    table(['operation', 'contract', 'against', 'floor', ...runtimes.flatMap((runtime) => [runtime, ''])], goalRows(goals, runtimes)),
    ...(shortfalls.length === 0 ? [] : ['### Not reached', shortfalls.map(shortfallOf).join('\n')]),
    '## Sizes',
    table(
      ['what', 'bytes', 'ceiling', 'why this ceiling', 'goal'],
      results.sizes.map(({ name, bytes, ceiling, why, goal }) => [name, count(bytes), count(ceiling), why, count(goal)]),
    ),
    '## Cold start',
    'In a fresh process or page each time: from the import to the first use. Our goal is 5 ms for compiling, instantiating and the self-test; it is reported, not enforced, for it is a time.',
    table(
      ['runtime', 'library', 'fastest'],
      results.coldStarts.map((cold) => [cold.runtime, cold.who, coldOf(cold)]),
    ),
    ...runtimes.flatMap((runtime) => [`## Everyone, ${runtime}`, everyone(results.rows.filter((row) => row.runtime === runtime))]),
    ...(remarks.length === 0 ? [] : ['## Remarks', remarks.map((remark) => `- ${remark}`).join('\n')]),
  ].join('\n\n')}\n`
}

const CONTRACTS = `- **api**: copies in, returns a fresh array; what libsodium.js itself does.
- **into**: writes to an array of the caller. Ours have the key loaded beforehand.
- **in place**: works inside a buffer of the engine, with the key loaded.
- **flat**: a batch, results in one array with offsets; AEAD batches take messages, keys and nonces in one array each as well.
- **arrays**: the same batch into a list of views; \`lists in\`: messages, keys and nonces are lists too, as X25519's keys always are. The others do a batch one by one.`

function goalRows(goals: readonly GoalResult[], runtimes: readonly string[]): string[][] {
  const groups = groupBy(goals, (result) => `${nameOf(result)} against ${result.against}`)
  return [...groups.values()].map((group) => {
    const first = group[0] as GoalResult
    const cells = runtimes.flatMap((runtime) => {
      const result = group.find((one) => one.runtime === runtime)
      if (!result) return ['', '']
      return [`${fixed(result.median)} (${fixed(result.best)}; ±${fixed(result.noise)})`, MARKS[result.verdict]]
    })
    const { operation, variant, contract, floor } = first.goal
    return [variant ? `${operation}, ${variant}` : operation, contract, first.against, String(floor), ...cells]
  })
}

function shortfallOf(result: GoalResult): string {
  const { short, floor } = result.goal
  const held = short ? ` Held at ${short.held}: ${short.why}.` : ''
  return `- ${result.runtime}, ${nameOf(result)}: ${fixed(result.median)}, best ${fixed(result.best)}, goal ${floor}.${held}`
}

/** One line for each operation, one column for each contender. */
function everyone(rows: readonly Row[]): string {
  const names = [...new Set(rows.map(({ contender }) => contender))]
  const ours = (name: string) => (name === HOLDFAST ? 2 : name === FALLBACK ? 1 : 0)
  const columns = names.sort((a, b) => ours(b) - ours(a)).filter((name) => name !== 'Rust reference')
  const operations = groupBy(rows, ({ operation }) => operation)
  return table(
    ['operation', ...columns],
    [...operations].map(([operation, group]) => [
      operation,
      ...columns.map((column) =>
        group
          .filter(({ contender }) => contender === column)
          .map((row) => `${fixed(row.median)} ${row.variant && ours(column) > 0 ? `${row.contract}, ${row.variant}` : row.contract}`)
          .join('; '),
      ),
    ]),
  )
}

const nameOf = ({ goal }: GoalResult): string => `${goal.operation}${goal.variant ? `, ${goal.variant}` : ''} (${goal.contract})`
const contenderOf = ({ contender, variant }: Row): string => (variant ? `${contender}, ${variant}` : contender)
const coldOf = ({ total, start }: ColdStartResult): string =>
  `${total.toFixed(1)} ms${start === undefined ? '' : `, of which compile, instantiate and self-test ${start.toFixed(1)} ms`}`
const fixed = (value: number): string => value.toFixed(2)
const count = (value: number): string => value.toLocaleString('en')

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [row(head), row(head.map(() => '---')), ...lines.map(row)].join('\n')
}

function align(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
