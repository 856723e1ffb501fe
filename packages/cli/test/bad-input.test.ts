/** Bad input gets a clear error and leaves everything as it was. */
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { platformRandom } from '@holdfast/base'
import { makeRecoveryPhrase } from '@holdfast/keys'
import { type RunningServer, startServer } from '@holdfast/server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Desk } from './run'

let server: RunningServer
let serverDesk: Desk
let desk: Desk

beforeAll(async () => {
  serverDesk = await Desk.make()
  server = await startServer({ port: 0, dataDir: serverDesk.path('server'), attestation: 'bypass' })
})
afterAll(async () => {
  await server.close()
  await serverDesk.clear()
})
beforeEach(async () => {
  desk = await Desk.make()
  await desk.write({ 'a/one.txt': 'one\n' })
  return () => desk.clear()
})

const NOBODY = 'http://127.0.0.1:1'
const init = (...more: string[]) =>
  desk.run(['init', desk.path('a'), '--service', server.url, '--phrase-out', desk.path('phrase.txt'), '--json', ...more])
const initDone = async () => expect((await init()).code).toBe(0)
const names = async (folder = '') => (await readdir(desk.path(folder))).sort()

/** Runs it, and expects the code, and every file as it was. */
async function refused(argv: readonly string[], code: string, exit: number) {
  const before = await desk.contents('')
  const ran = await desk.run([...argv, '--json'])
  expect({ code: ran.json().error.code, exit: ran.code }).toEqual({ code, exit })
  expect(await desk.contents('')).toEqual(before)
  return ran.json().error.message
}

