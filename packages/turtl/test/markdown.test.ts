import { type Backend, type Engine, init } from '@holdfast/crypto'
import { seededRandom } from '@holdfast/testkit'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type Board, createdAt, type Note, type NoteData, type Space, type TurtlContents } from '../src/index'
import { type NotePlace, planMarkdown, renderNote, renderNoteWithAttachment, safeFileName, safeName } from '../src/markdown/index'
import { makeSampleAccount } from '../src/sample/index'

const idOf = (n: number) => n.toString(16).padStart(80, '0')
const space = (n: number, title: string): Space => ({ id: idOf(n), user_id: '7', members: [], invites: [], keys: [], data: { title } })
const board = (n: number, spaceId: number, title: string): Board => ({
  id: idOf(n),
  space_id: idOf(spaceId),
  user_id: '7',
  keys: [],
  data: { title },
})
const note = (n: number, place: { space: number; board?: number }, data: Partial<NoteData>, more: Partial<Note> = {}): Note => ({
  id: idOf(n),
  space_id: idOf(place.space),
  board_id: place.board === undefined ? null : idOf(place.board),
  user_id: '7',
  keys: [],
  data: { type: 'text', ...data },
  ...more,
})
const contents = (spaces: readonly Space[], boards: readonly Board[], notes: readonly Note[]): TurtlContents => ({
  spaces: new Map(spaces.map((one) => [one.id, one])),
  boards: new Map(boards.map((one) => [one.id, one])),
  notes: new Map(notes.map((one) => [one.id, one])),
})
const pathsOf = (of: TurtlContents) => planMarkdown(of).notes.map(({ path }) => path)
const place = (data: Partial<NoteData>, more: Partial<NotePlace> = {}): NotePlace => ({
  note: note(9, { space: 1 }, data),
  path: 'Home/x.md',
  ...more,
})

/** As any reader of front matter takes a file apart. */
function split(markdown: string): { front: Record<string, unknown>; body: string } {
  const [, yaml = '', body = ''] = /^---\n([\s\S]*?\n)---\n([\s\S]*)$/.exec(markdown) ?? []
  return { front: parse(yaml) as Record<string, unknown>, body }
}

describe('places', () => {
  test('a note lies in the folder of its board, or of its space; a board in that of its space', () => {
    const of = contents(
      [space(1, 'Home')],
      [board(2, 1, 'Recipes')],
      [note(3, { space: 1, board: 2 }, { title: 'Paella' }), note(4, { space: 1 }, { title: 'Key' })],
    )
    expect(pathsOf(of)).toEqual(['Home/Recipes/Paella.md', 'Home/Key.md'])
    expect(planMarkdown(of).folders.map(({ kind, path }) => [kind, path])).toEqual([
      ['space', 'Home'],
      ['board', 'Home/Recipes'],
    ])
  })

  test('equal titles are numbered in the order in which the notes were made, and upper case makes no difference', () => {
    const notes = [
      note(5, { space: 1 }, { title: 'List' }),
      note(3, { space: 1 }, { title: 'list' }),
      note(4, { space: 1 }, { title: 'LIST' }),
    ]
    expect(pathsOf(contents([space(1, 'Home')], [], notes))).toEqual(['Home/list.md', 'Home/LIST (2).md', 'Home/List (3).md'])
  })

  test('composed and decomposed accents are one name to macOS', () => {
    const notes = [note(3, { space: 1 }, { title: 'Éclair' }), note(4, { space: 1 }, { title: 'E\u0301clair' })]
    expect(new Set(pathsOf(contents([space(1, 'Home')], [], notes)).map((path) => path.normalize('NFC'))).size).toBe(2)
  })

  test('spaces and boards with the same title stay apart, and none takes the folder of the attachments', () => {
    const of = contents([space(1, 'A'), space(2, 'a')], [board(3, 1, 'Attachments'), board(4, 1, 'B'), board(5, 1, 'B')], [])
    expect(planMarkdown(of).folders.map(({ path }) => path)).toEqual(['A', 'a (2)', 'A/Attachments (2)', 'A/B', 'A/B (2)'])
  })

  test('names of the top folder that are taken are given to no space', () => {
    const of = contents([space(1, 'Report.json')], [], [])
    expect(planMarkdown(of, ['report.json']).folders.map(({ path }) => path)).toEqual(['Report.json (2)'])
  })

  test('a note whose space is not open still has a place, and one whose board is gone lies in its space', () => {
    const of = contents([space(1, 'Home')], [], [note(3, { space: 8 }, { title: 'a' }), note(4, { space: 1, board: 7 }, { title: 'b' })])
    expect(pathsOf(of)).toEqual(['without space/a.md', 'Home/b.md'])
  })

  test('an attachment lies beside its note under its own name; two of one name stay apart', () => {
    const notes = [3, 4].map((n) => note(n, { space: 1 }, { title: 't', file: { name: 'a photo.png' } }))
    expect(planMarkdown(contents([space(1, 'Home')], [], notes)).notes.map(({ attachmentPath }) => attachmentPath)).toEqual([
      'Home/attachments/a photo.png',
      'Home/attachments/a photo (2).png',
    ])
  })
})

