/**
 * A whole account of any size, made by this package's own writer: for tests of scale, benchmarks and demonstrations. The
 * content is the same for the same seed; keys, nonces and ids come from the engine's randomness, so with an engine made
 * on seeded randomness every byte is.
 */
import type { Bytes, Secret } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { deriveMasterKey, type WireAccount, type WireObject } from '@holdfast/keys'
import { makeTurtlAccount, type NoteDraft, type TurtlAccount } from '../account'
import { ATTACHMENT_OVERHEAD, sealAttachment } from '../attachment'
import { createIdSource, createMemoryIdStore } from '../id-source'
import { sealModel } from '../models/codec'
import type { User } from '../models/user'
import { makeUserKeyPair } from '../user-key-pair'
import { sampleBytes, sampleFile, sampleNote, seededDice } from './sample-content'

export interface SampleSize {
  readonly spaces: number
  readonly boards: number
  readonly notes: number
  /** Notes that have one; at most as many as there are notes. */
  readonly attachments: number
}

export interface SampleOptions extends Partial<SampleSize> {
  readonly engine: Engine
  readonly seed: number
}

export interface SampleAttachment {
  readonly noteId: string
  readonly plain: Bytes
  readonly sealed: Bytes
}

export interface SampleAccount {
  readonly username: string
  readonly password: string
  /** Everything in the clear, and its keys; `wipe` is the caller's. */
  readonly account: TurtlAccount
  /** The same as a server gives it back. */
  readonly wire: WireAccount
  /** One at a time, so that many large ones take no more memory than one. */
  attachments(): Generator<SampleAttachment, void, undefined>
}

const USERNAME = 'sample@example.com'
const PASSWORD = 'correct horse battery staple'
const FIRST_MS = 1_400_000_000_000
const STEP_MS = 25_000_000
const MOST_ATTACHMENT_BYTES = 60_000

/**
 * @param options.seed of the content.
 * @param options.spaces 8, `boards` 40, `notes` 10 000, `attachments` 200, when left out.
 * @example
 * ```ts
 * const sample = await makeSampleAccount({ engine: await init(), seed: 1, notes: 100 })
 * const { notes } = openAccount(engine, sample.username, sample.password, sample.wire)
 * ```
 */
export async function makeSampleAccount({
  engine,
  seed,
  spaces = 8,
  boards = 40,
  notes = 10_000,
  attachments = 200,
}: SampleOptions): Promise<SampleAccount> {
  const dice = seededDice(seed)
  let now = FIRST_MS
  const clock = { now: () => now }
  const ids = createIdSource({ store: createMemoryIdStore(), clock, random: engine.random })
  const masterKey = deriveMasterKey(engine, USERNAME, PASSWORD)
  const { pubkey, privkey } = makeUserKeyPair(engine)
  const user: User = { id: '7', username: USERNAME, confirmed: true, pubkey, keys: [], data: { settings: {}, privkey } }
  const account = makeTurtlAccount({ engine, ids, clock }, masterKey, user)
  const wireUser = masterKey.use((key) => sealModel(engine, 'user', user, key))
  masterKey.wipe()

  const madeSpaces = await account.saveSpaces(
    Array.from({ length: spaces }, (_, i) => ({ data: { title: `Space ${i + 1}`, color: '#408080' } })),
  )
  const spaceIds = madeSpaces.objects.map(({ id }) => id)
  const madeBoards = await account.saveBoards(
    Array.from({ length: boards }, (_, i) => ({ space_id: spaceIds[i % spaces] ?? '', data: { title: `Board ${i + 1}` } })),
  )
  const lengths = new Map<number, number>()
  const drafts: NoteDraft[] = []
  const everyNth = attachments === 0 ? Number.POSITIVE_INFINITY : Math.floor(notes / attachments)
  for (let i = 0; i < notes; i++) {
    now += STEP_MS
    const board = dice(5) === 0 ? undefined : madeBoards.objects[dice(boards)]
    const [id = ''] = await ids.makeIds(1)
    const place = { id, space_id: board?.space_id ?? spaceIds[dice(spaces)] ?? '', board_id: board?.id ?? null }
    const mod = Math.floor(now / 1000) + dice(86_400)
    const data = sampleNote(dice)
    if (i % everyNth !== 0 || lengths.size === attachments) {
      drafts.push({ ...place, mod, data })
      continue
    }
    const length = dice(MOST_ATTACHMENT_BYTES)
    lengths.set(i, length)
    drafts.push({ ...place, mod, data: { ...data, ...sampleFile(dice, i) }, file: { id, size: length + ATTACHMENT_OVERHEAD } })
  }
  const madeNotes = await account.saveNotes(drafts)
  const saved = [...madeSpaces.changes, ...madeBoards.changes, ...madeNotes.changes]
  const wireOf = (type: string) => saved.filter((change) => change.type === type).map(({ data }) => data as unknown as WireObject)
  const withFile = new Set([...lengths.keys()].map((i) => drafts[i]?.id))

  function* sealEach(): Generator<SampleAttachment, void, undefined> {
    for (const [i, length] of lengths) {
      const noteId = drafts[i]?.id ?? ''
      const plain = sampleBytes(seededDice(seed + i + 1), length)
      const key = account.keyOf(noteId) as Secret<'turtl-object-key'> // it was saved above
      yield { noteId, plain, sealed: key.use((bytes) => sealAttachment(engine, bytes, plain)) }
    }
  }

  return {
    username: USERNAME,
    password: PASSWORD,
    account,
    wire: {
      user: wireUser,
      keychain: wireOf('keychain'),
      spaces: wireOf('space'),
      boards: wireOf('board'),
      // The server's own mark after an upload (turtl §6.6).
      notes: wireOf('note').map((note) => (withFile.has(note.id) ? { ...note, has_file: true } : note)),
    },
    attachments: sealEach,
  }
}
