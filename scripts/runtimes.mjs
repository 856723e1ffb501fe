/**
 * `npm run test:runtimes [-- --only chromium,deno] [--json] [--seed TEXT] [--rounds N]`: the conformance suite and the
 * differential test on both engines in every runtime: Node 20, 22, 24, Bun, Deno, workerd, Chromium, Firefox, WebKit.
 * Gets what is missing; a runtime that cannot be had is named with its remedy and counts as failed.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Missing } from '../packages/testkit/runtimes/acquire.mjs'
import { bundleSuite } from '../packages/testkit/runtimes/bundle.mjs'
import { RUNTIMES } from '../packages/testkit/runtimes/catalogue.mjs'
import { giveUp, installPackages, root, say } from './setup.mjs'

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now()) },
    rounds: { type: 'string', default: '20' },
  },
})

await installPackages()
const chosen = choose(flags.only)
const bundle = await bundleSuite(join(root, '.cache', 'runtimes', 'bundle'))
const options = { seed: flags.seed, rounds: Number(flags.rounds) }
say(`seed ${flags.seed}, ${flags.rounds} rounds of the differential test`)

const rows = []
for (const runtime of chosen) {
  say(`${runtime.name} …`)
  rows.push(await runIn(runtime))
}
const total = { passed: 0, failed: 0, skipped: 0 }
for (const { parts, problem } of rows) {
  if (problem) total.failed++
  for (const part of parts) for (const key of Object.keys(total)) total[key] += part[key]
}
if (flags.json) console.log(JSON.stringify({ seed: flags.seed, rounds: options.rounds, ...total, runtimes: rows }, null, 2))
else printTable(rows)
const closing = `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`
if (flags.json) say(closing)
else console.log(`\n${closing}`)
process.exit(total.failed === 0 ? 0 : 1)

function choose(only) {
  if (only === undefined) return RUNTIMES
  const names = only.split(',')
  const known = RUNTIMES.map(({ name }) => name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) giveUp(`No such runtime: ${unknown.join(', ')}.`, `choose from ${known.join(', ')}`)
  return RUNTIMES.filter(({ name }) => names.includes(name))
}

async function runIn({ name, get, run }) {
  const started = Date.now()
  try {
    const { version, parts } = await run(await get(), bundle, options)
    return { runtime: name, version, seconds: (Date.now() - started) / 1000, parts }
  } catch (error) {
    const problem = error instanceof Missing ? `missing: ${error.message}` : `failed: ${error.message}`
    return { runtime: name, version: '-', seconds: (Date.now() - started) / 1000, parts: [], problem }
  }
}

function printTable(rows) {
  const cell = (row, part) => {
    const report = row.parts.find((one) => one.part === part)
    return report ? `${report.passed} / ${report.failed} / ${report.skipped}` : '-'
  }
  const lines = rows.map((row) => [
    row.runtime,
    row.version,
    cell(row, 'wasm'),
    cell(row, 'sodium'),
    cell(row, 'both'),
    `${row.seconds.toFixed(1)} s`,
  ])
  const table = [['runtime', 'version', 'wasm', 'sodium', 'differential', 'time'], ...lines]
  const widths = table[0].map((_, column) => Math.max(...table.map((line) => line[column].length)))
  console.log('\npassed / failed / skipped')
  for (const line of table)
    console.log(
      line
        .map((text, column) => text.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
  for (const { runtime, parts, problem } of rows) {
    if (problem) console.log(`\n${runtime}: ${problem}`)
    for (const { part, failures } of parts)
      for (const { name, message } of failures) console.log(`\n${runtime}, ${part}: ${name}\n  ${message}`)
  }
}