describe('names', () => {
  test.each([
    ['a/b\\c', 'a-b-c'],
    ['../../etc/passwd', '-..-etc-passwd'],
    ['..', 'untitled'],
    ['', 'untitled'],
    ['.hidden', 'hidden'],
    ['ends with a dot.', 'ends with a dot'],
    ['CON', 'CON-'],
    ['what? "yes": <maybe>|*', 'what- -yes- -maybe-'],
    ['tab\tand\nline', 'tab and line'],
    ['\u202egpj.exe', '-gpj.exe'],
  ])('%j becomes %j', (title, name) => expect(safeName(title)).toBe(name))

  test.each([
    ['photo.PNG', 'photo.PNG'],
    ['archive.tar.gz', 'archive.tar.gz'],
    ['.bashrc', 'bashrc'],
    ['nul.txt', 'nul-.txt'],
    ['a. b', 'a. b'],
    ['a/b.p/df', 'a-b.p-df'],
    [`${'x'.repeat(300)}.jpeg`, `${'x'.repeat(60)}.jpeg`],
  ])('file %j becomes %j', (given, name) => expect(safeFileName(given)).toBe(name))

  const FORBIDDEN = /[<>:"/\\|?*\p{Control}\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}|^[.\s]|[. ]$/u
  const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i

  test('whatever the title, every file system takes the name', () => {
    const titles = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.string({ unit: fc.constantFrom('.', ' ', '/', ':', 'c', 'o', 'n', '\u202e', '\ud800', '👩‍👩‍👧', '\n'), maxLength: 120 }),
    )
    fc.assert(
      fc.property(titles, (title) => {
        for (const name of [safeName(title), safeFileName(title)]) {
          expect(name).not.toMatch(FORBIDDEN)
          expect(name).not.toMatch(DEVICE)
          expect(name).not.toBe('')
          expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(240)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('whatever the titles, no two paths meet, in any folding', () => {
    const title = fc.string({
      unit: fc.constantFrom('a', 'A', ' ', '.', 'ß', 's', 'S', 'é', 'e', '\u0301', '(', '2', ')', '/'),
      maxLength: 6,
    })
    fc.assert(
      fc.property(fc.array(title, { maxLength: 30 }), (titles) => {
        const paths = pathsOf(
          contents(
            [space(1, 'Home')],
            [],
            titles.map((text, i) => note(i + 2, { space: 1 }, { title: text })),
          ),
        )
        const folds = [(path: string) => path.normalize('NFD').toLowerCase(), (path: string) => path.normalize('NFC').toUpperCase()]
        for (const fold of folds) expect(new Set(paths.map(fold)).size).toBe(titles.length)
      }),
    )
  })
})

describe('files', () => {
  test('front matter, the text as it is, and a link to the attachment', () => {
    const made = createdAt(idOf(9))
    const { note: one } = place({
      title: 'Paella',
      text: 'Saffron *first*.',
      tags: ['a', 'b'],
      color: 1,
      file: { name: 'p (1).png', type: 'image/png' },
    })
    const at = {
      note: { ...one, mod: 1_700_000_001 },
      path: 'Home/Paella.md',
      space: 'Home',
      board: 'R',
      attachmentPath: 'Home/attachments/p (1).png',
    }
    const { front, body } = split(renderNoteWithAttachment(at))
    expect(front).toEqual({
      title: 'Paella',
      type: 'text',
      created: new Date(made ?? 0).toISOString(),
      modified: '2023-11-14T22:13:21.000Z',
      space: 'Home',
      board: 'R',
      tags: ['a', 'b'],
      color: 'blue',
      attachment: 'attachments/p (1).png',
      file: { name: 'p (1).png', type: 'image/png' },
      turtl_id: idOf(9),
    })
    expect(body).toBe('\nSaffron *first*.\n\n![p (1).png](attachments/p%20%281%29.png)\n')
  })

  test('without its attachment a note links to none', () => {
    expect(renderNote(place({ text: 'x', file: { name: 'p.png' } }, { attachmentPath: 'Home/attachments/p.png' }))).not.toContain(
      'attachments/',
    )
  })

  test('a password note says in its first line that it holds one', () => {
    const markdown = renderNote(place({ type: 'password', username: 'alice', password: 'p: "1"' }))
    expect(markdown.split('\n')[1]).toBe('warning: "this file holds a password in the clear"')
    expect(split(markdown).front).toMatchObject({ username: 'alice', password: 'p: "1"' })
  })

  test('an address can be followed, unless it is none', () => {
    expect(split(renderNote(place({ url: 'https://example.com/?q=1' }))).body).toBe('\n<https://example.com/?q=1>\n')
    expect(split(renderNote(place({ url: 'javascript:alert(1)' }))).body).toBe('')
  })

  test('what is no date, and what nobody knows, stops nothing and is kept', () => {
    const odd = { ...note(9, { space: 1 }, { ...({ mood: { level: 3 } } as object) }), mod: Number.MAX_SAFE_INTEGER }
    expect(split(renderNote({ note: odd, path: 'x.md' })).front).toMatchObject({ turtl_other: { mood: { level: 3 } } })
  })

  test('whatever a note holds, a YAML reader gives it back, and the text is there byte for byte', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('no', '12:30', '---', '"', '# x', '- a\n---\nb', '\u0085', '\u2028', '\ufeff'),
    )
    const data = fc.record({ title: anyText, text: anyText, username: anyText, password: anyText, url: anyText, tags: fc.array(anyText) })
    fc.assert(
      fc.property(data, ({ text, ...fields }) => {
        const { front, body } = split(renderNote(place({ ...fields, text })))
        expect(front).toMatchObject(fields)
        if (text !== '') expect(body.startsWith(`\n${text}\n`)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

describe.each<Backend>(['wasm', 'sodium'])('a whole account (%s)', (backend) => {
  let engine: Engine
  beforeAll(async () => {
    engine = await init({ backend, random: seededRandom('markdown') })
  })

  test('every note has a file of its own, with its text', async () => {
    const { account } = await makeSampleAccount({ engine, seed: 3, spaces: 3, boards: 6, notes: 300, attachments: 20 })
    const { notes } = planMarkdown(account)
    expect(new Set(notes.map(({ path }) => path.toLowerCase())).size).toBe(300)
    expect(notes.filter(({ attachmentPath }) => attachmentPath)).toHaveLength(20)
    for (const one of notes) {
      const { front, body } = split(renderNote(one))
      const { text = '', title } = account.notes.get(String(front.turtl_id))?.data ?? {}
      expect(front.title).toBe(title)
      expect(body.startsWith(text === '' ? '' : `\n${text}\n`)).toBe(true)
    }
  })
})
