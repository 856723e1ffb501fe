/** Two devices by hand: init, restore elsewhere, edits on both sides, stale told from committed, nothing lost. */
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type RunningServer, startServer } from '@holdfast/server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Desk } from './run'

let server: RunningServer
let serverDesk: Desk
let desk: Desk
let phrase: string

beforeAll(async () => {
  serverDesk = await Desk.make()
  server = await startServer({ port: 0, dataDir: serverDesk.path('server'), attestation: 'bypass' })
})
afterAll(async () => {
  await server.close()
  await serverDesk.clear()
})

const service = () => ['--service', server.url]
const withPhrase = () => ['--phrase-file', desk.path('phrase.txt')]
const a = () => desk.path('a')
const b = () => desk.path('b')

beforeEach(async () => {
  desk = await Desk.make()
  await desk.write({ 'a/notes.txt': 'first\n', 'a/deep/er/📷 Grüße.bin': new Uint8Array([0, 1, 2, 255]), 'a/empty': '' })
  expect(await desk.run(['init', a(), ...service(), '--phrase-out', desk.path('phrase.txt')])).toMatchObject({ code: 0, stderr: '' })
  phrase = (await readFile(desk.path('phrase.txt'), 'utf8')).trim()
  expect(await desk.run(['restore', b(), ...service(), ...withPhrase()])).toMatchObject({ code: 0, stderr: '' })
  return () => desk.clear()
})

