/**
 * A server that answers as Turtl's original does, its mistakes included (turtl §6.8, §7.3, §9), so that what holds against
 * it holds against the original. For tests and for trying things out: it lets anybody take over what they know the id of.
 *
 * Where the specification does not say what the original does: joining under a name that is taken is 403; changing the role of
 * who is no member, or making them the owner, is 404; inviting or admitting a member is 409; while an account is locked,
 * attempts are not counted, and afterwards the next failure locks it again; deleting a space logs the space alone; deleting a
 * note logs its file only if it has one.
 */
import { PGlite } from '@electric-sql/pglite'
import type { Clock, Random } from '@holdfast/base'
import { createApp } from './app'
import { openDatabase } from './database'

export interface TurtlServerOptions {
  /** Left open by `close()`. By default a new one in memory, which takes seconds to start: share one between many servers. */
  readonly database?: PGlite
  /** A name for the tables of this server, lowercase letters, digits and `_`: another name is another server. */
  readonly schema?: string
  readonly clock: Pick<Clock, 'now'>
  /** For tokens in e-mails, and for comparing hashes. */
  readonly random: Random
  /** Whether accounts are confirmed when they are made; otherwise by the link of an e-mail. */
  readonly confirmed?: boolean
  /** Longest time a poll waits for news, in milliseconds; the original's is 20,000. With 0 a poll answers at once. */
  readonly pollMs?: number
  /** Records of one `POST /sync` that are looked at; the rest is in no list of the answer. */
  readonly batchLimit?: number
}

export interface TurtlServer {
  /** The server in this process: no socket, any origin. */
  readonly fetch: (request: Request) => Promise<Response>
  /** As new, in milliseconds: no accounts, and ids from 1 again. */
  reset(): Promise<void>
  close(): Promise<void>
}

/**
 * @example
 * ```ts
 * const server = await makeTurtlServer({ clock: createFakeClock(), random: seededRandom('server') })
 * const answer = await server.fetch(new Request('http://turtl.test/health/db'))
 * ```
 */
export async function makeTurtlServer({
  database,
  schema = 'turtl',
  clock,
  random,
  confirmed = true,
  pollMs = 0,
  batchLimit = 32,
}: TurtlServerOptions): Promise<TurtlServer> {
  const pglite = database ?? (await PGlite.create())
  const tables = await openDatabase(pglite, schema)
  const app = createApp({ database: tables, clock, random, confirmed }, { pollMs, batchLimit })
  return {
    fetch: async (request) => app.fetch(request),
    reset: () => tables.reset(),
    async close() {
      if (!database) await pglite.close()
    },
  }
}
