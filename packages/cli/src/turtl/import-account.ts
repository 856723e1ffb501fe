/** Turtl's own export into an account at a server (turtl §4.11). The same import again sends only what has not arrived. */
import { type Bytes, systemClock } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import {
  type Change,
  createIdSource,
  createMemoryIdStore,
  type ImportMode,
  importInto,
  readExport,
  sealAttachment,
  TurtlRejection,
} from '@holdfast/turtl'
import type { Io } from '../io'
import type { Progress } from '../progress'
import type { OpenedWireSource } from './open-wire-source'
import type { Problem } from './problem'
import { attachmentProblem } from './problem'
import { sendChanges } from './send-changes'
import { type Server, withRetries } from './server'

export interface ImportReport {
  readonly kind: 'turtl-import'
  readonly mode: ImportMode
  readonly endpoint: string
  readonly complete: boolean
  /** Changes that were sent, by kind of object; deletions among them in mode `full`. */
  readonly sent: Readonly<Record<'space' | 'board' | 'note', number>>
  readonly attachments: number
  readonly problems: readonly Problem[]
}

export interface ImportWorld {
  readonly io: Io
  readonly engine: Engine
  readonly progress: Progress
  readonly server: Server
  readonly userId: string
}

export async function importAccount(
  world: ImportWorld,
  { account }: OpenedWireSource,
  source: unknown,
  mode: ImportMode,
): Promise<ImportReport> {
  const { io, engine, progress, server, userId } = world
  const { endpoint } = server
  const hadFile = new Set([...account.notes.values()].filter(({ has_file }) => has_file === true).map(({ id }) => id))
  const imported = await importInto(account, source, { engine, mode, endpoint })
  // What stands for an upload in a client's queue; the server takes none of it (turtl §6.8).
  const changes = imported.changes.filter(({ type, action }) => !(type === 'file' && action === 'add'))
  const ids = createIdSource({ store: createMemoryIdStore(), clock: systemClock, random: engine.random })
  const show = (done: number, total: number) => progress.show({ phase: 'apply', done, total })
  const refused = await sendChanges(io, server, { ids, userId }, changes, show)
  const problems: Problem[] = [
    ...imported.failures.map(({ id, kind, code }) => ({
      kind: kind === 'file' ? ('attachment' as const) : kind,
      id,
      reason: code,
      explanation: `it cannot be imported: ${code.replaceAll('_', ' ')}`,
    })),
    ...refused.map(({ change, reason }) => ({ kind: kindOf(change), id: change.item_id, reason: 'refused', explanation: reason })),
  ]
  const refusedIds = new Set(refused.map(({ change }) => change.item_id))
  const uploads = attachmentsToUpload()
  let uploaded = 0
  for (const [i, { noteId, seal }] of uploads.entries()) {
    show(i, uploads.length)
    try {
      await withRetries(io, () => server.client.uploadAttachment(noteId, seal()))
      uploaded++
    } catch (error) {
      if (!(error instanceof TurtlRejection)) throw error
      problems.push(attachmentProblem(noteId, error))
    }
  }
  return {
    kind: 'turtl-import',
    mode,
    endpoint,
    complete: problems.length === 0,
    sent: { space: countOf(changes, 'space'), board: countOf(changes, 'board'), note: countOf(changes, 'note') },
    attachments: uploaded,
    problems,
  }

  /** Those of the notes that were sent now, and those that an import that was cut short has left out. */
  function attachmentsToUpload(): { readonly noteId: string; readonly seal: () => Bytes }[] {
    const fresh = new Map(imported.attachments.map(({ noteId, sealed }) => [noteId, () => sealed]))
    const { attachments, attachmentOf } = readExport(source)
    for (const oldId of attachments) {
      const noteId = imported.ids.get(oldId) ?? ''
      const key = account.keyOf(noteId)
      const plain = fresh.has(noteId) || hadFile.has(noteId) || !key ? undefined : attachmentOf(oldId)
      if (plain && key) fresh.set(noteId, () => key.use((bytes) => sealAttachment(engine, bytes, plain)))
    }
    return [...fresh].filter(([noteId]) => !refusedIds.has(noteId)).map(([noteId, seal]) => ({ noteId, seal }))
  }
}

const countOf = (changes: readonly Change[], kind: string) => changes.filter(({ type }) => type === kind).length

const kindOf = ({ type }: Change): Problem['kind'] => (type === 'keychain' || type === 'space' || type === 'board' ? type : 'note')