describe('bad input leaves everything as it was', () => {
  test('init: a folder that is not there', async () => {
    await refused(['init', desk.path('nowhere'), '--service', server.url, '--phrase-out', desk.path('p')], 'no_such_folder', 2)
    expect(await names()).toEqual(['a'])
  })

  test('init: a server that is down', async () => {
    const message = await refused(['init', desk.path('a'), '--service', NOBODY, '--phrase-out', desk.path('p')], 'unreachable', 5)
    expect(message).toContain(NOBODY)
    expect(await names()).toEqual(['a'])
  })

  test('init: two paths that differ only in case are both named', async () => {
    await desk.write({ 'a/Grüße.txt': '1', 'a/GRÜSSE.txt': '2', 'a/README.md': '3', 'a/Readme.md': '4' })
    const message = await refused(['init', desk.path('a'), '--service', server.url, '--phrase-out', desk.path('p')], 'duplicate_path', 2)
    expect(message).toMatch(/README\.md and Readme\.md|Readme\.md and README\.md/)
    expect(await names()).toEqual(['a'])
  })

  test('init: a folder that seals to more than 15 MiB', async () => {
    const bytes = new Uint8Array(13 * 1024 * 1024)
    for (let at = 0; at < bytes.length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536))
    await desk.write({ 'a/big': bytes })
    const message = await refused(['init', desk.path('a'), '--service', server.url, '--phrase-out', desk.path('p')], 'backup_too_large', 2)
    expect(message).toMatch(/sealed it would take \d+\.\d\d MiB, and a backup may take 15 MiB/)
    expect(await names()).toEqual(['a'])
  })

  test('init: a link', async () => {
    await symlink('/etc/hostname', desk.path('a/link'))
    await refused(['init', desk.path('a'), '--service', server.url, '--phrase-out', desk.path('p')], 'unsupported_file', 7)
  })

  test.skipIf(process.getuid?.() === 0)('init: a file that cannot be read', async () => {
    await chmod(desk.path('a/one.txt'), 0)
    const ran = await init()
    expect({ code: ran.json().error.code, exit: ran.code }).toEqual({ code: 'file_unreadable', exit: 7 })
    await chmod(desk.path('a/one.txt'), 0o600)
  })

  test('init: state or phrase inside the backed-up folder, by a link too', async () => {
    const to = ['init', desk.path('a'), '--service', server.url]
    await refused([...to, '--phrase-out', desk.path('p'), '--state', desk.path('a/state')], 'state_inside_folder', 2)
    await symlink(desk.path('a'), desk.path('door'))
    const ran = await desk.run([...to, '--phrase-out', desk.path('p'), '--state', desk.path('door/state'), '--json'])
    expect(ran.json().error.code).toBe('state_inside_folder')
    const inside = await desk.run([...to, '--phrase-out', desk.path('door/p'), '--json'])
    expect(inside.json().error.code).toBe('phrase_inside_folder')
    expect(await names('a')).toEqual(['one.txt'])
  })

  test('init: a state folder that holds other things is not taken over', async () => {
    await desk.write({ 'mine/letter.txt': 'x' })
    await chmod(desk.path('mine'), 0o755)
    await refused(
      ['init', desk.path('a'), '--service', server.url, '--phrase-out', desk.path('p'), '--state', desk.path('mine')],
      'state_not_empty',
      2,
    )
    expect((await stat(desk.path('mine'))).mode & 0o777).toBe(0o755)
  })

  test('init: a phrase file that exists is never overwritten', async () => {
    await desk.write({ p: 'precious' })
    await refused(['init', desk.path('a'), '--service', server.url, '--phrase-out', desk.path('p')], 'phrase_file_unwritable', 2)
  })

  test('init: a second time, with a hint', async () => {
    await initDone()
    await refused(['init', desk.path('a'), '--service', server.url, '--phrase-out', desk.path('p')], 'backup_already_here', 2)
  })

  test('init: --json has nowhere to put a new phrase', async () => {
    await refused(['init', desk.path('a'), '--service', server.url], 'phrase_out_needed', 2)
  })

  test('a service address that holds a password is refused, and not repeated', async () => {
    const message = await refused(
      ['init', desk.path('a'), '--service', 'http://me:hunter2@localhost', '--phrase-out', desk.path('p')],
      'invalid_service',
      2,
    )
    expect(message).not.toContain('hunter2')
  })

  test('restore: a wrong phrase of the right form', async () => {
    await initDone()
    await writeFile(desk.path('other'), makeRecoveryPhrase(platformRandom), { mode: 0o600 })
    const message = await refused(
      ['restore', desk.path('b'), '--service', server.url, '--phrase-file', desk.path('other')],
      'backup_untraceable',
      3,
    )
    expect(message).toMatch(/right phrase/)
    expect(await names()).not.toContain('b')
  })

  test('restore: a phrase with a slip, which is not quoted', async () => {
    await writeFile(desk.path('slip'), 'zoo '.repeat(24), { mode: 0o600 })
    const message = await refused(
      ['restore', desk.path('b'), '--service', server.url, '--phrase-file', desk.path('slip')],
      'invalid_recovery_phrase',
      3,
    )
    expect(message).not.toContain('zoo')
    expect(await names()).not.toContain('b')
  })

  test('restore: a folder that is not empty', async () => {
    await initDone()
    await desk.write({ 'b/mine.txt': 'x' })
    await refused(['restore', desk.path('b'), '--service', server.url, '--phrase-file', desk.path('phrase.txt')], 'folder_not_empty', 2)
  })

  test('restore: a damaged sealed backup', async () => {
    await initDone()
    const blobs = serverDesk.path('server/blobs')
    const kept = new Map<string, Buffer>()
    for (const name of await readdir(blobs)) {
      const bytes = await readFile(join(blobs, name))
      kept.set(name, bytes)
      const damaged = Buffer.from(bytes)
      damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1
      await writeFile(join(blobs, name), damaged)
    }
    try {
      await refused(['restore', desk.path('b'), '--service', server.url, '--phrase-file', desk.path('phrase.txt')], 'auth_failed', 6)
    } finally {
      for (const [name, bytes] of kept) await writeFile(join(blobs, name), bytes)
    }
    expect(await names()).not.toContain('b')
  })

  test('sync: without a backup, or without the folder, nothing is made', async () => {
    await refused(['sync', desk.path('a')], 'no_backup_here', 2)
    await refused(['sync', desk.path('nowhere')], 'no_such_folder', 2)
    expect(await names()).toEqual(['a'])
  })

  test('sync: two paths that differ only in case, a link, and too much; afterwards it syncs as before', async () => {
    await initDone()
    const { rm } = await import('node:fs/promises')
    await desk.write({ 'a/ONE.txt': 'x' })
    await refused(['sync', desk.path('a')], 'duplicate_path', 2)
    await rm(desk.path('a/ONE.txt'))
    await symlink('/etc/hostname', desk.path('a/link'))
    expect((await desk.run(['sync', desk.path('a'), '--json'])).json().error.code).toBe('unsupported_file')
    await rm(desk.path('a/link'))
    expect((await desk.run(['sync', desk.path('a'), '--json'])).json()).toMatchObject({ kind: 'up-to-date' })
  })

  test('sync: the phrase is needed, and there is no terminal to ask on', async () => {
    await initDone()
    const other = ['--state', desk.path('state-b')]
    await desk.run(['restore', desk.path('b'), '--service', server.url, '--phrase-file', desk.path('phrase.txt'), ...other])
    await desk.write({ 'b/two.txt': 'two' })
    await desk.run(['sync', desk.path('b'), ...other])
    expect(await desk.run(['sync', desk.path('a'), '--json'])).toMatchObject({ code: 4, stdout: expect.stringContaining('"kind":"stale"') })
    await refused(['restore', desk.path('c'), '--service', server.url], 'phrase_needed', 3)
  })

  test('Ctrl-C at the prompt changes nothing', async () => {
    await initDone()
    const ran = await desk.run(['restore', desk.path('b'), '--service', server.url], { typed: 'legal winner\u0003' })
    expect(ran).toMatchObject({ code: 130, stderr: expect.stringContaining('interrupted: nothing is lost') })
    expect(ran.stderr).not.toContain('legal')
    expect(await names()).not.toContain('b')
  })

  test('a slip at the prompt may be mended three times', async () => {
    await initDone()
    const ran = await desk.run(['restore', desk.path('b'), '--service', server.url], { typed: 'one two\r\rone two\r\rone two\r\r' })
    expect(ran.code).toBe(3)
    expect(ran.stderr.match(/got 2 words/g)).toHaveLength(3)
  })

  test('inspect: names a secret for what it is, and shows none of it', async () => {
    await initDone()
    const ran = await desk.run(['inspect', desk.path('phrase.txt')])
    const phrase = await readFile(desk.path('phrase.txt'), 'utf8')
    expect(ran.stdout).toContain('recovery phrase: a secret')
    expect(ran.stdout).not.toContain(phrase.slice(0, 20))
    await refused(['inspect', desk.path('nope')], 'file_unreadable', 7)
  })
})

