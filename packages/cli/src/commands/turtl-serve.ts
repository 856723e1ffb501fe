import { resolve } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { HoldfastError, platformRandom, systemClock } from '@holdfast/base'
import { makeTurtlServer } from '@holdfast/testkit/turtl-server'
import { serve } from '@hono/node-server'
import { EXIT } from '../exit-code'
import type { Io } from '../io'
import { readPort, stopSignal } from './serve'

export interface TurtlServeOptions {
  readonly port: string
  readonly host: string
  readonly data?: string
  readonly json?: boolean
}

/** As long as the original lets a client wait for news (turtl §6.4). */
const POLL_MS = 20_000
const WARNING = 'for development only: as the original, it lets anybody take over what they know the id of'

export async function turtlServeCommand(io: Io, options: TurtlServeOptions): Promise<number> {
  const port = readPort(options.port)
  const folder = options.data === undefined ? undefined : resolve(options.data)
  const database = await PGlite.create(folder === undefined ? {} : { dataDir: folder })
  const turtl = await makeTurtlServer({ database, clock: systemClock, random: platformRandom, pollMs: POLL_MS })
  try {
    const server = await listen(turtl.fetch, options.host, port)
    if (options.json) io.stdout(`${JSON.stringify({ url: server.url, dataDir: folder })}\n`)
    else {
      io.stdout(`a Turtl server listens on ${server.url}\n  data  ${folder ?? 'in memory: gone when it stops'}\n  ${WARNING}\n`)
      io.stdout(`next: holdfast turtl login --server ${server.url} --email you@example.com --join\n`)
    }
    await stopSignal(io)
    await server.close()
    if (!options.json) io.stdout('stopped\n')
    return EXIT.ok
  } finally {
    await turtl.close()
    await database.close()
  }
}

interface Listening {
  readonly url: string
  close(): Promise<void>
}

function listen(fetch: (request: Request) => Promise<Response>, hostname: string, port: number): Promise<Listening> {
  return new Promise((started, reject) => {
    const server = serve({ fetch, hostname, port }, (bound) =>
      started({
        url: `http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${bound.port}`,
        close: () =>
          new Promise((closed, failed) => {
            server.close((error) => (error ? failed(error) : closed()))
            if ('closeAllConnections' in server) server.closeAllConnections() // a poll may wait for seconds
          }),
      }),
    )
    server.on('error', (cause: Error) => {
      reject(
        new HoldfastError('port_unavailable', `the server cannot listen on ${hostname}:${port}: ${cause.message}; choose another port`, {
          remedy: 'change-environment',
          cause,
        }),
      )
    })
  })
}
