/** Accounts from before 0.7, as a dump: written with node:crypto, read by the command. */
import { createCipheriv } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { encodeBase64, encodeUtf8 } from '@holdfast/base'
import { deriveLegacyLoginV1 } from '@holdfast/keys/turtl-legacy'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { Desk } from './run'

const [USERNAME, PASSWORD] = ['Alice@Example.com', 'correct horse battery staple']
const oldId = (n: number) => `5555555${n}`.padEnd(24, '0')
const keyOf = (id: string) => encodeUtf8(id.slice(0, 8).repeat(4))

/** Version 5 (turtl appendix A): AES-256-GCM with a 16-byte IV, the header as AAD, a marker before the plaintext. */
function seal(key: Uint8Array, plaintext: Uint8Array): Buffer {
  const header = Buffer.concat([Buffer.from([0, 5, 2, 0, 1]), Buffer.alloc(16, 7)])
  const cipher = createCipheriv('aes-256-gcm', key, header.subarray(5)).setAAD(header)
  return Buffer.concat([header, cipher.update(Buffer.concat([Buffer.from([42]), plaintext])), cipher.final(), cipher.getAuthTag()])
}

const sealJson = (key: Uint8Array, fields: object) => seal(key, encodeUtf8(JSON.stringify(fields))).toString('base64')

let dump: string
let desk: Desk
beforeAll(async () => {
  const [board, note, withFile, damaged] = [oldId(1), oldId(2), oldId(3), oldId(4)]
  const { key } = await deriveLegacyLoginV1(crypto.subtle, USERNAME, PASSWORD)
  const entry = (id: string) => ({
    id: `9${id.slice(1)}`,
    item_id: id,
    body: key.use((bytes) => sealJson(bytes, { k: encodeBase64(keyOf(id)) })),
  })
  dump = JSON.stringify({
    user: { id: 7, username: USERNAME },
    keychain: [board, note, withFile, damaged].map(entry),
    boards: [{ id: board, user_id: 7, body: sealJson(keyOf(board), { title: 'Recipes' }) }],
    notes: [
      {
        id: note,
        user_id: 7,
        boards: [board],
        mod: 1_400_000_000,
        body: sealJson(keyOf(note), { type: 'text', title: 'Paella', text: 'Saffron ☠' }),
      },
      {
        id: withFile,
        user_id: 7,
        boards: [],
        body: sealJson(keyOf(withFile), { type: 'image', title: 'Photo' }),
        file: { body: sealJson(keyOf(withFile), { name: 'a photo.png', type: 'image/png' }) },
      },
      { id: damaged, user_id: 7, boards: [], body: sealJson(keyOf(note), { type: 'text' }) },
    ],
  })
})
beforeEach(async () => {
  desk = await Desk.make()
  await desk.write({ 'old.json': dump, [`files/u_7.n_${oldId(3)}.enc`]: seal(keyOf(oldId(3)), encodeUtf8('the photo')) })
})
afterEach(() => desk.clear())

const run = (password: string, ...options: string[]) =>
  desk.run(['turtl', 'export', desk.path('out'), '--dump', desk.path('old.json'), '--password-stdin', '--json', ...options], {
    stdin: password,
  })

test('everything comes into a space of today, files too, and what does not open is listed', async () => {
  const { code, json } = await run(PASSWORD)
  expect(json()).toMatchObject({ complete: false, spaces: 1, boards: 1, notes: 2, attachments: 1 })
  expect(json().problems).toMatchObject([{ kind: 'note', id: oldId(4), reason: 'auth_failed' }])
  expect(code).toBe(6)
  expect(await readFile(desk.path('out/Imported/Recipes/Paella.md'), 'utf8')).toMatch(/\n---\n\nSaffron ☠\n$/)
  expect(await readFile(desk.path('out/Imported/attachments/a photo.png'), 'utf8')).toBe('the photo')
})

test('a file that is gone is listed, by its note of today', async () => {
  const { json } = await run(PASSWORD, '--files', desk.root)
  expect(json()).toMatchObject({ notes: 2, attachments: 0, problems: [{ kind: 'note' }, { kind: 'attachment', reason: 'missing' }] })
})

test('another password, and the e-mail in another case than it was typed then, open nothing', async () => {
  expect((await run('another')).json().error.code).toBe('turtl_wrong_password')
  expect((await run(PASSWORD, '--email', 'ALICE@example.com')).json().error.code).toBe('turtl_wrong_password')
})
