import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'vitest'
import { conformanceChecks, type VectorSuite } from '../../testkit/src/index'
import { type Backend, init } from '../src/node'

const folder = new URL('../../../vectors/', import.meta.url)
const suites = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as VectorSuite)
  .filter(({ schema }) => schema === 'holdfast-vectors/1')

const checks = conformanceChecks(suites)

describe.each(['wasm', 'sodium'] satisfies Backend[])('the %s engine', (backend) => {
  test.each(checks.map(({ name, run }) => [name, run] as const))('%s', async (_, run) => {
    await run(await init({ backend }))
  })
})
