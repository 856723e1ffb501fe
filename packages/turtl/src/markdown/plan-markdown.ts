/**
 * Where everything of an account goes in a folder of Markdown files:
 *
 *   <space>/<note>.md
 *   <space>/<board>/<note>.md
 *   <space>/<board>/attachments/<file>     beside the notes they belong to
 *
 * The same account gives the same paths: objects are taken in the order of their ids, which is that of their making.
 */
import type { TurtlContents } from '../contents'
import type { Board } from '../models/board'
import type { Note } from '../models/note'
import type { Space } from '../models/space'
import { NamesInFolder, safeFileName, safeName } from './file-name'

export interface NotePlace {
  readonly note: Note
  /** Relative, with `/`. */
  readonly path: string
  /** The titles, as they are. */
  readonly space?: string
  readonly board?: string
  /** Where the attachment goes, for a note that speaks of one. */
  readonly attachmentPath?: string
}

export interface FolderPlace {
  readonly id: string
  readonly kind: 'space' | 'board'
  readonly title: string
  readonly path: string
}

export interface MarkdownPlan {
  /** Also of spaces and boards without a note. */
  readonly folders: readonly FolderPlace[]
  readonly notes: readonly NotePlace[]
}

export const ATTACHMENTS = 'attachments'
/** For notes whose space could not be opened, or is gone. */
const NO_SPACE = 'without space'

/**
 * @param contents an account, or what was read from an export.
 * @param reserved names in the top folder that no space may take.
 * @example
 * ```ts
 * for (const place of planMarkdown(account).notes) write(place.path, renderNote(place))
 * ```
 */
export function planMarkdown({ spaces, boards, notes }: TurtlContents, reserved: readonly string[] = []): MarkdownPlan {
  const top = new Folder('', reserved)
  const folders: FolderPlace[] = []
  const places = new Map<string, { readonly folder: Folder; readonly space: string; readonly board?: string }>()
  const ofSpace = (id: string) => {
    const known = places.get(id)
    if (known) return known
    const title = spaces.get(id)?.data.title ?? NO_SPACE
    const place = { folder: top.makeFolder(title), space: title }
    places.set(id, place)
    return place
  }
  for (const space of inOrder<Space>(spaces)) folders.push({ ...described('space', space), path: ofSpace(space.id).folder.path })
  for (const board of inOrder<Board>(boards)) {
    const { folder, space } = ofSpace(board.space_id)
    const own = folder.makeFolder(board.data.title ?? '')
    places.set(board.id, { folder: own, space, board: board.data.title })
    folders.push({ ...described('board', board), path: own.path })
  }
  const planned = inOrder<Note>(notes).map((note): NotePlace => {
    const { folder, ...titles } = places.get(note.board_id ?? '') ?? ofSpace(note.space_id)
    const path = folder.takeFile(safeName(note.data.title ?? ''), '.md')
    const named = { note, path, space: titles.space, ...('board' in titles ? { board: titles.board } : {}) }
    if (!hasAttachment(note)) return named
    const [stem, ending] = splitEnding(safeFileName(note.data.file?.name ?? note.data.title ?? ''))
    return { ...named, attachmentPath: folder.attachments().takeFile(stem, ending) }
  })
  return { folders, notes: planned }
}

/** A note whose file was deleted still has its name and type (turtl §9); whether there are bytes, only the store of them knows. */
export const hasAttachment = ({ has_file, data }: Note) => has_file === true || data.file !== undefined

const inOrder = <Item extends { readonly id: string }>(items: ReadonlyMap<string, Item>) =>
  [...items.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))

const described = (kind: FolderPlace['kind'], { id, data }: Space | Board) => ({ kind, id, title: data.title ?? '' })

function splitEnding(name: string): [stem: string, ending: string] {
  const dot = name.lastIndexOf('.')
  return dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
}

class Folder {
  readonly path: string
  readonly #names: NamesInFolder
  #attachments: Folder | undefined

  constructor(path: string, reserved: readonly string[] = [ATTACHMENTS]) {
    this.path = path
    this.#names = new NamesInFolder(reserved)
  }

  makeFolder(title: string): Folder {
    return new Folder(this.#below(this.#names.take(safeName(title))))
  }

  takeFile(stem: string, ending: string): string {
    return this.#below(this.#names.take(stem, ending))
  }

  attachments(): Folder {
    this.#attachments ??= new Folder(this.#below(ATTACHMENTS), [])
    return this.#attachments
  }

  #below(name: string): string {
    return this.path === '' ? name : `${this.path}/${name}`
  }
}
