/** When a measured ratio counts as a regression. */
import type { Comparison } from './measure'

export type Verdict = 'met' | 'within noise' | 'missed'

/**
 * A floor is missed only when the median and the best ratio both lie below it by more than the noise of this very run: a
 * busy machine scatters the median, seldom the best round; slower code lowers both.
 */
export function judge({ median, best, noise }: Comparison, floor: number): Verdict {
  if (median >= floor) return 'met'
  return Math.max(median, best) < floor - noise ? 'missed' : 'within noise'
}
