/** The gate on synthetic times: a clear regression fails, noise does not. */
import { seededRandom } from '@holdfast/testkit'
import { describe, expect, test } from 'vitest'
import { judge } from '../src/gate'
import { GOALS } from '../src/goals'
import { HOLDFAST } from '../src/library'
import { compare, type Times } from '../src/measure'
import { afterRepeat, failuresOf, goalResultsOf } from '../src/results'

const FLOOR = 2
const ROUNDS = 15

/** Numbers from 0 to 1, the same for the same seed. */
function uniform(seed: string): () => number {
  const random = seededRandom(seed)
  return () => {
    const [low = 0, high = 0] = random(2)
    return (low + 256 * high) / 65_536
  }
}

/** @param disturb what the machine adds to a round, as a factor of at least 1. */
const timesOf = (name: string, ms: number, disturb: () => number): Times => ({
  name,
  contract: 'api',
  milliseconds: Array.from({ length: ROUNDS }, () => ms * disturb()),
})

/** A contender truly `ratio` times as fast as the base. */
function race(ratio: number, disturb: () => number) {
  return compare(timesOf('libsodium.js', 10, disturb), timesOf(HOLDFAST, 10 / ratio, disturb))
}

const QUIET = (next: () => number) => () => 1 + 0.04 * next()
/** Half the rounds lose their CPU to somebody else for up to three times as long. */
const BUSY = (next: () => number) => () => (next() < 0.5 ? 1 + 0.1 * next() : 1 + 3 * next())
/** Everything is slower, and for a third of the rounds much slower. */
const CROWDED = (next: () => number) => () => 2 + next() + (next() < 0.33 ? 8 * next() : 0)

describe('the gate', () => {
  test('passes what reaches the floor, and is not moved by a machine that is slow as a whole', () => {
    const next = uniform('slow as a whole')
    expect(judge(race(2.2, QUIET(next)), FLOOR)).toBe('met')
    expect(
      judge(
        race(2.2, () => 50 * QUIET(next)()),
        FLOOR,
      ),
    ).toBe('met')
  })

  test.each([
    ['a quiet machine', QUIET],
    ['a busy machine', BUSY],
    ['a crowded machine', CROWDED],
  ])('never fails on %s what is as fast as the floor asks with a little to spare', (name, disturbance) => {
    for (let run = 0; run < 500; run++) {
      const seed = `${name} ${run}`
      const verdicts = [0, 1].map((repeat) => judge(race(2.1, disturbance(uniform(`${seed} ${repeat}`))), FLOOR))
      expect(verdicts, seed).not.toEqual(['missed', 'missed'])
    }
  })

  test('fails a clear regression on a quiet machine, each time', () => {
    for (let run = 0; run < 500; run++) expect(judge(race(1.8, QUIET(uniform(`regression ${run}`))), FLOOR), `${run}`).toBe('missed')
  })

  test('fails a collapse even on a busy machine, nine times of ten', () => {
    const missed = Array.from({ length: 500 }, (_, run) => judge(race(0.7, BUSY(uniform(`collapse ${run}`))), FLOOR))
    expect(missed.filter((verdict) => verdict === 'missed').length).toBeGreaterThan(450)
  })

  test('needs median and best below the floor by more than the noise', () => {
    expect(judge({ median: 1.7, best: 1.7, noise: 0.2 }, FLOOR)).toBe('missed')
    expect(judge({ median: 1.7, best: 1.9, noise: 0.2 }, FLOOR)).toBe('within noise')
    expect(judge({ median: 1.9, best: 1.7, noise: 0.2 }, FLOOR)).toBe('within noise')
    expect(judge({ median: 1.7, best: 1.7, noise: 0.4 }, FLOOR)).toBe('within noise')
    expect(judge({ median: 2.0, best: 1.0, noise: 0 }, FLOOR)).toBe('met')
  })
})

describe('a run', () => {
  const goal = GOALS.find(({ operation }) => operation === 'scrypt, interactive')
  const held = (ratio: number) => ({
    operation: 'scrypt, interactive',
    times: [timesOf('libsodium.js', 10, () => 1), timesOf(HOLDFAST, 10 / ratio, () => 1)],
  })
  const resultsOf = (ratio: number) => goalResultsOf('Node', held(ratio))

  test('fails a goal missed twice, and says by how much', () => {
    const goals = afterRepeat(resultsOf(0.5), resultsOf(0.6))
    expect(failuresOf({ goals, sizes: [] })).toEqual([expect.stringMatching(/scrypt \(api\) is 0\.60 times .* as fast as libsodium\.js/)])
  })

  test('passes a goal missed once', () => {
    const [result] = afterRepeat(resultsOf(0.5), resultsOf(goal?.floor ?? Number.NaN))
    expect(result).toMatchObject({ gate: 'met', repeated: true })
    expect(failuresOf({ goals: result ? [result] : [], sizes: [] })).toEqual([])
  })

  test('fails a size above its ceiling by one byte, and only then', () => {
    const size = { name: 'core', ceiling: 100, why: 'because', goal: 50 }
    expect(failuresOf({ goals: [], sizes: [{ ...size, bytes: 100 }] })).toEqual([])
    expect(failuresOf({ goals: [], sizes: [{ ...size, bytes: 101 }] })).toEqual(['core: 101 bytes, more than 100 (because)'])
  })

  test('cannot pass by leaving out a contender of which a goal speaks', () => {
    expect(() => goalResultsOf('Node', { ...held(2), times: held(2).times.slice(0, 1) })).toThrow(/no contender/)
  })
})
