/** docs/turtl.md is run, not trusted: the server it starts, and then each command, in a real shell with the built command. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Desk } from './run'
import { blocksOf, ROOT, walk } from './walk'

const document = readFileSync(join(ROOT, 'docs/turtl.md'), 'utf8')

let desk: Desk
let server: ChildProcess | undefined
beforeEach(async () => {
  desk = await Desk.make()
})
afterEach(async () => {
  server?.kill('SIGKILL')
  await desk.clear()
})

test('by hand: each command prints what stands there', { timeout: 240_000 }, async () => {
  const [serve = ''] = blocksOf(document, 'sh')
  const [session = ''] = blocksOf(document, 'console')
  expect(serve.trim()).toBe('npx holdfast turtl serve')
  server = spawn(process.execPath, [join(ROOT, 'packages/cli/bin/holdfast.js'), 'turtl', 'serve', '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [first] = (await once(server.stdout ?? process.stdin, 'data')) as [Buffer]
  const { url } = JSON.parse(String(first)) as { url: string }
  const steps = await walk(session, { at: desk.root, env: desk.env, addresses: [['http://127.0.0.1:8181', url]] })
  expect(steps).toBeGreaterThan(6)
})
