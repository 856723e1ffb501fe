/**
 * An account from before 0.7 (turtl appendix A): opened with its old login, and brought into the shape of today in memory,
 * as a migration would: everything in a space "Imported". Files are opened one by one, when they are asked for.
 */
import { HoldfastError, Secret, systemClock, textOf } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import {
  createIdSource,
  createMemoryIdStore,
  findOldKey,
  makeTurtlAccount,
  migrateOldProfile,
  type OldNote,
  type OldProfile,
  openOldProfile,
} from '@holdfast/turtl'
import type { FilesFolder } from './files-folder'
import { wrongPassword } from './open-wire-source'
import type { OpenedSource } from './opened-source'
import type { Problem } from './problem'
import type { FoundAccount } from './wire-account'

export interface OldSource {
  readonly engine: Engine
  readonly description: string
  readonly found: FoundAccount
  /** As it was typed then: its case matters. */
  readonly username: string
  readonly password: string
  readonly files: FilesFolder
}

/** Whether nothing in it is in the format of today, which begins alike in all that is sealed (turtl §1.1). */
export function isOld({ user, keychain, boards, notes }: FoundAccount): boolean {
  const bodies = [user, ...keychain, ...boards, ...notes].flatMap((object) => (typeof object?.body === 'string' ? [object.body] : []))
  return bodies.length > 0 && !bodies.some((body) => body.startsWith('AAYB'))
}

/** @throws `turtl_wrong_password`. */
export async function openOldSource({ engine, description, found, username, password, files }: OldSource): Promise<OpenedSource> {
  const [{ user_id } = {}] = found.keychain as readonly { readonly user_id?: unknown }[]
  const userId = textOf(found.user?.id ?? user_id ?? '')
  const profile = { ...found, userId } as unknown as OldProfile
  const { subtle } = globalThis.crypto
  const key = await findOldKey(subtle, username, password, profile)
  if (!key) throw wrongPassword(username)
  const opened = await openOldProfile(subtle, key, profile)
  key.wipe()
  const ids = createIdSource({ store: createMemoryIdStore(), clock: systemClock, random: engine.random })
  const masterKey = new Secret('turtl-master-key', engine.random(32), 32)
  const user = { id: userId, username, keys: [], data: {} }
  const account = makeTurtlAccount({ engine, ids, clock: systemClock }, masterKey, user)
  masterKey.wipe()
  const migrated = await migrateOldProfile(account, opened, { engine, endpoint: '' })
  const oldNotes = new Map(opened.notes.map((note) => [migrated.ids.get(note.id), note]))
  return {
    description: `${description}, from before Turtl 0.7`,
    username,
    contents: account,
    problems: migrated.failures.flatMap(({ kind, id, code }): Problem[] =>
      kind === 'file' ? [] : [{ kind, id, reason: code, explanation: `it does not open: ${code.replaceAll('_', ' ')}` }],
    ),
    attachmentOf: ({ id }) => openFile(oldNotes.get(id), files),
    close: () => account.wipe(),
  }
}

/** @throws `missing`, and the codes of `openLegacy`. */
async function openFile(note: OldNote | undefined, files: FilesFolder) {
  if (!note?.hasFile) return undefined
  const sealed = await files.load(note.id)
  if (sealed) return note.openFile(sealed)
  throw new HoldfastError('missing', 'the note has an attachment, and it is not there', { remedy: 'fix-input' })
}
