import { decodeHex, decodeUtf8, encodeBase64, encodeUtf8 } from '@holdfast/base'
import { sealEnvelope } from '@holdfast/wire'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeOnEveryEngine } from '../../wire/test/every-engine'
import { codeOf } from '../../wire/test/refusal'
import {
  checkWireShape,
  decodeModel,
  decodeSyncRecord,
  encodePrivateJson,
  encodeSyncRecord,
  loadUserKeyPair,
  type ModelKind,
  makeUserKeyPair,
  type Note,
  openAttachment,
  openModel,
  sealAttachment,
  sealModel,
} from '../src/index'
import { vector } from './world'

type Wire = Readonly<Record<string, unknown>> & { readonly body: string; readonly keys: readonly Readonly<Record<string, string>>[] }

const KEY = new Uint8Array(32).fill(5)
const WRAPPED = encodeBase64(Uint8Array.of(0, 6, 1, 0, 12, ...new Uint8Array(60)))
const NOTE: Note = {
  id: 'n',
  space_id: 's',
  board_id: null,
  user_id: '7',
  has_file: false,
  mod: 1_700_000_001,
  keys: [{ s: 's', k: WRAPPED }],
  data: { type: 'text', title: 'Title' },
}

describeOnEveryEngine('models (turtl §4.3, §4.4, §9)', (engine) => {
  const account = vector('turtl-account', 'hierarchy').in as unknown as Record<string, Wire[]> & { readonly user: Wire }
  const fixed = (id: string) => {
    const { in: given, out } = vector('turtl-hierarchy', id) as unknown as { in: Record<string, string>; out: Record<string, string> }
    return { key: decodeHex(given.key ?? ''), nonce: decodeHex(given.nonce ?? ''), envelope: encodeBase64(decodeHex(out.envelope ?? '')) }
  }
  const first = (name: string) => account[name]?.[0] as Wire

  test.each<[ModelKind, string, Wire]>([
    ['user', 'user-body', account.user],
    ['keychain', 'keychain-body', first('keychain')],
    ['space', 'space-body', first('spaces')],
    ['board', 'board-body', first('boards')],
    ['note', 'note-body', first('notes')],
  ])('a %s opens and seals again to the same bytes', (kind, id, wire) => {
    const { key, nonce } = fixed(id)
    const model = openModel(engine, kind, wire, key)
    const again = sealModel(engine, kind, model as never, key, { body: nonce, file: fixed('note-file-body').nonce })
    const texts = wire.user_id === undefined ? {} : { user_id: String(wire.user_id) }
    expect(again).toEqual({ ...wire, ...texts })
  })

  test('wrapped keys and attachments are the same bytes too', () => {
    const note = first('notes')
    for (const [id, k] of [
      ['note-key-by-space', note.keys[0]?.k],
      ['note-key-by-board', note.keys[1]?.k],
      ['board-key-by-space', first('boards').keys[0]?.k],
    ] as const)
      expect(fixed(id).envelope).toBe(k)
    const { key, nonce, envelope } = fixed('file-blob')
    const plain = encodeUtf8('hello file\n')
    expect(encodeBase64(sealAttachment(engine, key, plain, nonce))).toBe(envelope)
    expect(sealAttachment(engine, key, plain)).toHaveLength(plain.length + 33)
    expect(openAttachment(engine, key, sealAttachment(engine, key, plain))).toEqual(plain)
  })

  test('what nobody knows stays where it was, public and private', () => {
    const wire = sealModel(engine, 'note', { ...NOTE, extra: [1, null], data: { ...NOTE.data, more: { deep: null } } } as Note, KEY)
    expect(wire.extra).toEqual([1, null])
    const model = openModel(engine, 'note', wire, KEY)
    expect(model).toMatchObject({ extra: [1, null], data: { more: { deep: null } } })
    expect(openModel(engine, 'note', sealModel(engine, 'note', model, KEY), KEY)).toEqual(model)
  })

  test('a file’s private fields are written twice, and read from either place', () => {
    const note: Note = { ...NOTE, file: { id: 'n', size: 44 }, data: { ...NOTE.data, file: { name: 'a.txt', type: 'text/plain' } } }
    const wire = sealModel(engine, 'note', note, KEY)
    expect(openModel(engine, 'note', { ...wire, file: undefined }, KEY).data.file).toEqual({ name: 'a.txt', type: 'text/plain' })
    const old = encodeBase64(sealEnvelope(engine, KEY, encodeUtf8('{"type":"text"}')))
    expect(openModel(engine, 'note', { ...wire, body: old }, KEY).data.file).toEqual({ name: 'a.txt', type: 'text/plain' })
    expect(openModel(engine, 'note', wire, KEY)).toEqual(note)
  })

  test('any note opens to what was sealed', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 20 })
    const data = fc.record(
      {
        type: fc.string({ minLength: 1, unit: 'grapheme' }),
        title: line,
        text: line,
        url: line,
        tags: fc.array(line),
        color: fc.nat(7),
        file: fc.record({ name: line }),
      },
      { requiredKeys: ['type'] },
    )
    fc.assert(
      fc.property(data, (fields) => {
        const note = { ...NOTE, data: fields } as Note
        const { file: _, ...opened } = openModel(engine, 'note', sealModel(engine, 'note', note, KEY), KEY)
        expect(opened).toEqual(note)
      }),
      { numRuns: 50 },
    )
  })

  test.each([
    ['has_file of null', { has_file: null }],
    ['file of null', { file: null }],
    ['mod as text', { mod: '1700000001' }],
    ['mod as a fraction', { mod: 1.5 }],
    ['a number as user id', { user_id: 7 }],
    ['a board id left out', { board_id: undefined }],
    ['a kind of key that nobody knows', { keys: [{ x: 's', k: WRAPPED }] }],
    ['a key without k', { keys: [{ s: 's' }] }],
    ['a private color as text', { data: { ...NOTE.data, color: '1' } }],
    ['a color that is no integer', { data: { ...NOTE.data, color: 1.5 } }],
    ['null among tags', { data: { ...NOTE.data, tags: [null] } }],
    ['a private file of null', { data: { ...NOTE.data, file: null } }],
    ['a title of null', { data: { ...NOTE.data, title: null } }],
    ['an empty type', { data: { ...NOTE.data, type: '' } }],
    ['a body of lone surrogates', { data: { ...NOTE.data, text: '\ud800' } }],
  ])('a note with %s is not written', (_, change) => {
    expect(codeOf(() => sealModel(engine, 'note', { ...NOTE, ...change } as never, KEY))).toBe('invalid_field')
  })

  test('a note without a wrapped key is not written: nobody could open it', () => {
    expect(codeOf(() => sealModel(engine, 'note', { ...NOTE, keys: [] }, KEY))).toBe('no_wrapped_key')
  })

  test.each([
    ['members of null', { members: null }],
    ['a numeric id of a member', { members: [{ id: '1', user_id: 7, space_id: 's', username: 'a@b', role: 'owner', created: 'now' }] }],
    ['a member without created', { members: [{ id: '1', user_id: '7', space_id: 's', username: 'a@b', role: 'owner' }] }],
    ['a role that nobody knows', { members: [{ id: '1', user_id: '7', space_id: 's', username: 'a@b', role: 'king', created: 'now' }] }],
    ['invites of null', { invites: null }],
    ['no title', { data: {} }],
  ])('a space with %s is not written', (_, change) => {
    const space = { id: 's', user_id: '7', members: [], invites: [], keys: [], data: { title: 'Space' } }
    checkWireShape('space', sealModel(engine, 'space', space, KEY))
    expect(codeOf(() => sealModel(engine, 'space', { ...space, ...change } as never, KEY))).toBe('invalid_field')
  })

  test('the user’s key pair is checked: the public half must be that of the private one', () => {
    const [pair, other] = [makeUserKeyPair(engine), makeUserKeyPair(engine)]
    const user = { id: '7', username: 'a@b', keys: [], pubkey: pair.pubkey, data: { privkey: pair.privkey } }
    const loaded = loadUserKeyPair(engine, user)
    const box = engine.sealedBox.seal(loaded?.publicKey ?? KEY, KEY)
    expect(engine.sealedBox.open({ publicKey: loaded?.publicKey ?? KEY, secretKey: loaded?.secretKey.expose() ?? KEY }, box)).toEqual(KEY)
    expect(codeOf(() => loadUserKeyPair(engine, { ...user, pubkey: other.pubkey }))).toBe('invalid_key_pair')
    expect(loadUserKeyPair(engine, { ...user, data: {} })).toBeUndefined()
  })
})

