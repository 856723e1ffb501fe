import { describe, expect, test } from 'vitest'
import { createNoteSearch, encodeId, type Note } from '../src/index'

const at = (timestampMs: number, counter: number) => encodeId({ timestampMs, clientId: '0'.repeat(64), counter })
const note = (counter: number, data: Partial<Note['data']>, change: Partial<Note> = {}): Note => ({
  id: at(1000 * counter, counter),
  space_id: 's',
  board_id: null,
  user_id: '7',
  keys: [],
  ...change,
  data: { type: 'text', ...data },
})

describe('search (turtl §6.1)', () => {
  const paella = note(1, { title: 'Paella', text: 'rice and saffron', tags: ['recipe', 'spain'], color: 2 }, { board_id: 'b' })
  const rice = note(2, { title: 'Shopping', text: 'rice', tags: ['list'] })
  const link = note(3, { type: 'link', title: 'Saffron', url: 'https://example.com/saffron' }, { space_id: 't' })
  const file = note(4, { type: 'file', title: 'Scan', file: { name: 'invoice.pdf' } }, { has_file: true })
  const search = createNoteSearch([paella, rice, link, file])

  test.each([
    ['words in title and text, all of them', { text: 'rice saff' }, [paella]],
    ['the best match first', { text: 'saffron' }, [link, paella]],
    ['tags as words', { text: 'spain' }, [paella]],
    ['a URL', { text: 'example.com' }, [link]],
    ['a file name', { text: 'invoice' }, [file]],
    ['nothing: all, newest first', {}, [file, link, rice, paella]],
    ['a space', { spaceId: 't' }, [link]],
    ['a board', { boardId: 'b' }, [paella]],
    ['no board', { boardId: null, text: 'rice' }, [rice]],
    ['a type', { type: 'link' }, [link]],
    ['a color', { color: 2 }, [paella]],
    ['an exact URL', { url: 'https://example.com/saffron' }, [link]],
    ['every tag asked for', { tags: ['recipe', 'spain'] }, [paella]],
    ['an attachment', { hasFile: true }, [file]],
    ['dates', { createdFrom: 2000, createdTo: 3000 }, [link, rice]],
    ['a limit', { limit: 1 }, [file]],
  ])('finds by %s', (_, query, expected) => {
    expect(search.find(query)).toEqual(expected.map(({ id }) => id))
  })

  test('follows edits and removals', () => {
    const own = createNoteSearch([paella])
    own.put({ ...paella, data: { ...paella.data, title: 'Risotto' } })
    expect([own.find({ text: 'paella' }), own.find({ text: 'risotto' })]).toEqual([[], [paella.id]])
    own.remove(paella.id)
    expect(own.find({ text: 'risotto' })).toEqual([])
  })

  test('counts tags', () => {
    expect(search.tags()).toEqual([
      { tag: 'list', count: 1 },
      { tag: 'recipe', count: 1 },
      { tag: 'spain', count: 1 },
    ])
  })
})
