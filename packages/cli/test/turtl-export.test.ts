/** `holdfast turtl export`, from what lies on a disk: everything comes out, and what cannot is said. */
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { type RunningServer, startServer } from '@holdfast/server'
import { readExport, type TurtlExport } from '@holdfast/turtl'
import { planMarkdown } from '@holdfast/turtl/markdown'
import type { SampleAccount } from '@holdfast/turtl/sample'
import fc from 'fast-check'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { anyJson, draws, type Json, replaceSomewhere } from '../../turtl/test/hostile'
import { Desk } from './run'
import { fullSync, makeSample, SIZE, writeDataFolder, writeFiles } from './turtl-account'

let sample: SampleAccount
let desk: Desk
beforeAll(async () => {
  sample = await makeSample()
})
beforeEach(async () => {
  desk = await Desk.make()
})
afterEach(() => desk.clear())

const password = () => ({ stdin: `${sample.password}\n` })
const exportTo = (target: string, ...options: string[]) =>
  desk.run(['turtl', 'export', desk.path(target), '--password-stdin', '--json', ...options], password())

async function dump(account = sample.wire): Promise<string> {
  await desk.write({ 'data/dump.json': fullSync(account) })
  await writeFiles(desk.path('data/files'), sample)
  return desk.path('data/dump.json')
}

/** Every note's text and every attachment, byte for byte. */
async function expectWhole(folder: string): Promise<void> {
  const { notes } = planMarkdown(sample.account, ['report.json', 'report.md'])
  const found = await desk.contents(folder)
  for (const { note, path } of notes) {
    const { text = '' } = note.data
    const body = Buffer.from(found[path] ?? '', 'latin1')
      .toString('utf8')
      .split('\n---\n')
      .slice(1)
      .join('\n---\n')
    expect(body.startsWith(text === '' ? '' : `\n${text}\n`), path).toBe(true)
  }
  const pathOf = new Map(notes.map(({ note, attachmentPath }) => [note.id, attachmentPath]))
  for (const { noteId, plain } of sample.attachments()) expect(found[pathOf.get(noteId) ?? '']).toBe(Buffer.from(plain).toString('latin1'))
  expect(Object.keys(found)).toHaveLength(notes.length + SIZE.attachments + 2)
}

describe('Markdown', () => {
  test('from a dump of a server: every note and every attachment, and a report', async () => {
    const { code, json } = await exportTo('out', '--dump', await dump())
    expect(json()).toMatchObject({ kind: 'turtl-export', complete: true, ...SIZE, problems: [] })
    expect(code).toBe(0)
    await expectWhole('out')
    expect(JSON.parse(await readFile(desk.path('out/report.json'), 'utf8'))).toMatchObject({ complete: true, username: sample.username })
  })

  test('from the objects of an account', async () => {
    await desk.write({ 'data/dump.json': JSON.stringify(sample.wire) })
    await writeFiles(desk.path('elsewhere'), sample)
    expect((await exportTo('out', '--dump', desk.path('data/dump.json'), '--files', desk.path('elsewhere'))).code).toBe(0)
    await expectWhole('out')
  })

  test.each(['the file', 'the data folder'])('from the local database, given as %s, which it leaves as it was', async (given) => {
    const file = await writeDataFolder(desk.path('turtl'), sample)
    const before = await readFile(file)
    expect((await exportTo('out', '--database', given === 'the file' ? file : desk.path('turtl'))).code).toBe(0)
    expect(before.equals(await readFile(file))).toBe(true)
    await expectWhole('out')
  })

  test("from Turtl's own export, which takes no password", async () => {
    await exportTo('first', '--dump', await dump(), '--format', 'turtl')
    const { code } = await desk.run(['turtl', 'export', desk.path('out'), '--dump', desk.path('first/turtl-export.json')])
    expect(code).toBe(0)
    await expectWhole('out')
  })

  test('is for its owner only, and the people are warned of passwords', async () => {
    const { stdout } = await desk.run(['turtl', 'export', desk.path('out'), '--password-stdin', '--dump', await dump()], password())
    expect((await stat(desk.path('out'))).mode & 0o777).toBe(0o700)
    expect((await stat(desk.path('out/report.md'))).mode & 0o777).toBe(0o600)
    expect(stdout).toMatch(
      /^exported \d+ notes, \d+ boards, \d+ spaces, \d+ attachments into .*\n {2}from .*\n {2}report .*\nWARNING: \d+ notes hold passwords, here in the clear/,
    )
    expect(await readFile(desk.path('out/report.md'), 'utf8')).toContain('hold passwords')
  })
})

describe("Turtl's own JSON", () => {
  test('holds every object and every attachment', async () => {
    expect((await exportTo('out', '--dump', await dump(), '--format', 'turtl')).code).toBe(0)
    const written = readExport(JSON.parse(await readFile(desk.path('out/turtl-export.json'), 'utf8')) as TurtlExport)
    expect(new Map([...written.notes].map(([id, { data }]) => [id, data]))).toEqual(
      new Map([...sample.account.notes].map(([id, { data }]) => [id, data])),
    )
    expect([...written.boards.keys()]).toEqual([...sample.account.boards.keys()])
    for (const { noteId, plain } of sample.attachments()) expect(written.attachmentOf(noteId)).toEqual(plain)
  })
})

