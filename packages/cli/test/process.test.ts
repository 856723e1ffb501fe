/** What only a real process shows: exit codes, signals, pipes, and that no secret is in its arguments or its output. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Desk } from './run'

const HOLDFAST = fileURLToPath(new URL('../bin/holdfast.js', import.meta.url))

let desk: Desk
const running = new Set<ChildProcess>()
beforeEach(async () => {
  desk = await Desk.make()
})
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL')
  await desk.clear()
})

function start(...argv: string[]) {
  const child = spawn(process.execPath, [HOLDFAST, ...argv], { env: { ...process.env, ...desk.env } })
  running.add(child)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child)
    return { code: code as number, stdout, stderr }
  })
  return { child, ended }
}

async function serve() {
  const { child, ended } = start('serve', '--port', '0', '--data', desk.path('server'), '--json')
  const [first] = (await once(child.stdout, 'data')) as [Buffer]
  return { url: (JSON.parse(String(first)) as { url: string }).url, child, ended }
}

describe('the command as a process', { timeout: 120_000 }, () => {
  test('exit codes tell classes of error apart', async () => {
    await desk.write({ 'a/x': 'x' })
    const codes = await Promise.all([
      start('--version').ended,
      start('snyc').ended,
      start('sync', desk.path('a')).ended,
      start('init', desk.path('a'), '--service', 'http://127.0.0.1:1', '--phrase-out', desk.path('p')).ended,
      start('inspect', desk.path('nope')).ended,
    ])
    expect(codes.map(({ code }) => code)).toEqual([0, 2, 2, 5, 7])
  })

  test('a phrase on standard input opens the backup, and is in no output and no log', async () => {
    await desk.write({ 'a/x': 'x' })
    const server = await serve()
    expect((await start('init', desk.path('a'), '--service', server.url, '--phrase-out', desk.path('p')).ended).code).toBe(0)
    const phrase = readFileSync(desk.path('p'), 'utf8')
    const { child, ended } = start('restore', desk.path('b'), '--service', server.url, '--phrase-stdin')
    child.stdin.end(phrase)
    const restored = await ended
    expect(restored.code).toBe(0)
    expect(await desk.contents('b')).toEqual({ x: 'x' })
    server.child.kill('SIGTERM')
    const log = await server.ended
    expect(log.code).toBe(0)
    const words = phrase.trim().split(' ')
    for (const text of [restored.stdout, restored.stderr, log.stdout, log.stderr, child.spawnargs.join(' ')])
      expect(words.filter((word) => text.split(/\W+/).includes(word)).length).toBeLessThan(6)
  })

  test('Ctrl-C while a service keeps silent ends at once, with exit code 130', async () => {
    const silent = createServer(() => {})
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as { port: number }
    await desk.write({ 'a/x': 'x' })
    const { child, ended } = start(
      'init',
      desk.path('a'),
      '--service',
      `http://127.0.0.1:${port}`,
      '--phrase-out',
      desk.path('p'),
      '--json',
    )
    await once(silent, 'connection')
    child.kill('SIGINT')
    const { code, stdout } = await ended
    silent.close()
    expect(code).toBe(130)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'interrupted', retry: { safe: true } } })
  })

  test('a reader that goes away is no error', async () => {
    const { child, ended } = start('--help')
    child.stdout.destroy()
    const { code, stderr } = await ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})
