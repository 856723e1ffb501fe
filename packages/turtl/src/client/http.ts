/** Requests with a deadline and answers with a limit: what every call of the Turtl client goes through. */
import { type Bytes, type Clock, decodeUtf8, type Fetch, StructureError } from '@holdfast/base'
import { answerTooLarge, loginFailed, rejected, unexpectedAnswer, unreachable } from './turtl-error'

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: string
  /** For messages: the route, without anything that names a person. */
  readonly what: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Bytes
  readonly timeoutMs: number
  /** Bytes of the answer; more are not read. */
  readonly limit: number
  /** What a 403 says: only the routes of the account itself know no other reason for one than the login (turtl §7.1). */
  readonly forbidden: 'login' | 'permission'
}

/** Gateways that stand before a server, and servers that cannot just now. */
const TRANSIENT = [408, 425, 429, 502, 503, 504]
/** Bytes read of the body of a refusal. */
const REFUSAL_LIMIT = 64 * 1024

/**
 * Sends one request and reads its whole answer.
 *
 * An answer that comes after `timeoutMs` by `clock` counts as lost; the platform's own timer cuts off one that never comes.
 *
 * @throws {HoldfastError} `turtl_unreachable`, `turtl_login_failed`, `turtl_rejected`, `turtl_answer_too_large`.
 */
export async function send(fetch: Fetch, clock: Pick<Clock, 'now'>, request: HttpRequest): Promise<Bytes> {
  const { method, url, what, headers, body, timeoutMs } = request
  const deadline = clock.now() + timeoutMs
  let answer: Response
  let bytes: Bytes | undefined
  try {
    // Followed, a redirect could repeat what writes, or carry the login elsewhere.
    answer = await fetch(url, {
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body }),
    })
    bytes = await readUpTo(answer, answer.ok ? request.limit : REFUSAL_LIMIT)
  } catch (cause) {
    throw unreachable(what, cause)
  }
  if (clock.now() > deadline || TRANSIENT.includes(answer.status)) throw unreachable(what)
  if (answer.ok && bytes) return bytes
  if (answer.ok) throw answerTooLarge(what, request.limit)
  if (answer.status === 401 || (answer.status === 403 && request.forbidden === 'login')) throw loginFailed(answer.status)
  throw rejected(what, answer.status, bytes ? reasonIn(bytes) : '')
}

/** @throws {HoldfastError} `turtl_unexpected_answer`: no JSON. */
export function parseJson(what: string, bytes: Bytes): unknown {
  try {
    return JSON.parse(decodeUtf8(bytes))
  } catch (cause) {
    // A parser's error quotes what it read; of ours the kind is enough.
    throw unexpectedAnswer(what, cause instanceof StructureError ? cause : undefined)
  }
}

/** The body, or `undefined` when it is longer than `limit`: found before more than that is held. */
async function readUpTo(answer: Response, limit: number): Promise<Bytes | undefined> {
  if (Number(answer.headers.get('content-length') ?? 0) > limit) {
    await answer.body?.cancel()
    return undefined
  }
  if (!answer.body) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = answer.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > limit) {
      await reader.cancel()
      return undefined
    }
    chunks.push(value)
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

/** `{"error": {"message": …}}` (turtl §6.8); of anything else nothing is quoted. */
function reasonIn(bytes: Bytes): string {
  try {
    const { error } = JSON.parse(decodeUtf8(bytes)) as { error?: { message?: unknown } }
    return typeof error?.message === 'string' ? error.message : ''
  } catch {
    return '' // a page of something in between, not a refusal of the server: its status says all there is
  }
}
