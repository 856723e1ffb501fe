/** The same scenarios on a PostgreSQL server that this test starts for itself, reached over a socket in a temporary folder. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { startServer } from '../src/index'
import { describeService } from './scenarios'

const isRoot = process.getuid?.() === 0
/** PostgreSQL refuses to run as root: `nobody` owns its folder then. */
const OWNER = isRoot ? { uid: 65534, gid: 65534 } : {}
const PATH = `${process.env.PATH}:/usr/lib/postgresql/17/bin:/usr/lib/postgresql/16/bin:/usr/lib/postgresql/15/bin`
const options = { ...OWNER, env: { PATH, LC_ALL: 'C' } }

function hasPostgres(): boolean {
  try {
    execFileSync('initdb', ['--version'], { env: options.env })
    execFileSync('postgres', ['--version'], { env: options.env })
    return true
  } catch {
    return false
  }
}

if (hasPostgres()) {
  let folder: string
  let postgres: ChildProcess

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-pg-'))
    if (isRoot) chownSync(folder, 65534, 65534)
    execFileSync('initdb', ['-D', join(folder, 'data'), '-A', 'trust', '-U', 'holdfast', '--no-sync'], {
      ...options,
      cwd: folder,
      stdio: 'ignore',
    })
    postgres = spawn('postgres', ['-D', join(folder, 'data'), '-k', folder, '-h', '', '-F'], {
      ...options,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    await new Promise<void>((resolve, reject) => {
      let said = ''
      postgres.stderr?.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (said.includes('ready to accept connections')) resolve()
      })
      postgres.on('exit', () => reject(new Error(`PostgreSQL did not start: ${said}`)))
    })
  })

  afterAll(async () => {
    const ended = new Promise((resolve) => postgres.once('exit', resolve))
    postgres.kill('SIGTERM') // waits for its clients, of which none may be left
    await ended
    rmSync(folder, { recursive: true })
  })

  describeService('PostgreSQL', (rest) =>
    startServer({
      port: 0,
      dataDir: mkdtempSync(join(tmpdir(), 'holdfast-pg-server-')),
      databaseUrl: `postgres://holdfast@localhost/postgres?host=${encodeURIComponent(folder)}`,
      ...rest,
    }),
  )
} else {
  describe('the service over HTTP, PostgreSQL', () => {
    test.skip('skipped: no initdb and postgres on the PATH; install PostgreSQL (package `postgresql`) to run these', () => {})
  })
}