describe('usage', () => {
  test('an unknown command is an error that suggests the nearest', async () => {
    const ran = await desk.run(['snyc'])
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/unknown command 'snyc' \(Did you mean sync\?\)/) })
  })

  test('with --json a usage error is one JSON object too', async () => {
    for (const argv of [['snyc'], ['sync', '--fast'], ['init'], ['vectors', 'run', '--backend', 'rot13', 'x'], ['restore', 'x']]) {
      const ran = await desk.run([...argv, '--json'])
      expect({ code: ran.code, error: ran.json().error.code, stderr: ran.stderr }, argv.join(' ')).toEqual({
        code: 2,
        error: 'usage',
        stderr: '',
      })
    }
  })

  test('help fits a terminal of 80 columns', async () => {
    const { stdout, code } = await desk.run(['sync', '--help'], { columns: 80 })
    expect(code).toBe(0)
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  test('a port that is none is refused', async () => {
    await refused(['serve', '--port', 'http'], 'invalid_port', 2)
  })

  test('a port in use is refused by name', async () => {
    const ran = await desk.run(['serve', '--port', String(server.port), '--data', desk.path('server'), '--json'])
    expect({ code: ran.code, error: ran.json().error.code }).toEqual({ code: 5, error: 'port_unavailable' })
  })

  test('serve ends when it is told to, with exit code 0', async () => {
    const stop = new AbortController()
    const ran = await desk.run(['serve', '--port', '0', '--data', desk.path('server')], {
      signal: stop.signal,
      onStdout: (text) => text.includes('next:') && stop.abort(),
    })
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/listens on http:\/\/127\.0\.0\.1:\d+[\s\S]*stopped\n$/) })
  })

  test('an empty folder is backed up as one', async () => {
    await mkdir(desk.path('empty'))
    const ran = await desk.run(['init', desk.path('empty'), '--service', server.url, '--phrase-out', desk.path('q')])
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('backed up an empty folder') })
  })
})
