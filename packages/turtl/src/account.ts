/**
 * A Turtl account in memory, open: its objects as models, and the key of each (turtl §4.6, §4.7). Saving gives back the
 * changes to store and to send, in the order in which they must reach the server; it stores and sends nothing itself.
 * Either a whole call succeeds, or nothing has changed.
 */
import { type Bytes, type Clock, encodeBase64, HoldfastError, Secret, textOf } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import {
  type MasterKey,
  type OpenedObject,
  openAccountWithMasterKey,
  type UnreadableObject,
  type WireAccount,
  type WireObject,
} from '@holdfast/keys'
import type { IdSource } from './id-source'
import { decodeId } from './ids'
import type { Board } from './models/board'
import { checkWireShape, DEFINITIONS, decodeModel, openModel, sealModel } from './models/codec'
import type { NoteFile } from './models/file'
import type { KeychainEntry } from './models/keychain-entry'
import { sealModels, type WrappedKey } from './models/model'
import type { Note } from './models/note'
import type { Space } from './models/space'
import type { Change, SyncAction } from './models/sync-record'
import type { User } from './models/user'
import { covers, joinVersions, nextVersion, versionOf, withVersion } from './models/version'

export interface AccountWorld {
  readonly engine: Engine
  readonly ids: IdSource
  readonly clock: Pick<Clock, 'now'>
}

/** An object to save: without `id`, or under one that is not held, it is added; otherwise it is the edited one, whole. */
export interface SpaceDraft {
  readonly id?: string
  readonly data: Space['data']
  /** Further private fields of its keychain entry, which nobody else can write; for a space that has none yet. */
  readonly inKeychain?: Readonly<Record<string, unknown>>
}

export interface BoardDraft {
  readonly id?: string
  readonly space_id: string
  readonly data: Board['data']
}

export interface NoteDraft {
  readonly id?: string
  readonly space_id: string
  /** Nothing and null: in no board. */
  readonly board_id?: string | null
  /** All private fields: what is left out is gone, but for those of the attachment, which only `removeAttachment` removes. */
  readonly data: Note['data']
  readonly file?: NoteFile
  /** Unix seconds; now, when left out. */
  readonly mod?: number
}

/** Objects as they now are, in the order of the drafts, and what to store and send, in the order given. */
export interface Saved<Model> {
  readonly objects: readonly Model[]
  readonly changes: readonly Change[]
}

type Kind = 'space' | 'board' | 'note'
type ObjectKey = Secret<'turtl-object-key'>

interface Sealing {
  readonly kind: Kind
  readonly actions: readonly SyncAction[]
  readonly model: Space | Board | Note
  readonly key: ObjectKey
  /** Left out: by its space and its board, as far as they are open. */
  readonly wrappedBy?: 'space'
  /** Another key to carry along, wrapped by the space after the object's own. */
  readonly alsoCarries?: ObjectKey
}

/**
 * Opens an account from its wire objects: one bulk pass, whatever its size.
 *
 * @param masterKey copied; the caller wipes its own.
 * @throws {AuthenticationError} `auth_failed`: the user record does not open.
 * @throws {StructureError} `invalid_account`.
 * @example
 * ```ts
 * const account = openTurtlAccount({ engine, ids, clock: systemClock }, masterKey, wireObjects)
 * for (const { id, reason } of account.unreadable) console.warn(id, reason)
 * ```
 */
export function openTurtlAccount(world: AccountWorld, masterKey: MasterKey, wire: WireAccount): TurtlAccount {
  const opened = openAccountWithMasterKey(world.engine, masterKey, wire)
  const user = decodeModel('user', wire.user as object as Readonly<Record<string, unknown>>, opened.user)
  return new TurtlAccount(world, masterKey, user, { ...opened, keychain: wire.keychain })
}

/** The account of somebody who has just joined: a user and nothing else. `user` as the join made it (turtl §3.7). */
export function makeTurtlAccount(world: AccountWorld, masterKey: MasterKey, user: User): TurtlAccount {
  return new TurtlAccount(world, masterKey, user, { spaces: [], boards: [], notes: [], failures: [], keychain: [] })
}

interface Contents {
  readonly spaces: readonly OpenedObject[]
  readonly boards: readonly OpenedObject[]
  readonly notes: readonly OpenedObject[]
  readonly failures: readonly UnreadableObject[]
  readonly keychain: readonly WireObject[]
}

