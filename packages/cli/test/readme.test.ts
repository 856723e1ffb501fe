/**
 * The top README is run, not trusted: its walk-through in a real shell with the built command, its library example against
 * a real service, and its links. `npm start` and `npm test` are looked up in package.json: running them here would set up again.
 */
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as backup from '@holdfast/backup'
import * as backupService from '@holdfast/backup-service'
import * as base from '@holdfast/base'
import * as crypto from '@holdfast/crypto'
import * as keys from '@holdfast/keys'
import { type RunningServer, startServer } from '@holdfast/server'
import * as sync from '@holdfast/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { blocksOf, ROOT, walk } from './walk'

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
const blocks = (language: string) => blocksOf(readme, language)

const MODULES: Readonly<Record<string, object>> = {
  '@holdfast/backup': backup,
  '@holdfast/backup-service': backupService,
  '@holdfast/base': base,
  '@holdfast/crypto': crypto,
  '@holdfast/keys': keys,
  '@holdfast/sync': sync,
}

let work: string
let server: RunningServer
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'holdfast-readme-'))
  server = await startServer({ port: 0, dataDir: join(work, 'server'), attestation: 'bypass' })
})
afterAll(async () => {
  await server.close()
  await rm(work, { recursive: true, force: true })
})

test('each npm command it names is a script', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  const named = [
    ...blocks('sh')
      .join('')
      .matchAll(/^npm (?:run )?(\w+)/gm),
  ].map(([, name = '']) => name)
  expect(named).toEqual(['start', 'test'])
  for (const name of named) expect(scripts[name], name).toMatch(/^node scripts\//)
})

test('each link leads somewhere', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, to = '']) => to)
  expect(links.length).toBeGreaterThan(15)
  for (const link of links) expect(existsSync(join(ROOT, link)), link).toBe(true)
})

test('the library example runs as it stands', async () => {
  const [example = ''] = blocks('ts')
  const body = example
    .replace(/^import \{ (.*) \} from '(.*)'$/gm, "const { $1 } = modules['$2']")
    .replace('http://127.0.0.1:8787', server.url)
  const AsyncFunction = (async () => {}).constructor as new (...source: string[]) => (modules: object) => Promise<unknown>
  const run = new AsyncFunction('modules', `${body}\nreturn { outcome, report, files: await other.list() }`)
  expect(await run(MODULES)).toMatchObject({
    outcome: { kind: 'committed' },
    report: { ok: true, checked: 'remote', files: 1 },
    files: [{ designator: 'document_pkg', path: 'docs/passport.txt' }],
  })
})

test('two devices by hand: each command prints what stands there', { timeout: 240_000 }, async () => {
  const at = join(work, 'walk')
  await cp(join(ROOT, 'docs'), join(at, 'docs'), { recursive: true })
  const [session = ''] = blocks('console')
  const steps = await walk(session, {
    at,
    env: { XDG_STATE_HOME: join(work, 'state') },
    addresses: [['http://127.0.0.1:8787', server.url]],
  })
  expect(steps).toBeGreaterThan(8)
})
