/** A profile from before 0.7, opened (turtl appendix A): every object has a keychain entry, and may carry wrapped keys too. */
import { type Bytes, decodeBase64, encodeUtf8, HoldfastError, isObject, StructureError, textOf } from '@holdfast/base'
import { type PrivateFields, parsePrivateJson } from '@holdfast/keys'
import type { LegacyMasterKey } from '@holdfast/keys/turtl-legacy'
import type { ImportFailure } from '../import'

type Members = Readonly<Record<string, unknown>>

/** Objects as the old server gave them. */
export interface OldProfile {
  /** Whose it is; what another `user_id` made is left out. */
  readonly userId: string
  /** `item_id`, and `body` with `k` in it, the base64 of a key. */
  readonly keychain: readonly Members[]
  /** `id`, `body`, and where there are: `parent_id`, `keys`, `user_id`. */
  readonly boards: readonly Members[]
  /** `id`, `body`, and where there are: `boards` or `board_id`, `keys`, `file`, `mod`, `user_id`. */
  readonly notes: readonly Members[]
}

export interface OldBoard {
  readonly id: string
  readonly parentId?: string
  readonly fields: PrivateFields
}

export interface OldNote {
  readonly id: string
  /** In the order of the profile. */
  readonly boardIds: readonly string[]
  /** Unix seconds. */
  readonly mod?: number
  /** Those of the file, where the note has one, are under `file`. */
  readonly fields: PrivateFields
  readonly hasFile: boolean
  /** Opens the file's ciphertext. */
  openFile(ciphertext: Uint8Array): Promise<Bytes>
}

export interface OpenedProfile {
  readonly boards: readonly OldBoard[]
  readonly notes: readonly OldNote[]
  /** `no_key`: nothing leads to its key. */
  readonly failures: readonly ImportFailure[]
}

/**
 * The key of an old profile: which of the four old logins it belongs to shows when it opens the keychain.
 *
 * @param subtle the platform's own cryptography: `crypto.subtle`.
 * @param username as typed: its case matters here.
 * @returns `undefined` when none does.
 */
export async function findOldKey(
  subtle: SubtleCrypto,
  username: string,
  password: string,
  { keychain }: OldProfile,
): Promise<LegacyMasterKey | undefined> {
  const { deriveLegacyLogins } = await import('@holdfast/keys/turtl-legacy')
  const opener = await createOpener(subtle)
  for await (const { key } of deriveLegacyLogins(subtle, username, password)) {
    if ((await openKeychain(opener, key, keychain)).size > 0) return key
    key.wipe()
  }
  return undefined
}

/** Opens what it can. The keys of the notes are held for as long as the notes are. */
export async function openOldProfile(subtle: SubtleCrypto, key: LegacyMasterKey, profile: OldProfile): Promise<OpenedProfile> {
  const opener = await createOpener(subtle)
  const keys = await openKeychain(opener, key, profile.keychain)
  const failures: ImportFailure[] = []
  const isOwn = ({ user_id = profile.userId }: Members) => textOf(user_id) === profile.userId

  const openEach = async <Opened>(kind: 'board' | 'note', objects: readonly Members[], open: (object: Members) => Promise<Opened>) => {
    const opened: Opened[] = []
    for (const object of objects.filter(isOwn)) {
      try {
        opened.push(await open(object))
      } catch (error) {
        if (!(error instanceof HoldfastError)) throw error
        failures.push({ id: textOf(object.id), kind, code: error.code })
      }
    }
    return opened
  }

  const boards = await openEach('board', profile.boards, async (board): Promise<OldBoard> => {
    const { fields } = await openObject(opener, keys, board)
    return { id: textOf(board.id), fields, ...(isId(board.parent_id) ? { parentId: textOf(board.parent_id) } : {}) }
  })
  const notes = await openEach('note', profile.notes, async (note): Promise<OldNote> => {
    const { key: noteKey, fields } = await openObject(opener, keys, note)
    const file = await openFileFields(opener, noteKey, note.file)
    return {
      id: textOf(note.id),
      boardIds: (Array.isArray(note.boards) ? note.boards : [note.board_id]).filter(isId).map(String),
      ...(Number.isSafeInteger(note.mod) ? { mod: Number(note.mod) } : {}),
      fields: file ? { ...fields, file } : fields,
      hasFile: file !== undefined,
      openFile: (ciphertext) => opener.open(noteKey, ciphertext),
    }
  })
  return { boards, notes, failures }
}

const isId = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number'

interface Opener {
  open(key: Uint8Array, ciphertext: Uint8Array): Promise<Bytes>
  /** The members of the JSON in a body. In version 0 a wrong key gives garbage instead of an error: garbage is no JSON. */
  openFields(key: Uint8Array, body: unknown): Promise<PrivateFields>
}

/** Loaded when the first old profile is opened: few people have one. */
async function createOpener(subtle: SubtleCrypto): Promise<Opener> {
  const { openLegacy } = await import('@holdfast/wire/turtl-legacy')
  const open = (key: Uint8Array, ciphertext: Uint8Array) => openLegacy(subtle, key, ciphertext)
  return {
    open,
    async openFields(key, body) {
      const plaintext = await open(key, encodeUtf8(typeof body === 'string' ? body : ''))
      const fields = parsePrivateJson(plaintext)
      plaintext.fill(0)
      if (fields) return fields
      throw new StructureError('invalid_private_json', { what: 'old private fields', expected: 'a JSON object', got: 'something else' })
    },
  }
}

/** Keys by the id of their object; entries that do not open are passed over, for the object may carry its key itself. */
async function openKeychain(opener: Opener, key: LegacyMasterKey, keychain: readonly Members[]): Promise<ReadonlyMap<string, Bytes>> {
  const keys = new Map<string, Bytes>()
  const masterKey = key.expose()
  for (const { item_id, body } of keychain) {
    try {
      const { k } = await opener.openFields(masterKey, body)
      if (typeof k === 'string') keys.set(textOf(item_id), decodeBase64(k, 'key of an old keychain', 'optional'))
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error
    }
  }
  masterKey.fill(0)
  return keys
}

async function openObject(
  opener: Opener,
  keys: ReadonlyMap<string, Bytes>,
  object: Members,
): Promise<{ readonly key: Bytes; readonly fields: PrivateFields }> {
  let failure: HoldfastError = new StructureError('no_key', {
    what: `old object ${textOf(object.id)}`,
    expected: 'a key that leads to it',
    got: 'none',
  })
  for await (const key of candidatesFor(opener, keys, object)) {
    try {
      return { key, fields: await opener.openFields(key, object.body) }
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error
      failure = error
    }
  }
  throw failure
}

/** The key of the keychain, then those that are wrapped by the key of a board. */
async function* candidatesFor(opener: Opener, keys: ReadonlyMap<string, Bytes>, { id, keys: wraps }: Members): AsyncGenerator<Bytes> {
  const own = keys.get(textOf(id))
  if (own) yield own
  for (const wrap of Array.isArray(wraps) ? wraps.filter(isObject) : []) {
    const holder = keys.get(textOf(wrap.b))
    if (!holder || typeof wrap.k !== 'string') continue
    try {
      yield await opener.open(holder, encodeUtf8(wrap.k))
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error
    }
  }
}

/** @returns `undefined` when the note has no file. */
async function openFileFields(opener: Opener, noteKey: Bytes, file: unknown): Promise<PrivateFields | undefined> {
  if (!isObject(file) || typeof file.body !== 'string') return undefined
  return opener.openFields(noteKey, file.body)
}
