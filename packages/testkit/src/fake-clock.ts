import type { Clock } from '@holdfast/base'

export interface FakeClock extends Clock {
  advance(ms: number): void
}

/** A clock that stands still until told; sleeping moves it on at once. */
export function createFakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let now = start
  return {
    now: () => now,
    sleep: async (ms) => {
      now += ms
    },
    advance: (ms) => {
      now += ms
    },
  }
}
