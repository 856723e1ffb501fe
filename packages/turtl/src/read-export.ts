/** Turtl's export, `schema_version` 2 (turtl §4.11), as models; nothing in it is encrypted. */

import type { Bytes } from '@holdfast/base'
import { decodeBase64, isObject, StructureError, textOf } from '@holdfast/base'
import type { TurtlContents } from './contents'
import type { Board } from './models/board'
import { DEFINITIONS } from './models/codec'
import { FILE } from './models/file'
import { readModel } from './models/model'
import type { Note } from './models/note'
import type { Space } from './models/space'

type Members = Readonly<Record<string, unknown>>
type Kind = 'space' | 'board' | 'note'

export interface ReadExport extends TurtlContents {
  /** Ids of notes whose attachment is in the export. */
  readonly attachments: ReadonlySet<string>
  /**
   * The attachment of a note in the clear, or `undefined`. Decoded when asked for, one at a time.
   *
   * @throws {StructureError} `invalid_base64`.
   */
  attachmentOf(noteId: string): Bytes | undefined
}

/**
 * @param source parsed JSON of an export.
 * @throws {StructureError} `invalid_export`: another schema version, or no lists of objects.
 * @example
 * ```ts
 * const { notes, attachmentOf } = readExport(JSON.parse(text))
 * ```
 */
export function readExport(source: unknown): ReadExport {
  const { spaces, boards, notes, files } = readLists(source)
  const byId = <Model extends { readonly id: string }>(kind: Kind, items: readonly Members[]) =>
    new Map(items.map((item) => [textOf(item.id), flatModel(kind, item) as unknown as Model]))
  const sealed = new Map(files.map(({ id, data }) => [textOf(id), data]))
  return {
    spaces: byId<Space>('space', spaces),
    boards: byId<Board>('board', boards),
    notes: byId<Note>('note', notes),
    attachments: new Set(sealed.keys()),
    attachmentOf(noteId) {
      const data = sealed.get(noteId)
      return typeof data === 'string' ? decodeBase64(data, 'file of an export', 'optional') : undefined
    },
  }
}

export interface FlatModel extends Members {
  readonly data: Members
}

/** An export puts public and private fields beside each other; what nobody knows is taken as private. */
export function flatModel(kind: Kind, item: Members): FlatModel {
  const definition = DEFINITIONS[kind]
  const isPublic = (name: string) => Object.hasOwn(definition.public, name) || name === 'body' || name === 'keys' || name === 'data'
  const entries = Object.entries(item)
  const outside = Object.fromEntries(entries.filter(([name]) => isPublic(name) && name !== 'data'))
  const inside = Object.fromEntries(entries.filter(([name]) => !isPublic(name)))
  const file = inside.file
  if (typeof file === 'object' && file !== null)
    inside.file = Object.fromEntries(Object.entries(file).filter(([name]) => !Object.hasOwn(FILE.public, name)))
  return readModel(definition, outside, inside) as FlatModel
}

/** @throws {StructureError} `invalid_export`. */
export function readLists(source: unknown): Readonly<Record<'spaces' | 'boards' | 'notes' | 'files', readonly Members[]>> {
  const refused = (got: string) =>
    new StructureError('invalid_export', { what: 'Turtl export', expected: 'schema_version 2 with lists of objects', got })
  if (!isObject(source)) throw refused('no object')
  if (source.schema_version !== 2) throw refused('another schema version')
  const list = (name: string) => {
    const items = source[name] ?? []
    if (!Array.isArray(items) || !items.every(isObject)) throw refused(`${name} that are no list of objects`)
    return items
  }
  return { spaces: list('spaces'), boards: list('boards'), notes: list('notes'), files: list('files') }
}
