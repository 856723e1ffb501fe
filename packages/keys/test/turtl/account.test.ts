import { encodeBase64, encodeUtf8 } from '@holdfast/base'
import { sealEnvelope } from '@holdfast/wire'
import { expect, test } from 'vitest'
import { describeOnEveryEngine } from '../../../wire/test/every-engine'
import { codeOf } from '../../../wire/test/refusal'
import { deriveAuthToken, deriveMasterKey, normaliseUsername, openAccount, openInvite, openLoginToken } from '../../src/index'

describeOnEveryEngine('Turtl account (turtl §3, §4, §9)', (engine) => {
  const [username, password] = ['alice@example.com', 'correct horse battery staple']
  const master = deriveMasterKey(engine, username, password).expose()
  const bytes = (fill: number) => new Uint8Array(32).fill(fill)
  const [spaceKey, boardKey, noteKey, wrongKey] = [bytes(1), bytes(2), bytes(3), bytes(4)]
  const seal = (key: Uint8Array, fields: unknown) =>
    encodeBase64(sealEnvelope(engine, key, encodeUtf8(typeof fields === 'string' ? fields : JSON.stringify(fields))))
  const wrap = (by: Uint8Array, key: Uint8Array) => encodeBase64(sealEnvelope(engine, by, key))

  const user = { id: '7', body: seal(master, { privkey: 'x' }) }
  const keychain = [{ id: 'k1', item_id: 's', body: seal(master, { k: encodeBase64(spaceKey) }) }]
  const spaces = [{ id: 's', body: seal(spaceKey, { title: 'Space' }), keys: [] }]
  const boards = [{ id: 'b', body: seal(boardKey, { title: 'Board' }), keys: [{ s: 's', k: wrap(spaceKey, boardKey) }] }]
  const note = { id: 'n', body: seal(noteKey, { title: 'Note', url: null }), keys: [{ s: 's', k: wrap(spaceKey, noteKey) }] as unknown[] }
  const open = (change: object) =>
    openAccount(engine, 'Alice@Example.com', password, { user, keychain, spaces, boards, notes: [note], ...change })

  test('opens from the master key down, keeping the private fields as they were written', () => {
    const opened = open({})
    expect(opened.unreadable).toEqual([])
    expect(opened.notes).toMatchObject([{ id: 'n', data: { title: 'Note', url: null } }])
    expect(opened.notes[0]?.key.expose()).toEqual(noteKey)
    expect(opened.boards[0]?.key.expose()).toEqual(boardKey)
  })

  test.each([
    ['the board’s key alone', { keys: [{ b: 'b', k: wrap(boardKey, noteKey) }] }],
    ['the master key, as number or text', { keys: [{ u: 7, k: wrap(master, noteKey) }] }],
    [
      'the second entry, when the first opens to a wrong key',
      {
        keys: [
          { s: 's', k: wrap(spaceKey, wrongKey) },
          { b: 'b', k: wrap(boardKey, noteKey) },
        ],
      },
    ],
    [
      'entries among unknown kinds, missing k, null and noise',
      { keys: [{ x: 's', k: 'AA==' }, { s: 's' }, null, 5, { s: 'gone', k: 'x' }, ...note.keys] },
    ],
    ['a body without padding', { body: note.body.replace(/=+$/, '') }],
  ])('a note opens by %s', (_, change) => {
    expect(open({ notes: [{ ...note, ...change }] })).toMatchObject({ unreadable: [], notes: [{ id: 'n' }] })
  })

  test.each([
    ['no keys', 'no_wrap', { keys: [] }],
    ['keys that are no list', 'no_wrap', { keys: {} }],
    ['no body', 'damaged', { body: undefined }],
    ['a body that is no base64', 'damaged', { body: '*' }],
    ['private JSON that does not parse', 'damaged', { body: seal(noteKey, '{') }],
    ['private JSON with a byte-order mark', 'damaged', { body: seal(noteKey, '\ufeff{}') }],
    ['private JSON that is no object', 'damaged', { body: seal(noteKey, '[]') }],
    ['only a wrong key', 'wrong_key', { keys: [{ s: 's', k: wrap(spaceKey, wrongKey) }] }],
    ['a wrapped key of 31 bytes', 'wrong_key', { keys: [{ s: 's', k: wrap(spaceKey, noteKey.subarray(1)) }] }],
  ])('a note with %s is listed with the reason, and stops no other', (_, reason, change) => {
    expect(
      open({
        notes: [
          { ...note, ...change },
          { ...note, id: 'other' },
        ],
      }),
    ).toMatchObject({ unreadable: ['n'], failures: [{ id: 'n', kind: 'note', reason }], notes: [{ id: 'other' }] })
  })

  test('a file’s private fields are read from either place, the note’s own winning (§4.4)', () => {
    const file = { body: seal(noteKey, { name: 'old.txt', type: 'text/plain' }) }
    expect(open({ notes: [{ ...note, file }] }).notes[0]?.data.file).toEqual({ name: 'old.txt', type: 'text/plain' })
    const body = seal(noteKey, { title: 'Note', file: { name: 'new.txt' } })
    expect(open({ notes: [{ ...note, body, file }] }).notes[0]?.data.file).toEqual({ name: 'new.txt', type: 'text/plain' })
    expect(open({ notes: [{ ...note, file: {} }] }).unreadable).toEqual([])
  })

  test('of several keychain entries for one object the one with the highest id counts first, then the others (§4.6, §8 trap 23)', () => {
    const entry = (id: string, key: Uint8Array) => ({ id, item_id: 's', body: seal(master, { k: encodeBase64(key) }) })
    expect(open({ keychain: [entry('k2', spaceKey), entry('k1', wrongKey)] }).unreadable).toEqual([])
    expect(open({ keychain: [entry('k1', spaceKey), entry('k2', wrongKey)] }).unreadable).toEqual([])
    expect(open({ keychain: [entry('k1', wrongKey), entry('k2', wrongKey)] }).unreadable).toEqual(['s', 'b', 'n'])
  })

  test('a wrong password is one opaque failure; lists that are none are told apart', () => {
    expect(codeOf(() => openAccount(engine, username, 'wrong', { user, keychain, spaces, boards, notes: [] }))).toBe('auth_failed')
    for (const change of [{ notes: null }, { keychain: [null] }, { user: undefined }])
      expect(codeOf(() => open(change))).toBe('invalid_account')
  })

  test('an id that is no text is taken as its JSON, also one that nothing turns into text', () => {
    const id = { toString: 0 }
    const mixed = [...keychain, { ...keychain[0], id }, { ...keychain[0], item_id: id }] as never
    expect(open({ user: { ...user, id }, keychain: mixed, notes: [{ ...note, id }] })).toMatchObject({ unreadable: [], failures: [] })
    expect(open({ notes: [{ ...note, id, keys: [] }] }).unreadable).toEqual(['{"toString":0}'])
  })

  test('e-mails are lowercased without a locale, and nothing else; passwords are taken as they are', () => {
    expect(normaliseUsername('  İALICE@ΝΙΚΟΣ.GR ')).toBe('  i̇alice@νικοσ.gr ')
    expect(deriveMasterKey(engine, 'ALICE@EXAMPLE.COM', password).expose()).toEqual(master)
    expect(deriveMasterKey(engine, username, `${password} `).expose()).not.toEqual(master)
    expect(deriveAuthToken(engine, 'Alice@example.com', password)).toBe(deriveAuthToken(engine, username, password))
    expect(deriveAuthToken(engine, username, password)).toMatch(/^000601000c[0-9a-f]{312}$/)
  })

  test('an invite or a login token of another shape is refused with a typed code', () => {
    expect(codeOf(() => openInvite(engine, {} as never, null))).toBe('invalid_invite')
    expect(codeOf(() => openInvite(engine, { body: '*' }, null))).toBe('invalid_base64')
    expect(codeOf(() => openLoginToken(engine, ''))).toBe('truncated')
    expect(codeOf(() => openLoginToken(engine, '_-8='))).toBe('invalid_base64')
  })
})
