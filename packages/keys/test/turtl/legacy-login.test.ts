import { createCipheriv, createHash, pbkdf2Sync } from 'node:crypto'
import { decodeUtf8, encodeHex, encodeUtf8 } from '@holdfast/base'
import { openLegacy } from '@holdfast/wire/turtl-legacy'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deriveLegacyLogins, deriveLegacyLoginV0, deriveLegacyLoginV1, legacyWords } from '../../src/turtl/legacy-login'

const { subtle } = crypto
const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex')

/** `words` as the appendix states it, over unbounded integers. */
function words(text: string): Buffer {
  const groups = Array.from({ length: Math.ceil(text.length / 4) }, (_, group) => text.slice(4 * group, 4 * group + 4))
  const bytes = groups.map((group) => {
    let word = 0n
    for (let i = 0; i < group.length; i++) word = ((word << 8n) | BigInt(group.charCodeAt(i))) & 0xffffffffn
    word = (word << BigInt(8 * (4 - group.length))) & 0xffffffffn
    return Buffer.from(word.toString(16).padStart(8, '0'), 'hex')
  })
  return Buffer.concat(bytes).subarray(0, text.length)
}

function version1(username: string, password: string) {
  const key = pbkdf2Sync(words(password), sha256(username), 100_000, 32, 'sha256')
  const iv = Buffer.from(sha256(password + username).slice(0, 16), 'latin1')
  const record = `${sha256(password)}:${sha256(username)}`
  const marker = Math.floor(Number(`0x${record[18]}${record[19]}`) / 2)
  const header = Buffer.concat([Buffer.from('0005020001', 'hex'), iv])
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(header)
  const sealed = [cipher.update(Buffer.from([marker])), cipher.update(record), cipher.final(), cipher.getAuthTag()]
  return { key: key.toString('hex'), authToken: Buffer.concat([header, ...sealed]).toString('base64') }
}

function version0(username: string, password: string) {
  const key = pbkdf2Sync(words(password), `${username}:a_pinch_of_salt`, 400, 32, 'sha1')
  const iv = Buffer.from(`${username}4c281987249be78a`, 'utf8').subarray(0, 16)
  const record = Buffer.from(`${sha256(password)}:${username}`)
  const padded = Buffer.alloc(16 * Math.floor(record.length / 16) + 16)
  record.copy(padded)
  padded[padded.length - 1] = padded.length - record.length
  const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  const ciphertext = Buffer.concat([cipher.update(padded), cipher.final()])
  return { key: key.toString('hex'), authToken: `${ciphertext.toString('base64')}:i${iv.toString('hex')}` }
}

const accounts: [username: string, password: string][] = [
  ['andrew', 'duck'],
  ['Alice@Example.com', 'correct horse battery staple'],
  ['a', ''],
  ['exactly-sixteen-', 'four'],
  ['jürgen@example.org', 'pässwörd ☠ 鍵🔑'],
]

describe('the logins before Turtl 0.7 (turtl appendix A)', () => {
  test.each(accounts)('version 1 of %s', async (username, password) => {
    const login = await deriveLegacyLoginV1(subtle, username, password)
    expect({ key: login.key.use(encodeHex), authToken: login.authToken }).toEqual(version1(username, password))
  })

  test.each(accounts)('version 0 of %s', async (username, password) => {
    const login = await deriveLegacyLoginV0(subtle, username, password)
    expect({ key: login.key.use(encodeHex), authToken: login.authToken }).toEqual(version0(username, password))
  })

  test.each(accounts)('the tokens of %s are old ciphertexts under the login key', async (username, password) => {
    const one = await deriveLegacyLoginV1(subtle, username, password)
    const zero = await deriveLegacyLoginV0(subtle, username, password)
    const open = async ({ key, authToken }: typeof one) => decodeUtf8(await openLegacy(subtle, key.expose(), encodeUtf8(authToken)))
    expect(await open(one)).toBe(`${sha256(password)}:${sha256(username)}`)
    expect(await open(zero)).toBe(`${sha256(password)}:${username}`)
  })

  test('are tried as 1, 0, and both again with the lowercased username', async () => {
    const tried: [number, string][] = []
    for await (const { version, username } of deriveLegacyLogins(subtle, 'Bob', 'secret')) tried.push([version, username])
    expect(tried).toEqual([
      [1, 'Bob'],
      [0, 'Bob'],
      [1, 'bob'],
      [0, 'bob'],
    ])
  })

  test('a username in lower case is tried once', async () => {
    const tried: number[] = []
    for await (const { version } of deriveLegacyLogins(subtle, 'bob', 'secret')) tried.push(version)
    expect(tried).toEqual([1, 0])
  })

  test('a login that is not asked for is not derived', async () => {
    let derived = 0
    const counting = {
      importKey: (...args: Parameters<SubtleCrypto['importKey']>) => subtle.importKey(...args),
      encrypt: (...args: Parameters<SubtleCrypto['encrypt']>) => subtle.encrypt(...args),
      deriveBits: (...args: Parameters<SubtleCrypto['deriveBits']>) => {
        derived++
        return subtle.deriveBits(...args)
      },
    } as SubtleCrypto
    for await (const { version } of deriveLegacyLogins(counting, 'Bob', 'secret')) {
      expect([version, derived]).toEqual([1, 1])
      break
    }
    expect(derived).toBe(1)
  })

  test('the key does not show when the login is printed', async () => {
    const login = await deriveLegacyLoginV0(subtle, 'bob', 'secret')
    expect(JSON.stringify(login)).not.toContain(login.key.use(encodeHex))
  })

  describe('words(password)', () => {
    test.each([
      ['', ''],
      ['abc', '616263'],
      ['abcde', '6162636465'],
      ['é', 'e9'],
      ['☠', '20'], // 0x2620 shifted left by 24 bits
      ['a☠', '6720'], // 0x61 and the overflow 0x26 in one byte
      ['ab☠d', '61662064'],
    ])('of %j are %s', (text, hex) => {
      expect(encodeHex(legacyWords(text))).toBe(hex)
    })

    test('are the plain bytes of ASCII, and the appendix over unbounded integers for anything else', () => {
      const ascii = fc.array(fc.nat({ max: 0x7f })).map((codes) => String.fromCharCode(...codes))
      fc.assert(
        fc.property(ascii, (text) => {
          expect(encodeHex(legacyWords(text))).toBe(Buffer.from(text, 'latin1').toString('hex'))
        }),
      )
      const units = fc.array(fc.nat({ max: 0xffff })).map((codes) => String.fromCharCode(...codes))
      fc.assert(
        fc.property(units, (text) => {
          expect(encodeHex(legacyWords(text))).toBe(words(text).toString('hex'))
        }),
      )
    })
  })
})
