/** A space with members, one of whom is removed; what was sent since; and what the removed one can open of it. */
import { decodeBase64, decodeHex, encodeHex, encodeUtf8, type Fetch, HoldfastError } from '@holdfast/base'
import type { Engine, KeyPair } from '@holdfast/crypto'
import { openMessage } from '@holdfast/wire'
import { expect } from 'vitest'
import { loadUserKeyPair, openAttachment, rotateSpace, sealAttachment, type TurtlAccount } from '../../src/index'
import { masterKeyOf } from '../world'
import { enrol, type Person, type Town } from './people'

const FILE = encodeUtf8('the bytes of an attachment')

/** Whatever was ever sent to the server, in the order in which it was: nothing that leaves a device goes another way. */
interface Wiretap {
  readonly network: (fetch: Fetch) => Fetch
  /** Hex of every ciphertext sent so far. */
  readonly heard: Set<string>
}

export function tap(): Wiretap {
  const heard = new Set<string>()
  const network =
    (fetch: Fetch): Fetch =>
    (url, init) => {
      const { body } = init ?? {}
      if (body instanceof Uint8Array) heard.add(encodeHex(body))
      else if (typeof body === 'string' && body !== '') for (const text of textsIn(JSON.parse(body))) note(text)
      return fetch(url, init)
    }
  const note = (text: string) => {
    if (text.length < 44 || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text) || /^[0-9a-f]+$/.test(text)) return // ids are hex
    heard.add(encodeHex(decodeBase64(text, 'wiretap', 'optional')))
  }
  return { network, heard }
}

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) yield* textsIn(inner)
}

/** Every key somebody ever held, and both halves of the own pair. */
export class Attacker {
  readonly keys = new Map<string, Uint8Array>()
  readonly #engine: Engine
  #pair: KeyPair | undefined

  constructor(engine: Engine) {
    this.#engine = engine
    // Known to everyone: what invites without passphrase, and login tokens, are sealed under (turtl §3.7, §5.2).
    for (const known of [
      '5518219e6a2d93e8389f7f972a9b2a2d14ab90d3df41e5fd15f2ab7d5df26add',
      '21625f77ecf8961f5bbb5e771251be502ef9adffd6c2b058c5d026ea90219034',
    ])
      this.keys.set(known, decodeHex(known))
  }

  learn(account: TurtlAccount, fill: number): this {
    this.#add(masterKeyOf(fill).expose())
    for (const { id } of [...account.spaces.values(), ...account.boards.values(), ...account.notes.values()])
      this.#add(account.keyOf(id)?.expose() ?? new Uint8Array())
    const pair = loadUserKeyPair(this.#engine, account.user)
    if (pair) this.#pair = { publicKey: pair.publicKey, secretKey: pair.secretKey.expose() }
    return this
  }

  #add(key: Uint8Array): void {
    this.keys.set(encodeHex(key), key)
  }

