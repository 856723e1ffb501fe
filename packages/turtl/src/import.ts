/**
 * Import of Turtl's export (turtl §4.11). Ids are rewritten so that the same import a second time meets its own objects;
 * what is held under the old id keeps it. What cannot be imported is listed, and stops nothing else.
 */
import { type Bytes, decodeBase64, HoldfastError, StructureError, textOf } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import type { TurtlAccount } from './account'
import { sealAttachment } from './attachment'
import { remapId } from './ids'
import type { Change } from './models/sync-record'
import { type FlatModel, flatModel, readLists } from './read-export'

/** `restore`: what is missing; `replace`: what is there too, under its own key; `full`: own spaces are deleted first. */
export type ImportMode = 'restore' | 'replace' | 'full'

export interface ImportOptions {
  readonly engine: Engine
  readonly mode: ImportMode
  /** Of the API the account is at, without a slash at its end: part of what ids are made from. */
  readonly endpoint: string
}

export interface ImportFailure {
  readonly id: string
  readonly kind: 'space' | 'board' | 'note' | 'file'
  readonly code: string
}

export interface Imported {
  /** To store and to send, in this order. */
  readonly changes: readonly Change[]
  /** Sealed attachments to store and to upload after the changes. */
  readonly attachments: readonly { readonly noteId: string; readonly sealed: Bytes }[]
  /** New ids by old ids, of everything that is now in the account. */
  readonly ids: ReadonlyMap<string, string>
  readonly failures: readonly ImportFailure[]
}

type Members = Readonly<Record<string, unknown>>
type Kind = 'space' | 'board' | 'note'

/**
 * @param source parsed JSON of an export.
 * @throws {StructureError} `invalid_export`: another schema version, or no lists.
 */
export async function importInto(account: TurtlAccount, source: unknown, { engine, mode, endpoint }: ImportOptions): Promise<Imported> {
  const { spaces, boards, notes, files } = readLists(source)
  const changes: Change[] = []
  const failures: ImportFailure[] = []
  const ids = new Map<string, string>()
  const written = new Set<string>()

  if (mode === 'full') {
    for (const { id, user_id } of [...account.spaces.values()]) if (user_id === account.user.id) changes.push(...account.removeSpace(id))
  }

  const heldOf = (kind: Kind): ReadonlyMap<string, unknown> => ({ space: account.spaces, board: account.boards, note: account.notes })[kind]
  const importEach = async (kind: Kind, items: readonly Members[], save: (item: FlatModel, id: string) => Promise<readonly Change[]>) => {
    for (const item of items) {
      const oldId = textOf(item.id)
      try {
        const held = heldOf(kind)
        const id = held.has(oldId) ? oldId : remapId(oldId, endpoint, account.user.id)
        const isHeld = held.has(id)
        if (!isHeld || mode !== 'restore') {
          if (isHeld && written.has(id)) continue
          changes.push(...(await save(flatModel(kind, item), id)))
          written.add(id)
        }
        ids.set(oldId, id)
      } catch (error) {
        if (!(error instanceof HoldfastError)) throw error
        failures.push({ id: oldId, kind, code: error.code })
      }
    }
  }

  const spaceOf = (item: FlatModel) => ids.get(textOf(item.space_id)) ?? textOf(item.space_id)
  await importEach('space', spaces, async ({ data }, id) => (await account.saveSpaces([{ id, data: data as never }])).changes)
  await importEach('board', boards, async (item, id) => {
    return (await account.saveBoards([{ id, space_id: spaceOf(item), data: item.data as never }])).changes
  })
  const withFile = new Set(files.map(({ id }) => textOf(id)))
  await importEach('note', notes, async (item, id) => {
    const board = ids.get(textOf(item.board_id)) ?? textOf(item.board_id)
    const { file: _, ...data } = item.data
    const hasFile = withFile.has(textOf(item.id))
    const draft = {
      id,
      space_id: spaceOf(item),
      board_id: account.boards.has(board) ? board : null,
      data: { ...(hasFile ? item.data : data) } as never,
      ...(hasFile ? { file: { id } } : {}),
      ...(typeof item.mod === 'number' ? { mod: item.mod } : {}),
    }
    return (await account.saveNotes([draft])).changes
  })

  const attachments: { noteId: string; sealed: Bytes }[] = []
  for (const file of files) {
    const oldId = textOf(file.id)
    const noteId = ids.get(oldId)
    if (noteId !== undefined && !written.has(noteId)) continue
    try {
      const key = account.keyOf(noteId ?? '')
      if (noteId === undefined || !key)
        throw new StructureError('no_note', { what: `file ${oldId}`, expected: 'its note in the account', got: 'none' })
      const plain = decodeBase64(typeof file.data === 'string' ? file.data : '', 'file of an export', 'optional')
      attachments.push({ noteId, sealed: key.use((bytes) => sealAttachment(engine, bytes, plain)) })
      changes.push({ action: 'add', type: 'file', item_id: noteId, data: { id: noteId } })
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error
      failures.push({ id: oldId, kind: 'file', code: error.code })
    }
  }
  return { changes, attachments, ids, failures }
}
