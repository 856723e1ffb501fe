/** `holdfast turtl` with a live server: Turtl's own, as the testkit has it, started by the command itself. */
import { readFile, stat } from 'node:fs/promises'
import type { TurtlExport } from '@holdfast/turtl'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Desk, type Ran } from './run'
import { makeSample, SIZE } from './turtl-account'

const PASSWORD = 'a password of some length'

let desk: Desk
let url: string
const stop = new AbortController()
let served: Promise<Ran>
beforeAll(async () => {
  desk = await Desk.make()
  url = await new Promise((started) => {
    const onStdout = (text: string) => started((JSON.parse(text) as { url: string }).url)
    served = desk.run(['turtl', 'serve', '--port', '0', '--json'], { signal: stop.signal, onStdout })
  })
  const sample = await makeSample()
  await desk.write({
    'password.txt': `${PASSWORD}\n`,
    'data/dump.json': JSON.stringify(sample.wire),
    'data/sample-password': sample.password,
  })
  const { writeFiles } = await import('./turtl-account')
  await writeFiles(desk.path('data/files'), sample)
  const made = await run(
    'export',
    desk.path('source'),
    '--dump',
    desk.path('data/dump.json'),
    '--password-file',
    desk.path('data/sample-password'),
    '--format',
    'turtl',
  )
  expect(made.code).toBe(0)
})
afterAll(async () => {
  stop.abort()
  expect((await served).code).toBe(0)
  await desk.clear()
})

let account = 0
let email: string
beforeEach(async () => {
  email = `person${++account}@example.com`
  expect((await login('--join')).code).toBe(0)
})

const run = (...argv: string[]) => desk.run(['turtl', ...argv, '--json'])
const credentials = () => ['--email', email, '--password-file', desk.path('password.txt')]
const login = (...options: string[]) => run('login', '--server', url, ...credentials(), ...options)
const importAs = (file: string, ...options: string[]) => run('import', desk.path(file), '--server', url, ...credentials(), ...options)
const exportTo = (target: string, ...options: string[]) => run('export', desk.path(target), '--server', url, ...credentials(), ...options)
const readSource = async (folder: string) => JSON.parse(await readFile(desk.path(folder, 'turtl-export.json'), 'utf8')) as TurtlExport
const textsOf = ({ notes }: TurtlExport) =>
  notes.map(({ title, text, type, url: link, password, tags }) => ({ title, text, type, link, password, tags }))
const bytesOf = ({ files }: TurtlExport) => files.map(({ data }) => data).sort()

describe('login', () => {
  test('says who it is, and that a joined account begins with three spaces and three boards', async () => {
    expect((await login()).json()).toMatchObject({ kind: 'turtl-login', username: email, keyPairState: 'held' })
    const { spaces } = (await run('show', '--server', url, ...credentials())).json() as unknown as {
      spaces: { title: string; boards: { title: string }[] }[]
    }
    expect(spaces.map(({ title, boards }) => [title, boards.map((board) => board.title)])).toEqual([
      ['Personal', ['Bookmarks', 'Photos', 'Passwords']],
      ['Work', []],
      ['Home', []],
    ])
  })

  test('a saved login is for its owner only, says what it is, opens the account, and is never overwritten', async () => {
    const file = desk.path(`login-${account}`)
    const { stdout } = await desk.run(['turtl', 'login', '--server', url, ...credentials(), '--save', file])
    expect(stdout).toContain('WARNING: the file holds the master key')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const shown = await run('show', '--server', url, '--login', file)
    expect({ code: shown.code, username: shown.json().username }).toEqual({ code: 0, username: email })
    const again = await login('--save', file)
    expect({ code: again.code, error: again.json().error.code }).toEqual({ code: 7, error: 'file_unwritable' })
  })

  test('a wrong password is refused once, with no word of it', async () => {
    const { code, stdout, json } = await desk.run(['turtl', 'login', '--server', url, '--email', email, '--password-stdin', '--json'], {
      stdin: 'hunter2',
    })
    expect({ code, error: json().error.code }).toEqual({ code: 3, error: 'turtl_login_failed' })
    expect(stdout).not.toContain('hunter2')
  })

  test('the password is asked for at a terminal, and not shown', async () => {
    const { code, stdout, stderr } = await desk.run(['turtl', 'login', '--server', url, '--email', email], { typed: `${PASSWORD}\r` })
    expect(code).toBe(0)
    expect(stdout + stderr).not.toContain(PASSWORD)
  })

  test('no server there', async () => {
    const { code, json } = await run('login', '--server', 'http://127.0.0.1:1', ...credentials())
    expect({ code, error: json().error.code }).toEqual({ code: 5, error: 'turtl_unreachable' })
  })
})

