import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, HoldfastError, platformRandom, type Random, systemClock } from '@holdfast/base'
import { serve } from '@hono/node-server'
import { createApp } from './app'
import type { Attestation } from './attestation'
import { Backups } from './backups'
import { openBlobFolder } from './blobs'
import { openDatabase } from './database'

export interface ServerOptions {
  /** Default 8787; 0 picks a free one. */
  readonly port?: number
  /** Default `127.0.0.1`. */
  readonly host?: string
  /** Blobs, the token key and, without `databaseUrl`, the embedded database. Made when missing, for its owner only. */
  readonly dataDir: string
  /** PostgreSQL; default: embedded. */
  readonly databaseUrl?: string
  readonly attestation: Attestation
  readonly clock?: Clock
  readonly random?: Random
  readonly log?: (line: string) => void
}

export interface RunningServer {
  readonly url: string
  readonly port: number
  /** Finishes running requests, then closes the database. */
  close(): Promise<void>
}

/**
 * Starts the service.
 *
 * @throws {HoldfastError} `database_unavailable`, `port_unavailable`.
 * @example
 * ```ts
 * const server = await startServer({ dataDir: './data', attestation: 'bypass' })
 * ```
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { dataDir, attestation, port = 8787, host = '127.0.0.1', clock = systemClock, random = platformRandom, log } = options
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const tokenKey = await loadTokenKey(join(dataDir, 'token.key'), random)
  const blobs = await openBlobFolder(join(dataDir, 'blobs'))
  const database = await openDatabase(
    options.databaseUrl === undefined ? { folder: join(dataDir, 'database') } : { url: options.databaseUrl },
  )
  await new Backups(database, blobs, clock, random).sweepOrphans()
  const app = createApp({ database, blobs, clock, random, attestation, tokenKey, ...(log ? { log } : {}) })
  try {
    const { server, port: bound } = await listen(app.fetch, host, port)
    return {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
      port: bound,
      async close() {
        await new Promise<void>((resolve, reject) => {
          server.close((error) => (error ? reject(error) : resolve()))
          if ('closeIdleConnections' in server) server.closeIdleConnections()
        })
        await database.destroy()
      },
    }
  } catch (error) {
    await database.destroy()
    throw error
  }
}

type Listening = { server: ReturnType<typeof serve>; port: number }

function listen(fetch: (request: Request) => Response | Promise<Response>, hostname: string, port: number): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname, port, serverOptions: { requestTimeout: 30_000 } }, ({ port: bound }) =>
      resolve({ server, port: bound }),
    )
    server.on('error', (cause) => {
      reject(
        new HoldfastError('port_unavailable', `the server cannot listen on ${hostname}:${port}: ${cause.message}; choose another port`, {
          remedy: 'change-environment',
          cause,
        }),
      )
    })
  })
}

async function loadTokenKey(path: string, random: Random): Promise<Uint8Array> {
  const key = random(32)
  try {
    await writeFile(path, key, { flag: 'wx', mode: 0o600 })
    return key
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error
    return new Uint8Array(await readFile(path))
  }
}
