import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { startServer } from '@holdfast/server'
import type { Io } from '../io'

export interface ServeOptions {
  readonly port: string
  readonly host: string
  readonly data?: string
  readonly databaseUrl?: string
  readonly json?: boolean
}

export async function serve(io: Io, options: ServeOptions): Promise<number> {
  const dataDir = resolve(options.data ?? join(io.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'holdfast', 'server'))
  const databaseUrl = options.databaseUrl ?? io.env.DATABASE_URL
  const server = await startServer({
    port: Number(options.port),
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

function stopSignal(io: Io): Promise<void> {
  return new Promise((stop) => {
    io.signal?.addEventListener('abort', () => stop(), { once: true })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop())
  })
}