describe('two devices', () => {
  test('a restored folder is the backed-up one, byte for byte', async () => {
    expect(await desk.contents('b')).toEqual(await desk.contents('a'))
  })

  test('a sync with nothing to send is up to date, and one with something is committed', async () => {
    expect(await desk.run(['sync', a()])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^up to date/) })
    await desk.write({ 'a/notes.txt': 'second\n' })
    expect(await desk.run(['sync', a()])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^committed: 0 added, 1 changed, 0 removed/),
    })
  })

  test('sync tells a stale device so, with exit code 4 and nothing changed', async () => {
    await desk.write({ 'a/notes.txt': 'from A\n', 'b/other.txt': 'from B\n' })
    await desk.run(['sync', b()])
    const before = await desk.contents('a')
    const ran = await desk.run(['sync', a()])
    expect(ran).toMatchObject({ code: 4, stdout: expect.stringMatching(/^stale: .*1 change waiting here/) })
    expect(await desk.contents('a')).toEqual(before)
  })

  test('a stale device asks for the phrase, takes the remote state, re-applies its own change and syncs', async () => {
    await desk.write({ 'a/notes.txt': 'from A\n', 'b/other.txt': 'from B\n' })
    await desk.run(['sync', b()])
    const ran = await desk.run(['sync', a()], { typed: `${phrase}\r` })
    expect(ran).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^took the remote state: 1 written, 0 removed\ncommitted: 0 added, 1 changed/),
    })
    expect(ran.stdout + ran.stderr).not.toContain(phrase.split(' ').slice(0, 3).join(' '))
    expect(await desk.run(['sync', b(), ...withPhrase()])).toMatchObject({ code: 0 })
    expect(await desk.contents('a')).toMatchObject({ 'notes.txt': 'from A\n', 'other.txt': 'from B\n' })
    expect(await desk.contents('b')).toEqual(await desk.contents('a'))
  })

  test('a file changed on both sides is kept twice, under a name that says so', async () => {
    await desk.write({ 'a/notes.txt': 'from A\n', 'b/notes.txt': 'from B\n' })
    await desk.run(['sync', b()])
    const ran = await desk.run(['sync', a(), ...withPhrase()])
    expect(ran.stdout).toMatch(/changed on both sides: notes\.txt\n {4}yours is kept as notes \(conflict \d{4}-\d\d-\d\d\)\.txt/)
    const files = await desk.contents('a')
    expect(files['notes.txt']).toBe('from B\n')
    expect(Object.entries(files).find(([name]) => name.startsWith('notes (conflict'))?.[1]).toBe('from A\n')
  })

  test('a phrase may be pasted over several lines, even as the numbered table it was shown as', async () => {
    await desk.write({ 'b/other.txt': 'from B\n' })
    await desk.run(['sync', b()])
    const rows = Array.from({ length: 6 }, (_, row) =>
      phrase
        .split(' ')
        .slice(row * 4, row * 4 + 4)
        .map((word, i) => `${row * 4 + i + 1} ${word}`)
        .join('  '),
    )
    expect(await desk.run(['sync', a()], { typed: `${rows.join('\r')}\r` })).toMatchObject({ code: 0 })
  })

  test('a phrase is taken from standard input', async () => {
    await desk.write({ 'b/other.txt': 'from B\n' })
    await desk.run(['sync', b()])
    expect(await desk.run(['sync', a(), '--phrase-stdin'], { stdin: `${phrase}\n` })).toMatchObject({ code: 0 })
  })

  test('status says what waits where, and writes nothing', async () => {
    expect(await desk.run(['status', a()])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^in-step/) })
    await desk.write({ 'a/new.txt': 'x', 'b/other.txt': 'y' })
    await rm(desk.path('a/empty'))
    expect((await desk.run(['status', a()])).stdout).toMatch(/^local-changes[\s\S]*\+ new\.txt\n {2}- empty\n/)
    await desk.run(['sync', b()])
    expect(await desk.run(['status', a()])).toMatchObject({ code: 4, stdout: expect.stringMatching(/^stale-with-local-changes/) })
  })

  test('verify with the phrase opens everything at the service; without it, it looks at this folder', async () => {
    expect((await desk.run(['verify', a(), ...withPhrase(), '--json'])).json()).toMatchObject({ ok: true, checked: 'remote', files: 3 })
    await rm(desk.path('a/notes.txt'))
    expect(await desk.run(['verify', a()])).toMatchObject({ code: 6, stdout: expect.stringMatching(/^NOT SOUND[\s\S]*missing notes\.txt/) })
  })

  test('doctor finds engines, state and service well', async () => {
    const ran = await desk.run(['doctor', a(), '--json'])
    expect(ran.json()).toMatchObject({ ok: true })
    expect(ran.code).toBe(0)
  })

  test('with --json every command writes one JSON object', async () => {
    for (const argv of [
      ['sync', a()],
      ['status', a()],
      ['verify', a()],
      ['doctor', a()],
      ['inspect', desk.path('a/notes.txt')],
    ]) {
      expect((await desk.run([...argv, '--json'])).json(), argv[0]).toBeTypeOf('object')
    }
  })

  test('state is readable by its owner only, and one that was opened up is closed again, and said so', async () => {
    const [first = ''] = await readdir(desk.path('state/holdfast'))
    const stateDir = desk.path('state/holdfast', first)
    const mode = async (path: string) => (await stat(path)).mode & 0o777
    expect(await mode(stateDir)).toBe(0o700)
    for (const record of await readdir(stateDir)) expect(await mode(join(stateDir, record)), record).toBe(0o600)
    expect(await mode(desk.path('phrase.txt'))).toBe(0o600)
    const { chmod } = await import('node:fs/promises')
    await chmod(join(stateDir, 'device.json'), 0o644)
    const notes = [await desk.run(['status', a()]), await desk.run(['status', b()])].map(({ stderr }) => stderr).join('')
    expect(notes).toMatch(/it is for its owner only now/)
    expect(await mode(join(stateDir, 'device.json'))).toBe(0o600)
  })

  test('a folder that was lost is restored to the same place, and its old state is kept aside', async () => {
    await rm(b(), { recursive: true })
    const ran = await desk.run(['restore', b(), ...service(), ...withPhrase()])
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('.before-restore') })
    expect(await desk.contents('b')).toEqual(await desk.contents('a'))
    expect(await desk.run(['sync', b()])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^up to date/) })
  })

  test('an emptied folder does not empty the backup unless that is asked for', async () => {
    await rm(b(), { recursive: true })
    expect(await desk.run(['sync', b()])).toMatchObject({ code: 2, stderr: expect.stringContaining('no such folder') })
    await desk.write({ 'b/x': '' })
    await rm(desk.path('b/x'))
    expect((await desk.run(['sync', b(), '--json'])).json().error.code).toBe('folder_emptied')
    expect(await desk.run(['verify', a(), ...withPhrase()])).toMatchObject({ code: 0, stdout: expect.stringContaining('3 files') })
    expect(await desk.run(['sync', b(), '--allow-empty'])).toMatchObject({ code: 0, stdout: expect.stringContaining('3 removed') })
  })

  test('names with control characters cannot steer the terminal', async () => {
    await desk.write({ 'a/evil\u001b[2Jname': 'x' })
    expect((await desk.run(['status', a()])).stdout).toContain('+ evil\\u001b[2Jname')
  })

  test('a long sync shows a line that fits the terminal, to people only', async () => {
    await desk.write({ 'a/new.txt': 'x' })
    const ran = await desk.run(['sync', a()], { interactive: true, columns: 40 })
    const lines = ran.stderr.split('\r').map((line) => line.replace('\u001b[K', ''))
    expect(lines.some((line) => line.startsWith('sealing'))).toBe(true)
    expect(lines.every((line) => line.length < 40)).toBe(true)
    expect(ran.stderr.endsWith('\r\u001b[K')).toBe(true)
    await desk.write({ 'a/new.txt': 'y' })
    expect((await desk.run(['sync', a()])).stderr).toBe('')
  })
})
