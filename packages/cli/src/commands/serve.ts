import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { HoldfastError } from '@holdfast/base'
import { startServer } from '@holdfast/server'
import type { Io } from '../io'

export interface ServeOptions {
  readonly port: string
  readonly host: string
  readonly data?: string
  readonly json?: boolean
}

export async function serve(io: Io, options: ServeOptions): Promise<number> {
  const dataDir = resolve(options.data ?? join(io.env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'holdfast', 'server'))
  const databaseUrl = io.env.DATABASE_URL
  const server = await startServer({
    port: readPort(options.port),
    host: options.host,
    dataDir,
    attestation: 'bypass',
    log: (line) => io.stderr(`${line}\n`),
    ...(databaseUrl ? { databaseUrl } : {}),
  })
  if (options.json) io.stdout(`${JSON.stringify({ url: server.url, dataDir })}\n`)
  else {
    io.stdout(`Holdfast listens on ${server.url}\n  data     ${dataDir}\n  database ${databaseUrl ? 'PostgreSQL' : 'embedded'}\n`)
    io.stdout('  attestation is bypassed: for your own devices on your own network\n')
    io.stdout(`next: holdfast init FOLDER --service ${server.url}\n`)
  }
  await stopSignal(io)
  await server.close()
  if (!options.json) io.stdout('stopped\n')
  return 0
}

/** Resolves at Ctrl-C, or a polite kill. */
export function stopSignal({ signal }: Io): Promise<void> {
  return new Promise((stop) => {
    if (signal.aborted) stop()
    signal.addEventListener('abort', () => stop(), { once: true })
  })
}

/** @throws `invalid_port`. */
export function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new HoldfastError('invalid_port', `not a port: ${text}; pass a number from 0 to 65535`, { remedy: 'fix-call' })
}
