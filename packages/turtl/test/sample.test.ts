import { type Backend, type Engine, init } from '@holdfast/crypto'
import { openAccount } from '@holdfast/keys'
import { seededRandom } from '@holdfast/testkit'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkWireShape, openAttachment } from '../src/index'
import { makeSampleAccount } from '../src/sample/index'

describe.each<Backend>(['wasm', 'sodium'])('a sample account (%s)', (backend) => {
  let engine: Engine
  beforeAll(async () => {
    engine = await init({ backend, random: seededRandom('sample') })
  })

  const size = { spaces: 3, boards: 5, notes: 40, attachments: 7 }

  test('has as many of everything as was asked for, all of it of the exact shape, and opens with its password', async () => {
    const { username, password, wire, account } = await makeSampleAccount({ engine, seed: 1, ...size })
    expect({ spaces: wire.spaces.length, boards: wire.boards.length, notes: wire.notes.length }).toEqual({
      spaces: 3,
      boards: 5,
      notes: 40,
    })
    for (const note of wire.notes) checkWireShape('note', note as never)
    const opened = openAccount(engine, username, password, wire)
    expect(opened.failures).toEqual([])
    for (const { id, data } of opened.notes) expect(data).toEqual(account.notes.get(id)?.data)
  })

  test('has sealed attachments for the notes that say they have one', async () => {
    const { wire, account, attachments } = await makeSampleAccount({ engine, seed: 1, ...size })
    const made = [...attachments()]
    expect(made.map(({ noteId }) => noteId)).toEqual(
      wire.notes.filter((note) => 'has_file' in note && note.has_file === true).map(({ id }) => id),
    )
    expect(made).toHaveLength(7)
    for (const { noteId, plain, sealed } of made)
      expect(account.keyOf(noteId)?.use((key) => openAttachment(engine, key, sealed))).toEqual(plain)
  })

  test('says the same for the same seed', async () => {
    const texts = async (seed: number) =>
      [...(await makeSampleAccount({ engine, seed, ...size })).account.notes.values()].map(({ data }) => data)
    expect(await texts(5)).toEqual(await texts(5))
    expect(await texts(5)).not.toEqual(await texts(6))
  })
})
