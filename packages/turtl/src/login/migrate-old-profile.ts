/**
 * A profile from before 0.7 into an account of today (turtl appendix A): all of it into a space "Imported", under new keys. Old
 * profiles have boards within boards, and notes in several boards: a child board is named `parent/child`, a note keeps the first
 * of its boards. New ids keep the time of the old ones. Shares and what other people made stay behind.
 */
import { type Bytes, encodeHex, encodeUtf8, HoldfastError, StructureError } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { sha256 } from '@noble/hashes/sha2.js'
import type { TurtlAccount } from '../account'
import { sealAttachment } from '../attachment'
import { createdAt, encodeId } from '../ids'
import type { Imported, ImportFailure } from '../import'
import { decodeModel } from '../models/codec'
import type { Change } from '../models/sync-record'
import type { OldBoard, OldNote, OpenedProfile } from './old-profile'

export interface MigrationOptions {
  readonly engine: Engine
  /** Of the API the account is at, without a slash at its end: part of what ids are made from. */
  readonly endpoint: string
  /** The ciphertext of a note's file, by the note's old id; without it files are left out, and said to be. */
  readonly loadFile?: (noteId: string) => Promise<Uint8Array | undefined>
}

/**
 * The same profile a second time meets its own objects, which stay as they are. What cannot be migrated is listed, and stops
 * nothing else.
 *
 * @returns `ids` are new ids by old ones; `failures` has those of opening, too; `no_file`: a file that `loadFile` does not have.
 * @example
 * ```ts
 * const key = await findOldKey(crypto.subtle, username, password, profile)
 * if (!key) throw new Error('another password')
 * const migrated = await migrateOldProfile(account, await openOldProfile(crypto.subtle, key, profile), { engine, endpoint })
 * ```
 */
export async function migrateOldProfile(account: TurtlAccount, profile: OpenedProfile, options: MigrationOptions): Promise<Imported> {
  const changes: Change[] = []
  const attachments: { noteId: string; sealed: Bytes }[] = []
  const failures: ImportFailure[] = [...profile.failures]
  const ids = new Map<string, string>()
  const newId = (oldId: string) => makeNewId(oldId, options.endpoint, account.user.id)

  const migrateEach = async <Old extends OldBoard | OldNote>(
    kind: ImportFailure['kind'],
    objects: readonly Old[],
    migrate: (old: Old) => Promise<void>,
  ) => {
    for (const old of objects) {
      try {
        await migrate(old)
      } catch (error) {
        if (!(error instanceof HoldfastError)) throw error
        failures.push({ id: old.id, kind, code: error.code })
      }
    }
  }

  const spaceId = newId('imported')
  if (!account.spaces.has(spaceId) && profile.boards.length + profile.notes.length > 0)
    changes.push(...(await account.saveSpaces([{ id: spaceId, data: { title: 'Imported' } }])).changes)

  const titleOf = titlesOf(profile.boards)
  await migrateEach('board', profile.boards, async (board) => {
    const id = newId(board.id)
    if (!account.boards.has(id))
      changes.push(...(await account.saveBoards([{ id, space_id: spaceId, data: { title: titleOf(board) } }])).changes)
    ids.set(board.id, id)
  })

  const added: OldNote[] = []
  await migrateEach('note', profile.notes, async (note) => {
    const id = newId(note.id)
    const isNew = !account.notes.has(id)
    if (isNew) changes.push(...(await account.saveNotes([draftOf(note, id, spaceId, ids)])).changes)
    ids.set(note.id, id)
    if (isNew && note.hasFile) added.push(note)
  })

  await migrateEach('file', added, async (note) => {
    const id = newId(note.id)
    const ciphertext = await options.loadFile?.(note.id)
    const key = account.keyOf(id)
    if (!ciphertext || !key)
      throw new StructureError('no_file', { what: `file of old note ${note.id}`, expected: 'its ciphertext', got: 'nothing' })
    const file = await note.openFile(ciphertext)
    attachments.push({ noteId: id, sealed: key.use((bytes) => sealAttachment(options.engine, bytes, file)) })
    file.fill(0)
    changes.push({ action: 'add', type: 'file', item_id: id, data: { id } })
  })
  return { changes, attachments, ids, failures }
}

/** The time of the old id, and for the rest what follows from the old id and the account. */
function makeNewId(oldId: string, endpoint: string, userId: string): string {
  const clientId = encodeHex(sha256(encodeUtf8(`${endpoint}/${userId}/${oldId}`)))
  return encodeId({ timestampMs: createdAt(oldId) ?? 0, clientId, counter: 0 })
}

function draftOf({ fields, mod, hasFile, boardIds }: OldNote, id: string, spaceId: string, ids: ReadonlyMap<string, string>) {
  const { data } = decodeModel('note', {}, { type: 'text', ...fields })
  const [boardId = null] = boardIds.flatMap((old) => ids.get(old) ?? [])
  return { id, space_id: spaceId, board_id: boardId, data, ...(mod === undefined ? {} : { mod }), ...(hasFile ? { file: { id } } : {}) }
}

/** `parent/child`, from the outermost; a parent that is not there is passed over, and a circle ends where it began. */
function titlesOf(boards: readonly OldBoard[]): (board: OldBoard) => string {
  const byId = new Map(boards.map((board) => [board.id, board]))
  return (board) => {
    const path: OldBoard[] = []
    for (let at: OldBoard | undefined = board; at && !path.includes(at); at = byId.get(at.parentId ?? '')) path.unshift(at)
    return path.map(({ fields }) => (typeof fields.title === 'string' && fields.title !== '' ? fields.title : 'Untitled')).join('/')
  }
}
