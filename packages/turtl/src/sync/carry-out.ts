/** Carries out a plan on the account: every step becomes changes to send. The account already shows what the server has. */
import { type Bytes, encodeHex, encodeUtf8 } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { sha256 } from '@noble/hashes/sha2.js'
import type { TurtlAccount } from '../account'
import { sealAttachment } from '../attachment'
import { createdAt, encodeId } from '../ids'
import type { Note } from '../models/note'
import type { Change } from '../models/sync-record'
import { withoutVersion } from '../models/version'
import { isFileOf } from './note-file'
import { contentOf, type Kind, type Model, type Step } from './reconcile'
import type { HeldFile } from './settle-files'

export interface CarriedOut {
  readonly changes: readonly Change[]
  readonly attachments: readonly { readonly noteId: string; readonly sealed: Bytes }[]
  /** Where an object is now that has become another one, by its id. */
  readonly copies: ReadonlyMap<string, string>
}

const ORDER: readonly Kind[] = ['space', 'board', 'note']
/** Of the space that is made when there is none to put things in. */
const RECOVERED = 'Recovered'

/** @param files attachments that are here, by the note's id. */
export async function carryOut(
  engine: Engine,
  account: TurtlAccount,
  steps: readonly Step[],
  files: ReadonlyMap<string, HeldFile>,
): Promise<CarriedOut> {
  const changes: Change[] = []
  const attachments: { noteId: string; sealed: Bytes }[] = []
  const copies = new Map<string, string>()
  let refuge: string | undefined

  async function findRefuge(): Promise<string> {
    refuge ??= ownSpaceOf(account)
    if (refuge !== undefined) return refuge
    const made = await account.saveSpaces([{ data: { title: RECOVERED } }])
    changes.push(...made.changes)
    refuge = made.objects[0]?.id ?? ''
    return refuge
  }

  async function put(kind: Kind, model: Model, id: string | undefined, spaceId: string): Promise<string> {
    const own = id === undefined ? {} : { id }
    const saved =
      kind === 'space'
        ? await account.saveSpaces([{ ...own, data: model.data as never }])
        : kind === 'board'
          ? await account.saveBoards([{ ...own, space_id: spaceId, data: model.data as never }])
          : await account.saveNotes([noteDraft(model as Note, own, spaceId)])
    changes.push(...saved.changes)
    const savedId = saved.objects[0]?.id ?? ''
    // Saving keeps an attachment that the draft does not name.
    if (kind === 'note' && !(model as Note).data.file && account.notes.get(savedId)?.data.file)
      changes.push(...(await account.removeAttachment(savedId)))
    return savedId
  }

  function noteDraft(model: Note, own: { readonly id?: string }, spaceId: string) {
    const boardId = copies.get(model.board_id ?? '') ?? model.board_id ?? ''
    return { ...own, space_id: spaceId, board_id: account.boards.get(boardId)?.space_id === spaceId ? boardId : null, data: model.data }
  }

  /** As a new object, with its attachment if that is here. */
  async function putAnew(kind: Kind, model: Model, id: string | undefined, spaceId: string): Promise<void> {
    const file = fileOf(model as Note)
    const newId = await put(kind, { ...model, data: withoutVersion(model.data) } as unknown as Model, id, spaceId)
    if (newId !== model.id) copies.set(model.id, newId)
    const key = file && account.keyOf(newId)
    if (file && key) attachments.push({ noteId: newId, sealed: key.use((bytes) => sealAttachment(engine, bytes, file)) })
  }

  function fileOf(model: Note): Bytes | undefined {
    const file = files.get(model.id)?.file
    return file && isFileOf(model, file) ? file : undefined
  }

  /** What was in a note that is gone, and is not here, is nowhere. */
  function withFileAtHand(model: Model): Model {
    const { file: _, ...rest } = model.data as Note['data']
    return fileOf(model as Note) ? model : ({ ...model, data: rest } as Model)
  }

  for (const { do: what, kind, model } of ORDER.flatMap((kind) => steps.filter((step) => step.kind === kind))) {
    const spaceId = 'space_id' in model ? model.space_id : model.id
    const isHeld = account.notes.has(model.id) || account.boards.has(model.id) || account.spaces.has(model.id)
    // A space whose deletion waits here is not open any more either.
    const isOpen = kind === 'space' || account.spaces.has(spaceId)
    if (what === 'rescue' || !isOpen) await putAnew(kind, withFileAtHand(model), undefined, await findRefuge())
    else if (what === 'copy') await putCopy(model as Note, spaceId)
    else if (isHeld) await put(kind, model, model.id, spaceId)
    else await putAnew(kind, withFileAtHand(model), model.id, spaceId)
  }
  return { changes, attachments, copies }

  /**
   * Under an id that is the same wherever this version is found to have been overwritten, so that it is kept once. It names
   * its attachment also when that is not here: whoever has it uploads it.
   */
  async function putCopy(note: Note, spaceId: string): Promise<void> {
    const clientId = encodeHex(sha256(encodeUtf8(`holdfast conflict/${note.id}/${contentOf(note)}`)))
    const id = encodeId({ timestampMs: createdAt(note.id) ?? 0, clientId, counter: 0 })
    copies.set(note.id, id)
    if (account.notes.has(id)) return
    const title = [note.data.title, '(conflict)'].filter(Boolean).join(' ')
    await putAnew('note', { ...note, data: { ...note.data, title } }, id, spaceId)
  }
}

/** The default space, or else the first one made. */
function ownSpaceOf({ spaces, user }: TurtlAccount): string | undefined {
  const isOwn = (id: unknown) => typeof id === 'string' && spaces.get(id)?.user_id === user.id
  const preferred = user.data.settings?.default_space
  return isOwn(preferred) ? String(preferred) : [...spaces.keys()].filter(isOwn).sort()[0]
}