describe('import, and export of what was imported', { timeout: 60_000 }, () => {
  test('everything arrives, attachments too; the same import again sends nothing', async () => {
    const imported = await importAs('source/turtl-export.json')
    expect(imported.json()).toMatchObject({
      complete: true,
      sent: { space: 3, board: 5, note: SIZE.notes },
      attachments: SIZE.attachments,
    })
    const again = await importAs('source/turtl-export.json')
    expect(again.json()).toMatchObject({ complete: true, sent: { space: 0, board: 0, note: 0 }, attachments: 0 })
    expect((await exportTo(`back-${account}`, '--format', 'turtl')).code).toBe(0)
    const [source, back] = [await readSource('source'), await readSource(`back-${account}`)]
    expect(textsOf(back)).toEqual(textsOf(source))
    expect(bytesOf(back)).toEqual(bytesOf(source))
  })

  test('an import that was cut short before its attachments sends them the next time', async () => {
    const source = await readSource('source')
    await desk.write({ 'without-files.json': JSON.stringify({ ...source, files: [] }) })
    expect((await importAs('without-files.json')).json()).toMatchObject({ attachments: 0 })
    expect((await importAs('source/turtl-export.json')).json()).toMatchObject({ sent: { note: 0 }, attachments: SIZE.attachments })
    expect((await exportTo(`late-${account}`, '--format', 'turtl')).code).toBe(0)
    expect(bytesOf(await readSource(`late-${account}`))).toEqual(bytesOf(source))
  })

  test('`replace` writes over what is there; `full` deletes what is yours first, and only when told so twice', async () => {
    await importAs('source/turtl-export.json')
    const source = await readSource('source')
    const changed = source.notes.map((note) => ({ ...note, text: 'changed' }))
    await desk.write({ 'changed.json': JSON.stringify({ ...source, notes: changed, files: [] }) })
    await importAs('changed.json', '--mode', 'replace')
    const texts = async () => {
      const target = `texts-${account}-${Math.random().toString(36).slice(2)}`
      await exportTo(target, '--format', 'turtl')
      const { notes, spaces } = await readSource(target)
      return { texts: new Set(notes.map(({ text }) => text)), spaces: spaces.map(({ title }) => title).sort() }
    }
    expect((await texts()).texts).toEqual(new Set(['changed']))
    expect((await importAs('source/turtl-export.json', '--mode', 'full')).json().error.code).toBe('delete_first_needed')
    expect((await importAs('source/turtl-export.json', '--mode', 'full', '--delete-first')).json()).toMatchObject({ complete: true })
    const after = await texts()
    expect(after.spaces).toEqual(['Space 1', 'Space 2', 'Space 3'])
    expect(after.texts).toEqual(new Set(source.notes.map(({ text }) => text)))
  })

  test('Markdown from a live server is whole', async () => {
    await importAs('source/turtl-export.json')
    expect((await exportTo(`md-${account}`)).json()).toMatchObject({ complete: true, notes: SIZE.notes, attachments: SIZE.attachments })
    const files = Object.keys(await desk.contents(`md-${account}`))
    expect(files.filter((name) => name.includes('/attachments/'))).toHaveLength(SIZE.attachments)
    expect(files.filter((name) => name.endsWith('.md'))).toHaveLength(SIZE.notes + 1)
  })

  test('what is no export is refused before anything is sent', async () => {
    expect((await importAs('data/dump.json')).json().error.code).toBe('invalid_export')
  })
})

describe('show', () => {
  test('one note, by the two ends of its id; its password only when asked for', async () => {
    const source = await readSource('source')
    const { id, title, password } = source.notes.find((note) => note.type === 'password' && note.title !== '') as {
      id: string
      title: string
      password: string
    }
    const from = ['--dump', desk.path('source/turtl-export.json')]
    const ends = `${id.slice(0, 12)}…${id.slice(-4)}`
    const hidden = await desk.run(['turtl', 'show', ...from, '--note', ends])
    expect(hidden.stdout).toContain(title)
    expect(hidden.stdout).not.toContain(password)
    expect(hidden.stderr).toContain('--reveal')
    expect((await desk.run(['turtl', 'show', ...from, '--note', ends, '--reveal'])).stdout).toContain(password)
    expect((await run('show', ...from, '--note', ends)).stdout).not.toContain(password)
    expect((await run('show', ...from, '--note', 'ffff')).json().error.code).toBe('no_such_note')
  })

  test('a tree that a terminal can print', async () => {
    const note = { id: 'a'.repeat(80), space_id: 'b'.repeat(80), board_id: null, type: 'text', title: 'clear \u001b[2J screen', text: '' }
    await desk.write({
      'evil.json': JSON.stringify({ schema_version: 2, spaces: [{ id: note.space_id, title: 'S' }], boards: [], notes: [note], files: [] }),
    })
    const { stdout } = await desk.run(['turtl', 'show', '--dump', desk.path('evil.json')])
    expect(stdout).toContain('clear \\u001b[2J screen')
    expect(stdout).not.toContain('\u001b')
  })
})
