import { describe, expect, test } from 'vitest'
import { seededRandom } from '../src/seeded-random'
import { compareTimings } from '../src/timing/compare-timings'
import { leakyControl } from '../src/timing/timing-subjects'
import { largestT, welchT } from '../src/timing/welch'

/** Times around `mean`, the same for the same seed. */
function times(seed: string, mean: number, count = 4000): number[] {
  const bytes = seededRandom(seed)(4 * count)
  return Array.from({ length: count }, (_, i) => mean + [0, 1, 2, 3].reduce((sum, j) => sum + (bytes[4 * i + j] ?? 0), 0) - 510)
}

describe('Welch’s t', () => {
  test('is the distance of the means in standard errors', () => {
    // means 2.5 and 5, variances 5/3 and 20/3, four times each: -2.5 / √(5/12 + 20/12)
    expect(welchT([1, 2, 3, 4], [2, 4, 6, 8])).toBeCloseTo(-Math.sqrt(3), 12)
  })

  test('is 0 for equal samples and without two times in each', () => {
    expect(welchT([1, 2, 3], [1, 2, 3])).toBe(0)
    expect(welchT([5, 5], [5, 5])).toBe(0)
    expect(welchT([1], [2, 3])).toBe(0)
  })

  test('is small between samples of one distribution and large between two', () => {
    expect(Math.abs(largestT(times('a', 1000), times('b', 1000)))).toBeLessThan(4.5)
    expect(largestT(times('a', 1020), times('b', 1000))).toBeGreaterThan(4.5)
  })

  test('finds by cropping what outliers hide', () => {
    const outliers = Array.from({ length: 40 }, (_, i) => 1e6 * (i + 1))
    const [a, b] = [
      [...times('a', 1020), ...outliers],
      [...times('b', 1000), ...outliers],
    ]
    expect(Math.abs(welchT(a, b))).toBeLessThan(1)
    expect(largestT(a, b)).toBeGreaterThan(4.5)
  })
})

describe('comparing timings', () => {
  /** A clock that advances by what each run costs. */
  function measured(costOf: (second: boolean) => number) {
    let time = 0
    const subject = {
      name: 'subject',
      classes: 'one, other',
      make: (_: unknown, second: boolean) => second,
      run: (second: boolean) => {
        time += costOf(second)
      },
    }
    return compareTimings(subject, { samples: 1000, random: seededRandom('order'), now: () => time })
  }

  test('says which class is slower', () => {
    const noise = seededRandom('noise')
    const jitter = () => noise(1)[0] ?? 0
    expect(measured((second) => 1000 + jitter() + (second ? 0 : 50)).t).toBeGreaterThan(10)
    expect(measured((second) => 1000 + jitter() + (second ? 50 : 0)).t).toBeLessThan(-10)
    expect(Math.abs(measured(() => 1000 + jitter()).t)).toBeLessThan(4.5)
  })

  test('the control leaks in what it does: it reads further for the second class', () => {
    const control = leakyControl()
    const reads = (second: boolean) => {
      let count = 0
      const bytes = new Proxy(control.make(seededRandom('x'), second), {
        get(target, name) {
          if (typeof name === 'string' && /^\d+$/.test(name)) count++
          return Reflect.get(target, name, target)
        },
      })
      control.run(bytes)
      return count
    }
    expect([reads(false), reads(true)]).toEqual([1, 4096])
  })
})