describe('a backup', { timeout: 120_000 }, () => {
  let server: RunningServer
  beforeEach(async () => {
    server = await startServer({ port: 0, dataDir: desk.path('server'), attestation: 'bypass' })
  })
  afterEach(() => server.close())

  test('of the Markdown folder is restored with its phrase alone', async () => {
    const to = ['--format', 'backup', '--service', server.url, '--phrase-out', desk.path('phrase')]
    const { code, json } = await exportTo('out', '--dump', await dump(), ...to)
    expect({ code, backup: json().backup }).toMatchObject({
      code: 0,
      backup: { kind: 'committed', files: SIZE.notes + SIZE.attachments + 2 },
    })
    const given = ['--service', server.url, '--phrase-file', desk.path('phrase'), '--state', desk.path('state-2')]
    expect((await desk.run(['restore', desk.path('restored'), ...given])).code).toBe(0)
    await expectWhole('restored')
  })

  test('whose service is not there leaves the export whole, and says so', async () => {
    const to = ['--format', 'backup', '--service', 'http://127.0.0.1:1', '--phrase-out', desk.path('phrase')]
    const { code, json } = await exportTo('out', '--dump', await dump(), ...to)
    expect(code).toBe(5)
    expect(json().error).toMatchObject({ code: 'unreachable', message: expect.stringContaining('the export itself is whole') })
    await expectWhole('out')
  })
})

describe('what cannot be had', () => {
  test('a damaged note, a note without its key and an attachment that is gone are listed; the rest comes out; the exit code says so', async () => {
    const [damaged, keyless, ...others] = sample.wire.notes
    const broken = { ...damaged, id: damaged?.id ?? '', body: `${damaged?.body?.slice(0, -8)}AAAAAAA=` }
    const lost = { ...keyless, id: keyless?.id ?? '', keys: [] }
    const path = await dump({ ...sample.wire, notes: [broken, lost, ...others] })
    const withFile = others.find((note) => 'has_file' in note && note.has_file === true)
    await rm(desk.path('data/files', `u_7.n_${withFile?.id}.enc`))
    const { code, json } = await exportTo('out', '--dump', path)
    expect(code).toBe(6)
    const { problems, notes, complete } = json() as unknown as {
      problems: { kind: string; id: string; reason: string }[]
      notes: number
      complete: boolean
    }
    expect({ notes, complete }).toEqual({ notes: SIZE.notes - 2, complete: false })
    expect(problems.map(({ kind, id, reason }) => [kind, id, reason])).toEqual([
      ['note', broken.id, 'damaged'],
      ['note', lost.id, 'no_wrap'],
      ['attachment', withFile?.id, 'missing'],
    ])
    const report = await readFile(desk.path('out/report.md'), 'utf8')
    expect(report).toContain('Not complete: 3 objects could not be had')
    expect(report).toContain(lost.id)
  })

  test('an attachment of which a bit is wrong is listed, and its note does not link to it', async () => {
    const path = await dump()
    const [{ noteId, sealed } = { noteId: '', sealed: new Uint8Array() }] = sample.attachments()
    await writeFile(
      desk.path('data/files', `u_7.n_${noteId}.enc`),
      sealed.map((byte, i) => (i === 40 ? byte ^ 1 : byte)),
    )
    const { code, json } = await exportTo('out', '--dump', path)
    expect(code).toBe(6)
    expect(json().problems).toMatchObject([{ kind: 'attachment', id: noteId, reason: 'auth_failed' }])
    const place = planMarkdown(sample.account).notes.find(({ note }) => note.id === noteId)
    expect(await readFile(desk.path('out', place?.path ?? ''), 'utf8')).not.toContain('](attachments/')
  })

  test('a dump with anything anywhere comes out in part, or is refused with a code', { timeout: 60_000 }, async () => {
    const small = await makeSample({ spaces: 1, boards: 1, notes: 2, attachments: 0 })
    await fc.assert(
      fc.asyncProperty(draws, anyJson, async (numbers, replacement) => {
        await desk.write({ 'dump.json': JSON.stringify(replaceSomewhere(small.wire as unknown as Json, numbers, replacement)) })
        await rm(desk.path('out'), { recursive: true, force: true })
        const { json } = await exportTo('out', '--email', small.username, '--dump', desk.path('dump.json'))
        expect((json() as { error?: { code: string } }).error?.code).not.toBe('internal')
      }),
      { numRuns: 40 },
    )
  })

  test('a row of the database that is no JSON is listed', async () => {
    const file = await writeDataFolder(desk.path('turtl'), sample)
    const { default: sqlite } = await import('node-sqlite3-wasm')
    const database = new sqlite.Database(file)
    const id = sample.wire.notes[5]?.id ?? ''
    database.run('UPDATE objects SET data = ? WHERE id = ?', ['{"id": "half', id])
    database.close()
    const { code, json } = await exportTo('out', '--database', file)
    expect(code).toBe(6)
    expect(json().problems).toMatchObject([{ kind: 'note', id, reason: 'damaged' }])
  })

  test('what Turtl has written to its log and not yet to its database comes out too', async () => {
    const file = await writeDataFolder(desk.path('turtl'), sample)
    const { default: sqlite } = await import('node-sqlite3-wasm')
    const database = new sqlite.Database(file)
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    database.exec('PRAGMA journal_mode = WAL')
    const id = sample.wire.notes[5]?.id ?? ''
    database.run('DELETE FROM objects WHERE id = ?', [id])
    try {
      expect((await stat(`${file}-wal`)).size).toBeGreaterThan(0)
      expect((await exportTo('out', '--database', file)).json()).toMatchObject({ complete: true, notes: SIZE.notes - 1 })
    } finally {
      database.close()
    }
  })

  test('without the record of the user the keychain proves the password', async () => {
    const file = await writeDataFolder(desk.path('turtl'), sample)
    const { default: sqlite } = await import('node-sqlite3-wasm')
    const database = new sqlite.Database(file)
    database.run("DELETE FROM objects WHERE table_name = 'users'")
    database.close()
    const email = ['--email', sample.username]
    const wrong = await desk.run(['turtl', 'export', desk.path('out'), '--database', file, '--password-stdin', '--json', ...email], {
      stdin: 'not it',
    })
    expect({ code: wrong.code, error: wrong.json().error.code }).toEqual({ code: 3, error: 'turtl_wrong_password' })
    expect((await exportTo('out', '--database', file, ...email)).code).toBe(0)
    await expectWhole('out')
  })
})

