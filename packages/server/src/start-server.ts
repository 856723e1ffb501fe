import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, HoldfastError, platformRandom, type Random, systemClock } from '@holdfast/base'
import { serve } from '@hono/node-server'
import { createApp } from './app'
import type { Attestation } from './attestation'
import { Backups } from './backups'
import { BareResponse, NO_CONTENT_TYPE } from './bare-response'
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
 * @throws {HoldfastError} `database_unavailable`, `port_unavailable`, `invalid_token_key`.
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
    const { server, port: bound } = await listen((request) => answer(app, request), host, port)
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

async function answer(app: ReturnType<typeof createApp>, request: Request): Promise<Response> {
  const response = await app.fetch(request)
  if (response.body === null) response.headers.set('content-type', NO_CONTENT_TYPE)
  return response
}

/** 30 s for a request, its body included, then 408 (backup-service-api §0.1); looked at every second. */
const REQUEST_LIMIT = { requestTimeout: 30_000, connectionsCheckingInterval: 1_000 }

type Listening = { server: ReturnType<typeof serve>; port: number }

function listen(fetch: (request: Request) => Response | Promise<Response>, hostname: string, port: number): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname, port, serverOptions: { ...REQUEST_LIMIT, ServerResponse: BareResponse } }, ({ port: bound }) =>
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

/** Written whole and durable before it has its name, so that a killed start leaves no half key. */
async function loadTokenKey(path: string, random: Random): Promise<Uint8Array> {
  const temporary = `${path}.${process.pid}.tmp`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(random(TOKEN_KEY_BYTES))
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(temporary, path)
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error
  } finally {
    await rm(temporary, { force: true })
  }
  const key = new Uint8Array(await readFile(path))
  if (key.length === TOKEN_KEY_BYTES) return key
  throw new HoldfastError('invalid_token_key', `not a token key: ${path} holds ${key.length} bytes; remove it, and a new one is made`, {
    remedy: 'change-environment',
  })
}

const TOKEN_KEY_BYTES = 32
