import type { Fetch } from '@holdfast/base'

export type Fault =
  /** The request never arrives. */
  | 'drop-request'
  /** The work is done, the answer is lost. */
  | 'drop-answer'
  /** The request arrives twice; the second answer is the one seen. */
  | 'duplicate'

/** A network that fails as it is told: `faultOf` is asked for each request, counted from 0. */
export function createFaultyFetch(fetch: Fetch, faultOf: (request: number, url: string) => Fault | undefined): Fetch {
  let requests = 0
  return async (url, init) => {
    const fault = faultOf(requests++, url)
    if (fault === 'drop-request') throw new TypeError('fetch failed: the request was dropped')
    const answer = await fetch(url, init)
    if (fault === 'drop-answer') throw new TypeError('fetch failed: the answer was dropped')
    return fault === 'duplicate' ? fetch(url, init) : answer
  }
}
