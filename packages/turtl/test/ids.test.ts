import { createFakeClock, seededRandom } from '@holdfast/testkit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../../wire/test/refusal'
import { createdAt, createIdSource, createMemoryIdStore, decodeId, encodeId, type IdStore, remapId } from '../src/index'

const CID = '018bcfe56be820ead7cf0b0cd1886d8d379a604b3f0450bce2c6d68b7573f77fb05210919bd20003'

describe('Turtl ids (turtl §4.2, §4.11)', () => {
  test('twelve digits of milliseconds, the client id, four of a counter', () => {
    const clientId = '20ead7cf0b0cd1886d8d379a604b3f0450bce2c6d68b7573f77fb05210919bd2'
    const parts = { timestampMs: 1_700_000_001_000, clientId, counter: 3 }
    expect(encodeId(parts)).toBe(CID)
    expect(decodeId(CID)).toEqual(parts)
    expect(decodeId('014edc2d6580b57a77385cbd40673483b27964658af1204fcf3b7b859adfcb90f8b8955215970012')).toMatchObject({
      timestampMs: 1_438_213_039_488,
      counter: 18,
    })
  })

  test('tell when an object was made, those of old accounts in seconds', () => {
    expect(createdAt(CID)).toBe(1_700_000_001_000)
    expect(createdAt('53f00000aaaaaaaaaaaaaaaa')).toBe(0x53f00000 * 1000)
    expect(createdAt('something else')).toBeUndefined()
  })

  test('an import puts the account in the place of the client id', () => {
    const imported = '018bcfe56be8235fcc7979661853d7af005e9fa8a0e4d2bbb9368463645b640a6a60f2bd6d770003'
    expect(remapId(CID, 'https://api.example.com', '7')).toBe(imported)
    expect(remapId(imported, 'https://api.example.com', '7')).toBe(imported)
    expect(codeOf(() => remapId('short', 'https://api.example.com', '7'))).toBe('invalid_id')
  })
})

describe('the source of ids', () => {
  const random = seededRandom('ids')

  test('keeps its client id and counter over a restart', async () => {
    const [store, clock] = [createMemoryIdStore(), createFakeClock()]
    const [before = ''] = await createIdSource({ store, clock, random }).makeIds(1)
    const [after = ''] = await createIdSource({ store, clock, random }).makeIds(1)
    expect(decodeId(after).clientId).toBe(decodeId(before).clientId)
    expect(decodeId(after).counter).toBe(decodeId(before).counter + 1)
  })

  test('ids rise whatever the clock does, over restarts and past the end of the counter', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ step: fc.integer({ min: -5000, max: 5000 }), count: fc.nat({ max: 30_000 }) }), { maxLength: 6 }),
        async (steps) => {
          const [store, clock] = [createMemoryIdStore(), createFakeClock()]
          const made: string[] = []
          for (const { step, count } of steps) {
            clock.advance(step)
            made.push(...(await createIdSource({ store, clock, random }).makeIds(count)))
          }
          expect(made.every((id, i) => i === 0 || id > (made[i - 1] ?? ''))).toBe(true)
        },
      ),
      { numRuns: 6 },
    )
  })

  test('an id whose state could not be saved is not handed out; the next call goes on', async () => {
    const held = createMemoryIdStore()
    let isFull = true
    const store: IdStore = { load: held.load, save: (state) => (isFull ? Promise.reject(new Error('disk full')) : held.save(state)) }
    const ids = createIdSource({ store, clock: createFakeClock(), random })
    await expect(ids.makeIds(1)).rejects.toThrow('disk full')
    isFull = false
    expect(await ids.makeIds(2)).toHaveLength(2)
  })

  test('calls at the same time get different ids', async () => {
    const ids = createIdSource({ store: createMemoryIdStore(), clock: createFakeClock(), random })
    const made = (await Promise.all(Array.from({ length: 20 }, () => ids.makeIds(3)))).flat()
    expect(new Set(made).size).toBe(60)
  })
})