describe('a reader is lenient (turtl §9)', () => {
  const read = (wire: object, data: object = {}) =>
    decodeModel('note', { id: 'n', space_id: 's', user_id: '7', ...wire }, { type: 'text', ...data })

  test.each([
    ['ids as numbers', { user_id: 7 }, {}, { user_id: '7' }],
    ['mod as text', { mod: '1700000001' }, {}, { mod: 1_700_000_001 }],
    ['mod as a fraction', { mod: 1_700_000_001.5 }, {}, { mod: 1_700_000_001 }],
    ['color as text', {}, { color: '3' }, { data: { type: 'text', color: 3 } }],
    ['null among tags', {}, { tags: ['a', null] }, { data: { type: 'text', tags: ['a'] } }],
    ['null for what is optional', { has_file: null, file: null }, { url: null, file: null }, { data: { type: 'text' } }],
    ['an empty file', { file: {} }, { file: {} }, { data: { type: 'text' } }],
    ['no keys', { keys: null }, {}, { keys: [] }],
    ['noise among keys', { keys: [null, { x: '1', k: 'k' }, { s: 's' }, { k: 'k', b: 'b' }] }, {}, { keys: [{ b: 'b', k: 'k' }] }],
    ['no board', {}, {}, { board_id: null }],
  ])('%s', (_, wire, data, expected) => {
    const note = read(wire, data)
    expect(note).toMatchObject(expected)
    expect('file' in note || 'has_file' in note).toBe(false)
  })

  test('members that lack what makes one are passed over, and numbers become text', () => {
    const member = { id: 1, user_id: 7, space_id: 's', username: 'a@b', role: 'owner', created: 'now', permissions: ['x'] }
    const space = decodeModel('space', { id: 's', user_id: 7, members: [member, null, { id: 2 }], invites: null }, { title: 'Space' })
    expect(space).toMatchObject({ user_id: '7', invites: [], members: [{ id: '1', user_id: '7', permissions: ['x'] }] })
    expect(space.members).toHaveLength(1)
  })

  test('sync records: sequence numbers stay text, missing is found in data', () => {
    const record = decodeSyncRecord({
      id: 12,
      action: 'edit',
      type: 'note',
      item_id: 5,
      user_id: '7',
      data: { missing: true },
      created: 'x',
    })
    expect(record).toEqual({ id: '12', action: 'edit', type: 'note', item_id: '5', user_id: '7', data: { missing: true }, missing: true })
    expect(decodeSyncRecord({})).toEqual({ data: {}, missing: false })
  })
})