describe('refusals leave nothing behind', () => {
  test('a wrong password', async () => {
    const path = await dump()
    const { code, json } = await desk.run(['turtl', 'export', desk.path('out'), '--dump', path, '--password-stdin', '--json'], {
      stdin: 'not it',
    })
    expect({ code, error: json().error.code }).toEqual({ code: 3, error: 'turtl_wrong_password' })
    expect(json().error.message).not.toContain('not it')
    expect(Object.keys(await desk.contents('.')).filter((name) => !name.startsWith('data'))).toEqual([])
  })

  test('a folder that is not empty, before the password is asked for', async () => {
    await desk.write({ 'out/mine': 'x' })
    const { code, json } = await desk.run(['turtl', 'export', desk.path('out'), '--dump', await dump(), '--json'])
    expect({ code, error: json().error.code }).toEqual({ code: 2, error: 'folder_not_empty' })
    expect(await desk.contents('out')).toEqual({ mine: 'x' })
  })

  test('Ctrl-C in the middle', async () => {
    const path = await dump()
    const stop = new AbortController()
    const running = desk.run(['turtl', 'export', desk.path('out'), '--dump', path, '--password-stdin', '--json'], {
      ...password(),
      signal: stop.signal,
    })
    stop.abort()
    const { code, json } = await running
    expect({ code, error: json().error.code }).toEqual({ code: 130, error: 'interrupted' })
    expect(Object.keys(await desk.contents('.')).filter((name) => !name.startsWith('data'))).toEqual([])
  })

  test.each([
    ['no source', [], 'one_source_needed', 2],
    ['two sources', ['--dump', 'a', '--database', 'b'], 'one_source_needed', 2],
    ['a dump that is not there', ['--dump', '/nowhere/x.json'], 'file_unreadable', 7],
    ['a backup without a service', ['--dump', 'a', '--format', 'backup'], 'service_needed', 2],
    ['a service without a backup', ['--dump', 'a', '--service', 'http://127.0.0.1:1'], 'service_needed', 2],
  ])('%s', async (_, options, error, code) => {
    const ran = await exportTo('out', ...options)
    expect({ code: ran.code, error: ran.json().error.code }).toEqual({ code, error })
  })

  test.each([
    ['no JSON', '{"user": {"body": "secret', 'not_a_turtl_dump'],
    ['JSON of another kind', '[1]', 'password_needed'],
    ['an object of another kind', '{"a": 1}', 'not_a_turtl_dump'],
    ['an export of another version', '{"schema_version": 1}', 'invalid_export'],
  ])('a dump that is %s', async (_, text, error) => {
    await desk.write({ 'dump.json': text })
    const ran = await desk.run(['turtl', 'export', desk.path('out'), '--dump', desk.path('dump.json'), '--email', 'a@b.c', '--json'])
    expect(ran.json().error.code).toBe(error)
    expect(ran.stdout).not.toContain('secret')
  })

  test('a file that is no database, and a data folder with several', async () => {
    await desk.write({ 'x.sqlite': 'not a database at all', 't/turtl-user-1-srv-a.sqlite': '', 't/turtl-user-2-srv-a.sqlite': '' })
    expect((await exportTo('out', '--database', desk.path('x.sqlite'))).json().error.code).toBe('no_turtl_database')
    const several = (await exportTo('out', '--database', desk.path('t'))).json().error
    expect(several).toMatchObject({ code: 'several_turtl_databases', message: expect.stringContaining('turtl-user-2-srv-a.sqlite') })
  })
})
