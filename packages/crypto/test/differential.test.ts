import { expect, test } from 'vitest'
import { compareEngines } from '../../testkit/src/index'
import { init } from '../src/node'

/** `HOLDFAST_SEED=… HOLDFAST_ROUND=… HOLDFAST_ROUNDS=1` shows one failure again; more rounds search longer. */
const { HOLDFAST_SEED, HOLDFAST_ROUND, HOLDFAST_ROUNDS } = process.env
const seed = HOLDFAST_SEED ?? String(Date.now())
const TIME_LIMIT_MS = 8_000

test(`both engines give the same answers and the same error codes (seed ${seed})`, { timeout: 120_000 }, async () => {
  const [wasm, sodium] = [await init({ backend: 'wasm' }), await init({ backend: 'sodium' })]
  const end = Date.now() + TIME_LIMIT_MS
  const report = compareEngines(wasm, sodium, {
    seed,
    firstRound: Number(HOLDFAST_ROUND ?? 0),
    rounds: Number(HOLDFAST_ROUNDS ?? 100),
    stop: () => Date.now() > end,
  })
  expect(report.rounds).toBeGreaterThan(0)
})

test('the same seed makes the same inputs, and a difference is reported with its seed and round', async () => {
  const wasm = await init({ backend: 'wasm' })
  const wrong = { ...wasm, hash: { ...wasm.hash, blake3: () => new Uint8Array(32) } }
  const failures = [1, 2].map(() => {
    try {
      compareEngines(wasm, wrong, { seed: 'fixed', rounds: 3 })
      return 'no failure'
    } catch (error) {
      return String(error)
    }
  })
  expect(failures[0]).toMatch(/^CheckFailure: seed "fixed", round 0, BLAKE3: wasm .*; wasm /)
  expect(failures[1]).toBe(failures[0])
})
