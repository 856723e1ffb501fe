import { readdirSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { conformanceChecks, type RecordedEngine, recordMethods, type VectorSuite } from '../../testkit/src/index'
import { type Backend, init } from '../src/node'

const folder = new URL('../../../vectors/', import.meta.url)
const suites = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as VectorSuite)
  .filter(({ schema }) => schema === 'holdfast-vectors/1')

const checks = conformanceChecks(suites)

describe.each(['wasm', 'sodium'] satisfies Backend[])('the %s engine', (backend) => {
  let recorded: RecordedEngine

  beforeAll(async () => {
    recorded = recordMethods(await init({ backend }))
  })

  test.each(checks.map(({ name, run }) => [name, run] as const))('%s', async (_, run) => {
    await run(recorded.engine)
  })

  test('has no method that no check calls', () => {
    expect(recorded.methods.length).toBeGreaterThan(15)
    expect(recorded.notCalled()).toEqual([])
  })
})
