import type { Bytes } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { sealEnvelope } from '@holdfast/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeOnEveryEngine } from '../../wire/test/every-engine'
import { codeOf } from '../../wire/test/refusal'
import { Keyring, type WrappedObject } from '../src/index'

const keyOf = (fill: number) => new Uint8Array(32).fill(fill)

/** Counts the calls that reach the engine's envelopes. */
function counting(engine: Engine): { engine: Engine; calls: () => number } {
  let calls = 0
  const envelopes: Engine['envelopes'] = {
    ...engine.envelopes,
    openBatch: (keys, sealed) => {
      calls++
      return engine.envelopes.openBatch(keys, sealed)
    },
  }
  return { engine: { ...engine, envelopes }, calls: () => calls }
}

describeOnEveryEngine('the keyring', (engine) => {
  const body = (key: Bytes, text = 'text') => sealEnvelope(engine, key, new TextEncoder().encode(text))
  const wrap = (by: string, byKey: Bytes, key: Uint8Array) => ({ by, envelope: sealEnvelope(engine, byKey, key) })
  const object = (id: string, key: Bytes, ...wraps: WrappedObject['wraps'][number][]): WrappedObject => ({ id, wraps, body: body(key) })
  const search = (...objects: WrappedObject[]) => {
    const keyring = new Keyring(engine)
    keyring.hold('root', keyOf(1))
    return keyring.search(objects)
  }

  test('finds the way from a held key to every object below it, in any order given', () => {
    const [note, board, space] = search(
      object('note', keyOf(4), wrap('board', keyOf(3), keyOf(4))),
      object('board', keyOf(3), wrap('space', keyOf(2), keyOf(3))),
      object('space', keyOf(2), wrap('root', keyOf(1), keyOf(2))),
    )
    expect(note).toMatchObject({ found: true, key: keyOf(4), path: ['root', 'space', 'board', 'note'] })
    expect([board?.found, space?.found]).toEqual([true, true])
  })

  test('takes two calls a level, however many objects there are', () => {
    const counted = counting(engine)
    const keyring = new Keyring(counted.engine)
    keyring.hold('root', keyOf(1))
    const notes = Array.from({ length: 200 }, (_, i) => object(`n${i}`, keyOf(9), wrap('b', keyOf(3), keyOf(9))))
    const searches = keyring.search([...notes, object('b', keyOf(3), wrap('root', keyOf(1), keyOf(3)))])
    expect(searches.every(({ found }) => found)).toBe(true)
    expect(counted.calls()).toBe(4)
  })

  test('a wrap that opens to a wrong key is noted with its path, and the next one is tried', () => {
    const [note] = search(object('note', keyOf(4), wrap('root', keyOf(1), keyOf(5)), wrap('root', keyOf(1), keyOf(4))))
    expect(note).toMatchObject({ found: true, attempts: [{ path: ['root', 'note'], at: 'body', code: 'auth_failed' }] })
  })

  test('cycles, self-wraps and duplicates end by themselves', () => {
    const [a, b, c, d] = search(
      object('a', keyOf(2), wrap('b', keyOf(3), keyOf(2)), wrap('a', keyOf(2), keyOf(2))),
      object('b', keyOf(3), wrap('a', keyOf(2), keyOf(3)), wrap('root', keyOf(1), keyOf(3)), wrap('root', keyOf(1), keyOf(3))),
      object('c', keyOf(4), wrap('d', keyOf(5), keyOf(4))),
      object('d', keyOf(5), wrap('c', keyOf(4), keyOf(5))),
    )
    expect([a?.found, b?.found]).toEqual([true, true])
    expect(c).toMatchObject({ found: false, reason: 'no_wrap', missing: ['d'] })
    expect(d).toMatchObject({ found: false, reason: 'no_wrap', missing: ['c'] })
  })

  test('an object that claims another’s id does not hide it', () => {
    const [, , note] = search(
      object('board', keyOf(7), wrap('root', keyOf(1), keyOf(7))),
      object('board', keyOf(3), wrap('root', keyOf(1), keyOf(3))),
      object('note', keyOf(4), wrap('board', keyOf(3), keyOf(4))),
    )
    expect(note).toMatchObject({ found: true, key: keyOf(4) })
  })

  test('says why an object cannot be read', () => {
    const header = (change: (bytes: Bytes) => void) => {
      const envelope = body(keyOf(4))
      change(envelope)
      return envelope
    }
    const good = wrap('root', keyOf(1), keyOf(4))
    const reasons: [string, WrappedObject][] = [
      ['no_wrap', { id: 'n', wraps: [], body: body(keyOf(4)) }],
      ['no_wrap', object('n', keyOf(4), wrap('gone', keyOf(8), keyOf(4)))],
      ['wrong_key', object('n', keyOf(4), wrap('root', keyOf(1), keyOf(5)))],
      ['wrong_key', object('n', keyOf(4), wrap('root', keyOf(6), keyOf(4)))],
      ['wrong_key', object('n', keyOf(4), wrap('root', keyOf(1), keyOf(4).subarray(1)))],
      ['damaged', { id: 'n', wraps: [good], body: undefined }],
      ['damaged', { id: 'n', wraps: [good], body: Uint8Array.of(0, 6, 1) }],
      ['damaged', object('n', keyOf(4), { by: 'root', envelope: Uint8Array.of(0, 6, 1) })],
      ['unsupported', { id: 'n', wraps: [good], body: header((bytes) => bytes.fill(7, 1, 2)) }],
      ['unsupported', { id: 'n', wraps: [good], body: header((bytes) => bytes.fill(1, 3, 4)) }],
    ]
    for (const [reason, unreadable] of reasons) expect(search(unreadable)[0]).toMatchObject({ found: false, reason })
  })

  test('two ways that agree on a key which does not open the body speak of damage', () => {
    const tampered = body(keyOf(4))
    tampered.fill(0, tampered.length - 1)
    const wraps = [wrap('root', keyOf(1), keyOf(4)), wrap('space', keyOf(2), keyOf(4))]
    const [, note] = search(object('space', keyOf(2), wrap('root', keyOf(1), keyOf(2))), { id: 'n', wraps, body: tampered })
    expect(note).toMatchObject({ found: false, reason: 'damaged' })
  })

  test('in any graph, an object is found exactly when a chain of wraps leads to it', () => {
    const edges = fc.array(fc.tuple(fc.nat({ max: 7 }), fc.nat({ max: 7 })), { maxLength: 16 })
    fc.assert(
      fc.property(edges, (pairs) => {
        const objects = Array.from({ length: 7 }, (_, i) =>
          object(
            String(i + 1),
            keyOf(i + 1),
            ...pairs.flatMap(([from, to]) => (to === i + 1 ? [wrap(String(from), keyOf(from), keyOf(to))] : [])),
          ),
        )
        const keyring = new Keyring(engine)
        keyring.hold('0', keyOf(0))
        const reached = new Set([0])
        for (let i = 0; i < 8; i++) for (const [from, to] of pairs) if (reached.has(from)) reached.add(to)
        expect(keyring.search(objects).map(({ found }) => found)).toEqual(objects.map((_, i) => reached.has(i + 1)))
      }),
      { numRuns: 40 },
    )
  })

  test('a key of another length is refused, and wiping forgets', () => {
    const keyring = new Keyring(engine)
    expect(codeOf(() => keyring.hold('x', new Uint8Array(31)))).toBe('invalid_argument')
    keyring.hold('x', keyOf(1))
    const own = keyring.keyOf('x')
    keyring.wipe()
    expect(own).toEqual(new Uint8Array(32))
    expect(keyring.keyOf('x')).toBeUndefined()
  })
})
