/**
 * Does an operation take longer for one class of secret inputs than for another? Inputs of both classes are made first, in
 * random order and by the same code, then each is timed; the times are compared by Welch's t-test.
 */
import type { Random } from '@holdfast/base'
import { createDraw } from '../conformance/draw'
import { largestT } from './welch'

export interface TimingSubject<Input> {
  readonly name: string
  /** The two classes; the text says what is fixed and what is random. */
  readonly classes: string
  /** Makes one input of the first or the second class. Must do the same work for both. */
  make(random: Random, second: boolean): Input
  run(input: Input): void
}

export interface TimingOptions {
  /** Times of each class. */
  readonly samples: number
  readonly random: Random
  /** A clock in nanoseconds. */
  readonly now: () => number
}

export interface TimingResult {
  readonly name: string
  readonly classes: string
  readonly samples: number
  /** |t| above 4.5 is suspicious, above 10 beyond doubt; positive: the first class is slower. */
  readonly t: number
  readonly medianNs: number
}

export function compareTimings<Input>(subject: TimingSubject<Input>, options: TimingOptions): TimingResult {
  const { samples, random, now } = options
  const order = shuffled(samples, random)
  const inputs = order.map((second) => subject.make(random, second))
  for (const input of inputs.slice(0, 500)) subject.run(input) // the compiler settles
  const times = new Float64Array(inputs.length)
  for (const [i, input] of inputs.entries()) {
    const start = now()
    subject.run(input)
    times[i] = now() - start
  }
  const ofClass = (wanted: boolean) => [...times].filter((_, i) => order[i] === wanted)
  const sorted = [...times].sort((one, other) => one - other)
  return {
    name: subject.name,
    classes: subject.classes,
    samples,
    t: largestT(ofClass(false), ofClass(true)),
    medianNs: sorted[sorted.length >> 1] ?? 0,
  }
}

/** Equally many of both classes, in random order. */
function shuffled(samples: number, random: Random): boolean[] {
  const draw = createDraw(random)
  const order = Array.from({ length: 2 * samples }, (_, i) => i % 2 === 1)
  for (let i = order.length - 1; i > 0; i--) {
    const j = draw.integer(0, i)
    const [one, other] = [order[i] === true, order[j] === true]
    order[i] = other
    order[j] = one
  }
  return order
}
