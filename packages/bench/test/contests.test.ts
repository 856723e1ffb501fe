/** The contests fit the goals. That every contender gives the right answer is checked whenever a contest is held. */
import { beforeAll, describe, expect, test } from 'vitest'
import { contestsOf } from '../src/contests'
import { GOALS, isMeantBy } from '../src/goals'
import { type Lab, openLab } from '../src/lab'
import { nodeCrypto } from '../src/libraries/node-crypto'
import type { Contest } from '../src/measure'

let contests: readonly Contest[] = []
beforeAll(async () => {
  const lab: Lab = await openLab([nodeCrypto], async () => ({ milliseconds: 1, bytes: 1 }))
  contests = await Promise.all(contestsOf(lab).map((prepare) => prepare()))
})

describe('the contests', () => {
  test('have a contender and a base for every goal', () => {
    for (const goal of GOALS) {
      const contest = contests.find(({ operation }) => operation === goal.operation)
      expect(contest?.contenders.filter((contender) => isMeantBy(goal, contender)).length, `${goal.name} (${goal.contract})`).toBe(1)
      if (goal.against !== undefined) expect(contest?.contenders.map(({ name }) => name)).toContain(goal.against)
    }
  })

  test('are each held once, and name each contender once', () => {
    const operations = contests.map(({ operation }) => operation)
    expect(new Set(operations).size).toBe(operations.length)
    for (const { operation, contenders } of contests) {
      const names = contenders.map(({ name, contract, variant }) => [name, contract, variant].join())
      expect(new Set(names).size, operation).toBe(names.length)
    }
  })
})
