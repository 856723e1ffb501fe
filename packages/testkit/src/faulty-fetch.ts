import type { Clock, Fetch } from '@holdfast/base'

export type Fault =
  /** The request never arrives. */
  | 'drop-request'
  /** The work is done, the answer is lost. */
  | 'drop-answer'
  /** The request arrives twice; the second answer is the one seen. */
  | 'duplicate'
  /** The answer breaks off in the middle of its body. */
  | 'truncate-answer'
  /** The answer comes, a minute late. */
  | 'delay'
  /** Something else answers instead, such as a proxy with its own page. */
  | Response

const LATE_MS = 60_000

/**
 * A network that fails as it is told.
 *
 * @param faultOf asked for each request, counted from 0.
 * @param clock what a delay takes its time from; without one a delay takes none.
 */
export function createFaultyFetch(fetch: Fetch, faultOf: (request: number, url: string) => Fault | undefined, clock?: Clock): Fetch {
  let requests = 0
  return async (url, init) => {
    const fault = faultOf(requests++, url)
    if (fault instanceof Response) return fault
    if (fault === 'drop-request') throw new TypeError('fetch failed: the request was dropped')
    const answer = await fetch(url, init)
    if (fault === 'drop-answer') throw new TypeError('fetch failed: the answer was dropped')
    if (fault === 'truncate-answer') return truncate(answer)
    if (fault === 'delay') await clock?.sleep(LATE_MS)
    return fault === 'duplicate' ? fetch(url, init) : answer
  }
}

/** Half of the body, then the connection breaks. */
async function truncate(answer: Response): Promise<Response> {
  const bytes = new Uint8Array(await answer.arrayBuffer())
  let isHalfSent = false
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (isHalfSent) return controller.error(new TypeError('terminated: the connection broke'))
      isHalfSent = true
      controller.enqueue(bytes.subarray(0, bytes.length >> 1))
    },
  })
  return new Response(body, { status: answer.status, headers: answer.headers })
}
