/** Contests under a clock of the test's own. */
import { describe, expect, test } from 'vitest'
import { type Contender, compare, measure, median } from '../src/measure'

/** Each call of a contender takes as long as it says. */
function laboratory() {
  let time = 0
  const order: string[] = []
  const contender = (name: string, ms: () => number, result?: unknown): Contender => ({
    name,
    contract: 'api',
    run: () => {
      time += ms()
      order.push(name)
      return result
    },
  })
  return { contender, order, pace: { rounds: 7, slowRounds: 3, sliceMs: 8, now: () => time } }
}

describe('a contest', () => {
  test('finds the ratio of two contenders, round by round, however slow the machine becomes', async () => {
    const { contender, pace } = laboratory()
    let slowness = 1
    const slower = () => {
      slowness *= 1.001
      return slowness
    }
    const [base, own] = await measure(
      { operation: 'work', contenders: [contender('base', () => 3 * slower()), contender('ours', () => slower())] },
      pace,
    )
    if (!base || !own) throw new Error('two contenders give two lists of times')
    expect(own.milliseconds.length).toBe(7)
    expect(compare(base, own).median).toBeCloseTo(3, 1)
  })

  test('lets every contender start a round in its turn', async () => {
    const { contender, order, pace } = laboratory()
    const contenders = ['a', 'b', 'c'].map((name) => contender(name, () => 20))
    await measure({ operation: 'work', contenders }, { ...pace, rounds: 3 })
    expect(order.slice(-9).join('')).toBe('abcbcacab')
  })

  test('fills a slice with calls, and gives a slow contender one', async () => {
    const { contender, order, pace } = laboratory()
    await measure({ operation: 'work', contenders: [contender('fast', () => 1), contender('slow', () => 100)] }, { ...pace, rounds: 1 })
    expect(order.slice(-9)).toEqual([...Array(8).fill('fast'), 'slow'])
  })

  test('holds fewer rounds when one takes long', async () => {
    const { contender, pace } = laboratory()
    const [times] = await measure({ operation: 'work', contenders: [contender('slow', () => 600)] }, pace)
    expect(times?.milliseconds.length).toBe(3)
  })

  test('gives no speed to a wrong answer, whether an array, a list or a batch', async () => {
    const { contender, pace } = laboratory()
    const expected = Uint8Array.of(1, 2)
    const holding = (result: unknown) => measure({ operation: 'work', expected, contenders: [contender('one', () => 20, result)] }, pace)
    for (const right of [Uint8Array.of(1, 2), [Uint8Array.of(1), Uint8Array.of(2)], { bytes: Uint8Array.of(1, 2) }]) await holding(right)
    for (const wrong of [Uint8Array.of(1, 3), [Uint8Array.of(1)], { bytes: Uint8Array.of(1, 2, 3) }])
      await expect(holding(wrong)).rejects.toThrow(/work: one \(api\) gives another result/)
  })
})

test('the median of an even number of values lies between the middle two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(median([3, 1, 2])).toBe(2)
})