  /** How many of the ciphertexts open, by any key, and by keys that were inside. */
  opens(ciphertexts: Iterable<string>): number {
    let left = [...ciphertexts].map((hex) => decodeHex(hex))
    const total = left.length
    const untried = [...this.keys.values()]
    for (let key = untried.pop(); key; key = untried.pop()) {
      const plaintexts = this.#engine.envelopes.openMany(key, left)
      left = left.filter((_, i) => {
        const plaintext = plaintexts[i]
        if (!(plaintext instanceof Uint8Array)) return true
        if (plaintext.length === 32) untried.push(plaintext)
        return false
      })
    }
    return total - left.filter((ciphertext) => !this.#opensAsMessage(ciphertext)).length
  }

  #opensAsMessage(ciphertext: Uint8Array): boolean {
    if (!this.#pair || ciphertext[0] !== 3) return false
    try {
      openMessage(this.#engine, this.#pair, ciphertext)
      return true
    } catch (error) {
      if (error instanceof HoldfastError) return false
      throw error
    }
  }
}

async function uploadTo(person: Person, noteId: string, file = FILE): Promise<void> {
  const sealed = person.account.keyOf(noteId)?.use((key) => sealAttachment(person.engine, key, file))
  await person.client.uploadAttachment(noteId, sealed ?? new Uint8Array())
}

async function attachmentOf(person: Person, noteId: string): Promise<Uint8Array | undefined> {
  const sealed = await person.client.fetchAttachment(noteId)
  return person.account.keyOf(noteId)?.use((key) => openAttachment(person.engine, key, sealed))
}

export interface Scene {
  readonly alice: Person
  readonly mallory: Person
  readonly bob: Person
  readonly spaceId: string
  readonly attacker: Attacker
  readonly heard: Set<string>
  /** Ciphertexts that were sent before now. */
  before: Set<string>
}

/** Alice's space with a board, notes in and beside it, one with an attachment; Mallory and Bob are members. */
export async function makeScene(town: Town, engine: Engine, network: (fetch: Fetch) => Fetch = (plain) => plain): Promise<Scene> {
  const wire = tap()
  const alice = await town.join(engine, 'alice', (fetch) => network(wire.network(fetch)))
  const mallory = await town.join(engine, 'mallory')
  const bob = await town.join(engine, 'bob', wire.network)
  const space = await alice.account.saveSpaces([{ data: { title: 'Family', color: '#408080' } }])
  const [spaceId = ''] = space.objects.map(({ id }) => id)
  const board = await alice.account.saveBoards([{ space_id: spaceId, data: { title: 'Recipes' } }])
  const [boardId = ''] = board.objects.map(({ id }) => id)
  const notes = await alice.account.saveNotes(
    TEXTS.map((text, i) => ({
      space_id: spaceId,
      board_id: i % 2 === 0 ? boardId : null,
      data: { type: i === 0 ? 'file' : 'text', title: `Note ${i}`, text, ...(i === 0 ? { file: { name: 'a.txt' } } : {}) },
    })),
  )
  await alice.send([...space.changes, ...board.changes, ...notes.changes])
  await uploadTo(alice, notes.objects[0]?.id ?? '')
  const owner = await alice.synced()
  const member = await enrol(owner, spaceId, mallory, 'member')
  const other = await enrol(await alice.synced(), spaceId, bob, 'moderator')
  const attacker = new Attacker(engine).learn(member.account, 2)
  return { alice: await alice.synced(), mallory: member, bob: other, spaceId, attacker, heard: wire.heard, before: new Set(wire.heard) }
}

export const sentSince = ({ heard, before }: Scene) => [...heard].filter((hex) => !before.has(hex))
export const textsOf = ({ account }: Person, spaceId: string) =>
  [...account.notes.values()]
    .filter(({ space_id }) => space_id === spaceId)
    .map(({ data }) => data.text)
    .sort()

/** What the server holds of a space, as ciphertexts. */
export async function storedIn(person: Person, spaceId: string): Promise<string[]> {
  const records = await person.records()
  const inside = records.filter(({ type, data }) => (type === 'space' ? data.id : data.space_id) === spaceId)
  const texts = [...textsIn(inside.map(({ data: { body, keys, file } }) => ({ body, keys, file })))].filter((text) =>
    text.startsWith('AAYB'),
  )
  const withFile = new Set(inside.flatMap(({ data }) => (data.has_file === true ? [String(data.id)] : [])))
  const files = await Promise.all([...withFile].map((id) => person.client.fetchAttachment(id)))
  return [...new Set([...texts.map((text) => encodeHex(decodeBase64(text))), ...files.map(encodeHex)])]
}

export async function expectRotated(scene: Scene, spaceId: string, texts: readonly string[]): Promise<void> {
  const alice = await scene.alice.synced()
  expect(alice.account.unreadable).toEqual([])
  expect(textsOf(alice, spaceId)).toEqual([...texts].sort())
  expect(textsOf(alice, scene.spaceId)).toEqual([])
  const withFile = [...alice.account.notes.values()].filter(({ has_file }) => has_file)
  for (const { id, keys } of alice.account.notes.values())
    expect(
      keys.filter((entry) => 's' in entry && entry.s === spaceId),
      id,
    ).toHaveLength(1)
  for (const { id } of withFile) expect(await attachmentOf(alice, id)).toEqual(FILE)
  expect(withFile).toHaveLength(1)
  const stored = await storedIn(alice, spaceId)
  expect(stored.length).toBeGreaterThan(2 * texts.length)
  expect(scene.attacker.opens(stored)).toBe(0)
}

export const TEXTS = ['secret 0', 'secret 1', 'secret 2', 'secret 3'] as const

export const rotate = (by: Person, { spaceId, mallory }: Scene) => rotateSpace(by, { spaceId, remove: [mallory.id] })
