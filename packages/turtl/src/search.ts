/** Search over an open account, in memory as Turtl has it (turtl §6.1): nothing of it is ever stored. */
import MiniSearch from 'minisearch'
import { createdAt } from './ids'
import type { Note } from './models/note'

export interface NoteQuery {
  /** Words that must all occur, each at least as the beginning of a word, in title, text, tags, URL or file name. */
  readonly text?: string
  readonly spaceId?: string
  readonly boardId?: string | null
  readonly type?: string
  readonly color?: number
  /** All of these. */
  readonly tags?: readonly string[]
  readonly url?: string
  readonly hasFile?: boolean
  /** Unix milliseconds, inclusive; notes whose id does not tell are left out. */
  readonly createdFrom?: number
  readonly createdTo?: number
  readonly limit?: number
}

export interface NoteSearch {
  /** Adds a note, or takes its new form. */
  put(note: Note): void
  remove(id: string): void
  /** Ids: best match first for `text`, else newest first. */
  find(query: NoteQuery): readonly string[]
  /** Every tag and the number of notes that bear it, the commonest first. */
  tags(): readonly { readonly tag: string; readonly count: number }[]
}

/**
 * @example
 * ```ts
 * const search = createNoteSearch(account.notes.values())
 * const ids = search.find({ text: 'paella', tags: ['recipe'] })
 * ```
 */
export function createNoteSearch(notes: Iterable<Note> = []): NoteSearch {
  const held = new Map<string, Note>()
  const index = new MiniSearch<Note>({
    fields: ['title', 'text', 'tags', 'url', 'file'],
    extractField: (note, name) => fieldOf(note, name),
    searchOptions: { prefix: true, combineWith: 'AND', boost: { title: 3, tags: 2 } },
  })
  const put = (note: Note) => {
    if (held.has(note.id)) index.replace(note)
    else index.add(note)
    held.set(note.id, note)
  }
  for (const note of notes) put(note)
  return {
    put,
    remove(id) {
      if (held.delete(id)) index.discard(id)
    },
    find(query) {
      const ids = query.text?.trim() ? index.search(query.text).map(({ id }) => String(id)) : [...held.keys()].sort().reverse()
      const found = ids.filter((id) => {
        const note = held.get(id)
        return note && matches(note, query)
      })
      return found.slice(0, query.limit ?? found.length)
    },
    tags() {
      const counts = new Map<string, number>()
      for (const { data } of held.values()) for (const tag of new Set(data.tags ?? [])) counts.set(tag, (counts.get(tag) ?? 0) + 1)
      return [...counts].map(([tag, count]) => ({ tag, count })).sort((a, b) => b.count - a.count || (a.tag < b.tag ? -1 : 1))
    },
  }
}

function fieldOf(note: Note, name: string): string {
  const { title = '', text = '', tags = [], url = '', file } = note.data
  const fields: Readonly<Record<string, string>> = { id: note.id, title, text, tags: tags.join(' '), url, file: file?.name ?? '' }
  return fields[name] ?? ''
}

function matches(note: Note, query: NoteQuery): boolean {
  const { data } = note
  const { spaceId, boardId, type, color, tags = [], url, hasFile, createdFrom, createdTo } = query
  if (spaceId !== undefined && note.space_id !== spaceId) return false
  if (boardId !== undefined && note.board_id !== boardId) return false
  if (type !== undefined && data.type !== type) return false
  if (color !== undefined && (data.color ?? 0) !== color) return false
  if (url !== undefined && data.url !== url) return false
  if (hasFile !== undefined && (note.has_file === true || data.file !== undefined) !== hasFile) return false
  if (!tags.every((tag) => data.tags?.includes(tag))) return false
  if (createdFrom === undefined && createdTo === undefined) return true
  const created = createdAt(note.id)
  return created !== undefined && created >= (createdFrom ?? created) && created <= (createdTo ?? created)
}