export class TurtlAccount {
  #user: User
  #unreadable: readonly UnreadableObject[]
  #unreadableIds: ReadonlySet<string>
  readonly #world: AccountWorld
  readonly #masterKey: MasterKey
  #spaces = new Map<string, Space>()
  #boards = new Map<string, Board>()
  #notes = new Map<string, Note>()
  #keys = new Map<string, ObjectKey>()
  /** Ids of keychain entries by the id of their space. */
  #entries = new Map<string, Set<string>>()
  #tracksVersions = false

  constructor(world: AccountWorld, masterKey: MasterKey, user: User, contents: Contents) {
    this.#world = world
    this.#masterKey = masterKey.use((bytes) => new Secret('turtl-master-key', bytes, 32))
    this.#user = user
    this.#unreadable = contents.failures
    this.#unreadableIds = new Set(contents.failures.map(({ id }) => id))
    const fill = <K extends Kind>(kind: K, opened: readonly OpenedObject[], held: Map<string, Space | Board | Note>) => {
      for (const { source, key, data } of opened) {
        const model = decodeModel(kind, source as object as Readonly<Record<string, unknown>>, data)
        if (held.has(model.id)) {
          key.wipe()
          continue
        }
        held.set(model.id, model)
        this.#keys.set(model.id, key)
      }
    }
    fill('space', contents.spaces, this.#spaces as Map<string, Space | Board | Note>)
    fill('board', contents.boards, this.#boards as Map<string, Space | Board | Note>)
    fill('note', contents.notes, this.#notes as Map<string, Space | Board | Note>)
    for (const { id, item_id } of contents.keychain) if (item_id !== undefined) this.#addEntry(textOf(item_id), textOf(id))
  }

  get user(): User {
    return this.#user
  }

  /** What could not be opened, with the reasons. Saving over one of these is refused. */
  get unreadable(): readonly UnreadableObject[] {
    return this.#unreadable
  }

  get spaces(): ReadonlyMap<string, Space> {
    return this.#spaces
  }

  get boards(): ReadonlyMap<string, Board> {
    return this.#boards
  }

  get notes(): ReadonlyMap<string, Note> {
    return this.#notes
  }

  /** The key of a space, board or note that is open; the account's own: not to be wiped. */
  keyOf(id: string): Secret<'turtl-object-key'> | undefined {
    return this.#keys.get(id)
  }

  /** The same user's account as other wire objects give it; of its own, and wiped by itself. @throws as `openTurtlAccount`. */
  reopen(wire: WireAccount): TurtlAccount {
    return openTurtlAccount(this.#world, this.#masterKey, wire)
  }

  /**
   * From now on every version that is saved says which edits it stands on (`versionOf`), so that other devices can tell
   * an edit from an overwriting; and a draft that was made from an older version than the one held is refused.
   */
  trackVersions(): void {
    this.#tracksVersions = true
  }

  /** Takes the place of all that is open by what `other` has open, which is empty afterwards. */
  become(other: TurtlAccount): void {
    for (const key of this.#keys.values()) key.wipe()
    this.#user = other.#user
    this.#unreadable = other.#unreadable
    this.#unreadableIds = other.#unreadableIds
    this.#spaces = other.#spaces
    this.#boards = other.#boards
    this.#notes = other.#notes
    this.#keys = other.#keys
    this.#entries = other.#entries
    other.#keys = new Map()
    other.wipe()
  }

  /** Zeroes every key; the account is of no use afterwards. */
  wipe(): void {
    for (const key of this.#keys.values()) key.wipe()
    this.#masterKey.wipe()
  }

  /** Replaces the user's settings, whole (turtl §4.4). */
  saveSettings(settings: Readonly<Record<string, unknown>>): Change {
    const user: User = { ...this.#user, data: { ...this.#user.data, settings } }
    const data = this.#masterKey.use((masterKey) => sealModel(this.#world.engine, 'user', user, masterKey))
    this.#user = user
    return { action: 'edit', type: 'user', item_id: user.id, data }
  }

  /**
   * Adds and edits spaces. A new space's keychain entry comes before it (turtl §4.7).
   *
   * @throws {StructureError} `invalid_field` and the other codes of `sealModel`.
   * @throws {HoldfastError} `unreadable_object`.
   */
  async saveSpaces(drafts: readonly SpaceDraft[]): Promise<Saved<Space>> {
    const ids = await this.#idsFor(drafts)
    const stamp = await this.#makeStamp()
    const sealings = drafts.map((draft, i): Sealing & { readonly model: Space } => {
      const id = ids[i] ?? ''
      const stored = this.#spaces.get(id)
      const fresh = { id, user_id: this.user.id, members: [], invites: [], keys: [] }
      const data = stamp(id, draft.data, stored?.data)
      return { kind: 'space', actions: [stored ? 'edit' : 'add'], model: { ...(stored ?? fresh), data }, key: this.#keyFor(id) }
    })
    const entries = await this.#makeEntries(
      sealings.flatMap(({ model: { id }, key }, i) => (this.#entries.has(id) ? [] : [{ id, key, inKeychain: drafts[i]?.inKeychain }])),
    )
    const spaces = this.#seal(sealings)
    for (const { entry } of entries) this.#addEntry(entry.item_id, entry.id)
    return { objects: this.#keep(sealings, this.#spaces), changes: [...entries.map(({ change }) => change), ...spaces.changes] }
  }

  /** Adds, edits and moves boards. @throws {HoldfastError} `no_parent_key`: its space is not open here; and as `saveSpaces`. */
  async saveBoards(drafts: readonly BoardDraft[]): Promise<Saved<Board>> {
    const ids = await this.#idsFor(drafts)
    const stamp = await this.#makeStamp()
    const sealings = drafts.map((draft, i): Sealing & { readonly model: Board } => {
      const id = ids[i] ?? ''
      const stored = this.#boards.get(id)
      const actions = actionsFor(stored, draft.space_id, stored?.data !== draft.data)
      const data = isMove(actions) ? draft.data : stamp(id, draft.data, stored?.data)
      return {
        kind: 'board',
        actions,
        model: { ...(stored ?? { id, user_id: this.user.id, keys: [] }), space_id: draft.space_id, data },
        key: this.#keyFor(id),
      }
    })
    const { changes, models } = this.#seal(sealings)
    return { objects: this.#keep(models, this.#boards), changes }
  }

  /** Adds, edits and moves notes. @throws as `saveBoards`. */
  async saveNotes(drafts: readonly NoteDraft[]): Promise<Saved<Note>> {
    const ids = await this.#idsFor(drafts)
    const stamp = await this.#makeStamp()
    const now = Math.floor(this.#world.clock.now() / 1000)
    const sealings = drafts.map((draft, i): Sealing & { readonly model: Note } => {
      const id = ids[i] ?? ''
      const stored = this.#notes.get(id)
      const boardId = draft.board_id ?? null
      const attachment = draft.data.file ?? stored?.data.file
      const content: Note['data'] = attachment ? { ...draft.data, file: attachment } : draft.data
      const file = draft.file ?? stored?.file
      const isEdit = !stored || draft.data !== stored.data
      const mod = isEdit ? (draft.mod ?? now) : (stored.mod ?? now)
      const fresh = { id, user_id: this.user.id, has_file: false, keys: [] }
      const actions = actionsFor(stored, draft.space_id, isEdit || boardId !== stored.board_id)
      const data = isMove(actions) ? content : stamp(id, content, stored?.data)
      return {
        kind: 'note',
        actions,
        model: { ...(stored ?? fresh), space_id: draft.space_id, board_id: boardId, mod, ...(file ? { file } : {}), data },
        key: this.#keyFor(id),
      }
    })
    const { changes, models } = this.#seal(sealings)
    return { objects: this.#keep(models, this.#notes), changes }
  }

  /** Moves a board and every note in it, which are wrapped anew (turtl §5). Keys stay: who knew them still does. */
  async moveBoard(id: string, spaceId: string): Promise<readonly Change[]> {
    const board = this.#boards.get(id)
    if (!board) throw missing('board', id)
    const moved = await this.saveBoards([{ ...board, space_id: spaceId }])
    const notes = [...this.#notes.values()].filter(({ board_id }) => board_id === id)
    const followed = await this.saveNotes(notes.map((note) => ({ ...note, space_id: spaceId })))
    return [...moved.changes, ...followed.changes]
  }

  /**
   * Moves boards and notes into another space as they are: the same keys, wrapped by that space alone, and the bodies the
   * server has. A move takes nothing but the space and the wrapped keys (turtl §5.6).
   *
   * @param wires as the server has them; each is open here.
   */
  moveUnchanged(wires: readonly WireObject[], spaceId: string): readonly Change[] {
    const sealings = wires.map(({ id }): Sealing => {
      const { kind, model, key } = this.#boardOrNote(textOf(id))
      return { kind, actions: ['move-space'], model: { ...model, space_id: spaceId }, key, wrappedBy: 'space' }
    })
    const wrapped = this.#wrap(sealings)
    const moved = sealings.map((sealing, i) => ({ ...sealing, model: { ...sealing.model, keys: wrapped[i] ?? [] } }))
    const changes = moved.map(({ kind, model }, i): Change => {
      const { data: _, file: __, ...fields } = model as Note
      const data = { ...fields, body: wires[i]?.body }
      checkWireShape(kind, data)
      return { action: 'move-space', type: kind, item_id: model.id, data }
    })
    this.#keepEach(moved)
    return changes
  }

  /**
   * Gives boards and notes new keys, seals them anew and wraps the keys by their space and board. Boards go in a call before
   * the one of their notes. Attachments stay sealed under the old key: upload them again, sealed under the new one.
   *
   * @param carried keys that a note's `keys` holds beside its own, by the note's id: what its attachment is still sealed
   *   under. The next save drops them.
   */
  rekey(ids: readonly string[], carried: ReadonlyMap<string, Secret<'turtl-object-key'>> = new Map()): readonly Change[] {
    const old = ids.map((id) => this.#boardOrNote(id))
    const sealings = old.map(({ kind, model }): Sealing => {
      const alsoCarries = carried.get(model.id)
      return { kind, actions: ['edit'], model, key: this.#makeKey(), ...(alsoCarries ? { alsoCarries } : {}) }
    })
    const { changes, models } = this.#seal(sealings)
    this.#keepEach(models)
    for (const { key } of old) key.wipe()
    return changes
  }

  /** A keychain entry for the key of a space that is not open here yet: it goes to the server before the space is taken in. */
  async makeKeychainEntry(spaceId: string, key: Secret<'turtl-object-key'>): Promise<Change> {
    const [made] = await this.#makeEntries([{ id: spaceId, key }])
    if (!made) throw missing('space', spaceId)
    return made.change
  }

  /** @param wire a keychain entry of the user's. @throws as `openModel`. */
  openKeychainEntry(wire: Readonly<Record<string, unknown>>): KeychainEntry {
    return this.#masterKey.use((masterKey) => openModel(this.#world.engine, 'keychain', wire, masterKey))
  }

  saveKeychainEntry(entry: KeychainEntry): Change {
    const data = this.#masterKey.use((masterKey) => sealModel(this.#world.engine, 'keychain', entry, masterKey))
    return { action: 'edit', type: 'keychain', item_id: entry.id, data }
  }

  /**
   * Takes in a space that somebody shared.
   *
   * @param wire the space as the server has it.
   * @param key copied.
   * @param entryId of the keychain entry that holds the key.
   * @throws {AuthenticationError} `auth_failed`: it is the key of another space, or of an older state of this one.
   */
  adoptSpace(wire: Readonly<Record<string, unknown>>, key: Secret<'turtl-object-key'>, entryId: string): Space {
    const space = key.use((bytes) => openModel(this.#world.engine, 'space', wire, bytes))
    this.#forget(space.id)
    this.#spaces.set(space.id, space)
    this.#keys.set(
      space.id,
      key.use((bytes) => new Secret('turtl-object-key', bytes, 32)),
    )
    this.#addEntry(space.id, entryId)
    return space
  }

  removeNote(id: string): readonly Change[] {
    if (!this.#notes.delete(id)) throw missing('note', id)
    this.#forget(id)
    return [deletion('note', id)]
  }

  /** Its notes stay in the space: they are taken out of it first. */
  async removeBoard(id: string): Promise<readonly Change[]> {
    if (!this.#boards.has(id)) throw missing('board', id)
    const notes = [...this.#notes.values()].filter(({ board_id }) => board_id === id)
    const { changes } = await this.saveNotes(notes.map((note) => ({ ...note, board_id: null })))
    this.#boards.delete(id)
    this.#forget(id)
    return [...changes, deletion('board', id)]
  }

  /** With everything in it, and its keychain entries. */
  removeSpace(id: string): readonly Change[] {
    if (!this.#spaces.delete(id)) throw missing('space', id)
    for (const held of [this.#boards, this.#notes]) {
      for (const { id: inner, space_id } of [...held.values()]) {
        if (space_id !== id) continue
        held.delete(inner)
        this.#forget(inner)
      }
    }
    this.#forget(id)
    const entries = [...(this.#entries.get(id) ?? [])]
    this.#entries.delete(id)
    return [deletion('space', id), ...entries.map((entry) => deletion('keychain', entry))]
  }

  /** Removes a note's attachment: the blob at the server, and what the note says of it. */
  async removeAttachment(noteId: string): Promise<readonly Change[]> {
    const note = this.#notes.get(noteId)
    if (!note) throw missing('note', noteId)
    const { file: _, ...rest } = note
    const { file: __, ...data } = note.data
    this.#notes.set(noteId, { ...rest, data })
    try {
      const { changes } = await this.saveNotes([{ ...rest, data: { ...data } }])
      return [deletion('file', noteId), ...changes]
    } catch (error) {
      this.#notes.set(noteId, note)
      throw error
    }
  }

  #boardOrNote(id: string): { readonly kind: 'board' | 'note'; readonly model: Board | Note; readonly key: ObjectKey } {
    const key = this.#keys.get(id)
    const [board, note] = [this.#boards.get(id), this.#notes.get(id)]
    if (key && board) return { kind: 'board', model: board, key }
    if (key && note) return { kind: 'note', model: note, key }
    throw missing('note', id)
  }

  #keepEach(sealings: readonly Sealing[]): void {
    this.#keep(
      sealings.filter(({ kind }) => kind === 'board'),
      this.#boards,
    )
    this.#keep(
      sealings.filter(({ kind }) => kind === 'note'),
      this.#notes,
    )
  }

  /** Wraps, then seals, each in one bulk call. */
  #seal(sealings: readonly Sealing[]): { readonly models: readonly Sealing[]; readonly changes: readonly Change[] } {
    const wrapped = this.#wrap(sealings)
    const models = sealings.map((sealing, i) => ({ ...sealing, model: { ...sealing.model, keys: wrapped[i] ?? [] } }))
    const keys = models.map(({ key }) => key.expose())
    try {
      const wires = sealModels(
        this.#world.engine,
        models.map(({ kind, model }, i) => ({ definition: DEFINITIONS[kind], model: { ...model }, key: keys[i] ?? new Uint8Array() })),
      )
      const changes = models.flatMap(({ kind, actions, model }, i) =>
        actions.map((action): Change => ({ action, type: kind, item_id: model.id, data: wires[i] ?? {} })),
      )
      return { models, changes }
    } finally {
      for (const key of keys) key.fill(0)
    }
  }

  /** `keys` from scratch: the object's key under that of its space, and of its board, as far as they are open (turtl §4.7). */
  #wrap(sealings: readonly Sealing[]): WrappedKey[][] {
    const wraps = sealings.map(({ kind, model, key, wrappedBy, alsoCarries }) => {
      if (kind === 'space') return []
      const { space_id, board_id = null } = model as Note
      const bySpace = this.#spaces.has(space_id) ? this.#keys.get(space_id) : undefined
      const byBoard = wrappedBy !== 'space' && this.#boards.has(board_id ?? '') ? this.#keys.get(board_id ?? '') : undefined
      const parents = [
        { name: 's', id: space_id, by: bySpace, key },
        { name: 'b', id: board_id ?? '', by: byBoard, key },
        { name: 's', id: space_id, by: alsoCarries && bySpace, key: alsoCarries ?? key },
      ].flatMap(({ by, ...wrap }) => (by ? [{ ...wrap, by }] : []))
      if (parents.length > 0) return parents
      throw new HoldfastError(
        'no_parent_key',
        `no key to wrap with: neither the space nor the board of ${kind} ${model.id} is open; open its space first`,
      )
    })
    const all = wraps.flat()
    const by = all.map((wrap) => wrap.by.expose())
    const keys = all.map(({ key }) => key.expose())
    try {
      const nonces = all.map(() => this.#world.engine.random(12))
      const envelopes = this.#world.engine.envelopes.sealMany(by, nonces, keys)
      let at = 0
      return wraps.map((parents) =>
        parents.map(({ name, id }) => ({ [name]: id, k: encodeBase64(envelopes[at++] ?? new Uint8Array()) }) as WrappedKey),
      )
    } finally {
      for (const bytes of [...by, ...keys]) bytes.fill(0)
    }
  }

  async #makeEntries(
    spaces: readonly { readonly id: string; readonly key: ObjectKey; readonly inKeychain?: SpaceDraft['inKeychain'] | undefined }[],
  ): Promise<{ readonly entry: KeychainEntry; readonly change: Change }[]> {
    const ids = await this.#world.ids.makeIds(spaces.length)
    const entries = spaces.map(
      ({ id, key, inKeychain }, i): KeychainEntry => ({
        id: ids[i] ?? '',
        type: 'space',
        item_id: id,
        user_id: this.user.id,
        keys: [],
        data: { ...inKeychain, k: key.use(encodeBase64) },
      }),
    )
    return this.#masterKey.use((masterKey) => {
      const wires = sealModels(
        this.#world.engine,
        entries.map((entry) => ({ definition: DEFINITIONS.keychain, model: { ...entry }, key: masterKey })),
      )
      return entries.map((entry, i) => ({ entry, change: { action: 'add', type: 'keychain', item_id: entry.id, data: wires[i] ?? {} } }))
    })
  }

  async #idsFor(drafts: readonly { readonly id?: string }[]): Promise<string[]> {
    for (const { id } of drafts) {
      if (id !== undefined && this.#unreadableIds.has(id))
        throw new HoldfastError('unreadable_object', `not saved: object ${id} is there and could not be opened; saving would destroy it`)
    }
    const made = await this.#world.ids.makeIds(drafts.filter(({ id }) => id === undefined).length)
    let at = 0
    return drafts.map(({ id }) => id ?? made[at++] ?? '')
  }

  /** Marks the private fields of what is saved with the version it is. One time for all that is saved at once. */
  async #makeStamp(): Promise<<Data extends object>(id: string, data: Data, stored?: Data) => Data> {
    if (!this.#tracksVersions) return (_, data) => data
    const [made = ''] = await this.#world.ids.makeIds(1)
    const { clientId, timestampMs } = decodeId(made)
    return (id, data, stored) => {
      const [seen, held] = [versionOf(data), versionOf(stored)]
      if (seen && held && !covers(seen, held)) throw staleDraft(id)
      return withVersion(data, nextVersion(joinVersions(seen, held), clientId, timestampMs))
    }
  }

  #keyFor(id: string): ObjectKey {
    return this.#keys.get(id) ?? this.#makeKey()
  }

  #makeKey(): ObjectKey {
    const bytes: Bytes = this.#world.engine.random(32)
    const key = new Secret('turtl-object-key', bytes, 32)
    bytes.fill(0)
    return key
  }

  #keep<Model extends Space | Board | Note>(sealings: readonly Sealing[], held: Map<string, Model>): Model[] {
    return sealings.map(({ model, key }) => {
      held.set(model.id, model as Model)
      this.#keys.set(model.id, key)
      return model as Model
    })
  }

  #forget(id: string): void {
    this.#keys.get(id)?.wipe()
    this.#keys.delete(id)
  }

  #addEntry(itemId: string, entryId: string): void {
    this.#entries.set(itemId, (this.#entries.get(itemId) ?? new Set()).add(entryId))
  }
}

/** The original server stores only the new space of a move (turtl §9): what else changed follows as an edit. */
function actionsFor(stored: { readonly space_id: string } | undefined, spaceId: string, isEdit: boolean): readonly SyncAction[] {
  if (!stored) return ['add']
  if (stored.space_id === spaceId) return ['edit']
  return isEdit ? ['move-space', 'edit'] : ['move-space']
}

/** Private fields stay as they are, sealed too: the original server takes nothing else of a move (turtl §5.6). */
const isMove = (actions: readonly SyncAction[]) => !actions.includes('add') && !actions.includes('edit')

const staleDraft = (id: string) =>
  new HoldfastError(
    'stale_draft',
    `not saved: object ${id} has been changed since the draft was made from it; bring both together, or save the draft as a new object`,
    { remedy: 'fetch-remote' },
  )

const deletion = (type: Change['type'], id: string): Change => ({ action: 'delete', type, item_id: id, data: { id } })

const missing = (kind: Kind, id: string) =>
  new HoldfastError('not_found', `no such ${kind}: ${id} is not open in this account; open it first`)
