/** A Turtl server, as the command reaches it: everything stops at Ctrl-C, and what is lost on the way is tried again. */
import { type Bytes, type Fetch, HoldfastError, systemClock } from '@holdfast/base'
import type { TurtlLogin } from '@holdfast/keys'
import { createTurtlClient, type Note, type TurtlClient, unlessGone } from '@holdfast/turtl'
import { checkUrl } from '../device-folder'
import { type Io, interrupted } from '../io'

const TRIES = 3

export interface Server {
  /** Without a slash at its end. */
  readonly endpoint: string
  readonly client: TurtlClient
}

export function connect(io: Io, url: string, { username, authToken }: Pick<TurtlLogin, 'username' | 'authToken'>): Server {
  const endpoint = toEndpoint(io, url)
  return { endpoint, client: createTurtlClient({ endpoint, fetch: stoppableFetch(io), clock: systemClock, authToken, username }) }
}

/** Without a slash at its end. @throws `invalid_service`. */
export function toEndpoint(io: Io, url: string): string {
  checkUrl(url)
  const endpoint = url.replace(/\/+$/, '')
  const { protocol, hostname } = new URL(endpoint)
  if (protocol === 'http:' && !['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
    io.stderr(`note: ${endpoint} is not encrypted: whoever is on the way can take the login; use https\n`)
  return endpoint
}

/** Ctrl-C ends what waits for an answer. */
export function stoppableFetch({ signal }: Io): Fetch {
  return (input, init) => fetch(input, { ...init, signal: AbortSignal.any(init?.signal ? [signal, init.signal] : [signal]) })
}

/** What the signal has ended was not the network's fault. @throws `interrupted`, and what `run` throws. */
export async function unlessInterrupted<Result>({ signal }: Io, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    throw signal.aborted ? interrupted() : error
  }
}

/** Tries again what is safe to do again. @throws `interrupted`, and what the last try threw. */
export async function withRetries<Result>(io: Io, run: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await unlessInterrupted(io, run)
    } catch (error) {
      if (!(error instanceof HoldfastError) || error.code === 'interrupted' || !error.retry.safe || attempt === TRIES) throw error
      await systemClock.sleep((error.retry.afterMs ?? 1000) * attempt, io.signal).catch(() => {
        throw interrupted()
      })
    }
  }
}

/** The stored bytes of a note's attachment; only a note that says it has one is asked for it. */
export async function fetchSealedAttachment(io: Io, { client }: Server, note: Note): Promise<Bytes | undefined> {
  return note.has_file === true ? unlessGone(withRetries(io, () => client.fetchAttachment(note.id))) : undefined
}