describe('sync records (turtl §6.2)', () => {
  const change = { action: 'add', type: 'note', item_id: 'n', data: { id: 'n' } } as const

  test('are written exactly', () => {
    expect(encodeSyncRecord('r', '7', change)).toEqual({
      ...change,
      id: 'r',
      user_id: 7,
      body: null,
      errcount: 0,
      frozen: false,
      blocked: false,
    })
  })

  test('of unknown types, actions or users are not', () => {
    for (const wrong of [{ type: 'tag' }, { action: 'share' }])
      expect(codeOf(() => encodeSyncRecord('r', '7', { ...change, ...wrong } as never))).toBe('invalid_field')
    expect(codeOf(() => encodeSyncRecord('r', 'alice', change))).toBe('invalid_field')
  })
})

describe('private JSON (turtl §4.3, §9)', () => {
  const textOf = (value: object) => decodeUtf8(encodePrivateJson(value as Record<string, unknown>))

  test('is compact, its keys sorted by code points at every level', () => {
    expect(textOf({ b: 1, a: { '10': 1, '9': 2 }, '\u{1f600}': 1, '\uffff': 2, none: undefined })).toBe(
      '{"a":{"10":1,"9":2},"b":1,"\uffff":2,"\u{1f600}":1}',
    )
  })

  test('escapes only what it must', () => {
    expect(textOf({ a: '☠\u2028"\\\n\u0001/' })).toBe('{"a":"☠\u2028\\"\\\\\\n\\u0001/"}')
  })

  test('refuses what UTF-8 or JSON cannot hold, quoting none of it', () => {
    for (const [value, code] of [
      [{ a: ['secret\udc00'] }, 'lone_surrogate'],
      [{ '\ud800': 1 }, 'lone_surrogate'],
      [{ a: Number.NaN }, 'not_json'],
      [{ a: () => 1 }, 'not_json'],
      [{ a: new Map() }, 'not_json'],
    ] as const) {
      expect(codeOf(() => encodePrivateJson(value as never))).toBe(code)
      expect(() => encodePrivateJson(value as never)).not.toThrow(/secret/)
    }
  })

  test('is what JSON.parse reads back', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 4, stringUnit: 'grapheme' })), (value) => {
        expect(JSON.parse(textOf(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})
