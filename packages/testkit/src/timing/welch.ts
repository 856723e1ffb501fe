/** Welch's t-test between two samples of times, as dudect uses it (Reparaz, Balasch, Verbauwhede, 2016). */

/** How far apart the means of two samples are, in standard errors. 0 when either has fewer than two times. */
export function welchT(a: readonly number[], b: readonly number[]): number {
  if (a.length < 2 || b.length < 2) return 0
  const [first, second] = [momentsOf(a), momentsOf(b)]
  const error = Math.sqrt(first.variance / a.length + second.variance / b.length)
  const distance = first.mean - second.mean
  return error === 0 ? Math.sign(distance) * (distance === 0 ? 0 : Number.POSITIVE_INFINITY) : distance / error
}

/**
 * The largest t over the samples as they are and cropped at ever lower percentiles of both together: the upper tail is the
 * machine's doing (interrupts, garbage collection), and hides a small difference below it.
 */
export function largestT(a: readonly number[], b: readonly number[]): number {
  const sorted = [...a, ...b].sort((one, other) => one - other)
  let largest = welchT(a, b)
  for (const percentile of CROPS) {
    const limit = sorted[Math.floor(percentile * (sorted.length - 1))] ?? Number.POSITIVE_INFINITY
    const below = (time: number) => time <= limit
    const t = welchT(a.filter(below), b.filter(below))
    if (Math.abs(t) > Math.abs(largest)) largest = t
  }
  return largest
}

/** dudect's spacing: close together near 1. */
const CROPS = Array.from({ length: 20 }, (_, i) => 1 - 0.5 ** ((10 * (i + 1)) / 20))

function momentsOf(sample: readonly number[]): { readonly mean: number; readonly variance: number } {
  let mean = 0
  let squares = 0
  for (const [i, value] of sample.entries()) {
    const distance = value - mean
    mean += distance / (i + 1)
    squares += distance * (value - mean)
  }
  return { mean, variance: squares / (sample.length - 1) }
}
