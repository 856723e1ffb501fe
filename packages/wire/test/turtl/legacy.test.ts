import { decodeHex, encodeHex, encodeUtf8, HoldfastError } from '@holdfast/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openLegacy } from '../../src/turtl/legacy/open-legacy'
import { type Padding, pad, writeVersion0, writeVersion5, writeWithMac } from './legacy-writer'

const { subtle } = crypto
const key = decodeHex('80ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1cfdfe')
const iv = decodeHex('a0a1a2a3a4a5a6a7a8a9aaabacadaeaf')
const hello = encodeUtf8('{"title":"hello ☠"}')
const PADDINGS = ['ansi-x923', 'pkcs7'] as const
const descriptionOf = (padding: Padding) => [0, 0, PADDINGS.indexOf(padding), 0]
const marked = (plaintext: Uint8Array) => Buffer.concat([Buffer.from([0x2a]), plaintext])
const base64 = (blob: Buffer) => Buffer.from(blob.toString('base64'))

/** The code of a refusal. A rejection that is no `HoldfastError` goes through; success is `undefined`. */
async function codeOf(opening: Promise<unknown>): Promise<string | undefined> {
  try {
    await opening
    return undefined
  } catch (error) {
    if (error instanceof HoldfastError) return error.code
    throw error
  }
}

function write(version: number, padding: Padding, plaintext: Uint8Array, withKey: Uint8Array = key): Buffer {
  if (version === 0) return writeVersion0({ key: withKey, iv }, pad(plaintext, padding))
  if (version === 5) return writeVersion5({ key: withKey, iv, plaintext: marked(plaintext) })
  return writeWithMac(version, { key: withKey, iv }, descriptionOf(padding), pad(version === 4 ? marked(plaintext) : plaintext, padding))
}

const everyVersion = [0, 1, 2, 3, 4, 5].flatMap((version) => PADDINGS.map((padding) => [version, padding] as const))

describe('Turtl formats before 0.7 (turtl appendix A)', () => {
  test.each(everyVersion)('version %i, padded by %s, opens to what was sealed', async (version, padding) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 80 }), async (anyKey, plaintext) => {
        expect(await openLegacy(subtle, anyKey, write(version, padding, plaintext, anyKey))).toEqual(new Uint8Array(plaintext))
      }),
      { numRuns: 40 },
    )
  })

  test.each(everyVersion)('version %i, padded by %s, opens as base64 text too, with and without its padding', async (version, padding) => {
    const text = base64(write(version, padding, hello))
    expect(await openLegacy(subtle, key, text)).toEqual(hello)
    expect(await openLegacy(subtle, key, Buffer.from(text.toString().replace(/=+$/, '')))).toEqual(hello)
  })

  test.each(everyVersion)('version %i, padded by %s, opens with a key that was kept as text', async (version, padding) => {
    const keyAsText = encodeUtf8(String.fromCodePoint(...key))
    expect(keyAsText.length).toBe(36)
    expect(await openLegacy(subtle, keyAsText, write(version, padding, hello))).toEqual(hello)
  })

  test.each([
    ['31 bytes', key.subarray(1), 'invalid_argument'],
    ['nothing', new Uint8Array(0), 'invalid_argument'],
    ['33 bytes of ASCII', new Uint8Array(33).fill(65), 'invalid_argument'],
    ['text of 31 code points', encodeUtf8(String.fromCodePoint(...key.subarray(1))), 'invalid_argument'],
    ['text with a code point above 255', encodeUtf8(`${String.fromCodePoint(...key.subarray(1))}☠`), 'invalid_argument'],
    ['33 bytes that are no text', new Uint8Array(33).fill(255), 'invalid_utf8'],
  ])('a key of %s is refused, in every version', async (_, badKey, code) => {
    for (const [version, padding] of everyVersion)
      expect(await codeOf(openLegacy(subtle, badKey, write(version, padding, hello)))).toBe(code)
  })

  test('neither key nor ciphertext are changed, and the plaintext is not a view of them', async () => {
    const [sealed, lent] = [new Uint8Array(write(4, 'pkcs7', hello)), new Uint8Array(key)]
    const [before] = [encodeHex(sealed)]
    const opened = await openLegacy(subtle, lent, sealed)
    opened.fill(0)
    expect([encodeHex(sealed), encodeHex(lent)]).toEqual([before, encodeHex(key)])
  })

  test('what the caller writes into the ciphertext while it is opened has no effect', async () => {
    const sealed = write(5, 'pkcs7', hello)
    const opening = openLegacy(subtle, key, sealed)
    sealed.fill(0)
    expect(await opening).toEqual(hello)
  })

  describe('versions 1 to 4', () => {
    test('of version plus description length, the first decimal digit alone goes into the MAC', async () => {
      const description = [0, 0, 1, 0, 7, 7]
      const sealed = writeWithMac(4, { key, iv }, description, pad(marked(hello), 'pkcs7')) // 4 + 6 = 10: '1'
      expect(await openLegacy(subtle, key, sealed)).toEqual(hello)
    })

    test('another version on the same bytes does not authenticate', async () => {
      const sealed = write(4, 'pkcs7', hello)
      sealed[1] = 3
      expect(await codeOf(openLegacy(subtle, key, sealed))).toBe('auth_failed')
    })

    test.each([0, 17, 32, 255])('an authentic plaintext whose last byte is %i has no possible padding', async (last) => {
      const blocks = Buffer.alloc(32, 9)
      blocks[31] = last
      expect(await codeOf(openLegacy(subtle, key, writeWithMac(3, { key, iv }, [0, 0, 0, 0], blocks)))).toBe('invalid_padding')
    })

    test('version 4 without a marker byte is truncated', async () => {
      const sealed = writeWithMac(4, { key, iv }, [0, 0, 1, 0], pad(new Uint8Array(0), 'pkcs7'))
      expect(await codeOf(openLegacy(subtle, key, sealed))).toBe('truncated')
    })

    test.each([
      ['cipher', [1, 0, 0, 0]],
      ['block mode', [0, 1, 0, 0]],
      ['padding', [0, 0, 2, 0]],
      ['key derivation', [0, 0, 0, 1]],
      ['description of two bytes', [0, 0]],
    ])('an unknown %s is told apart before the key is used', async (_, description) => {
      const sealed = writeWithMac(4, { key, iv }, description, pad(marked(hello), 'pkcs7'))
      expect(await codeOf(openLegacy(subtle, new Uint8Array(0), sealed))).toBe('unsupported_algorithm')
    })
  })

  describe('version 5', () => {
    test.each([
      ['cipher', [1, 1]],
      ['block mode', [0, 0]],
    ])('an unknown %s is told apart before the key is used', async (_, description) => {
      const sealed = writeVersion5({ key, iv, plaintext: marked(hello) }, description)
      expect(await codeOf(openLegacy(subtle, new Uint8Array(0), sealed))).toBe('unsupported_algorithm')
    })

    test('without a marker byte it is truncated', async () => {
      expect(await codeOf(openLegacy(subtle, key, writeVersion5({ key, iv, plaintext: new Uint8Array(0) })))).toBe('truncated')
    })
  })

  test.each([1, 2, 3, 4, 5])(
    'version %i: a changed bit anywhere is refused; behind the description as one opaque failure',
    async (version) => {
      const sealed = write(version, 'pkcs7', hello)
      const ivAt = version === 5 ? 5 : 39
      for (let bit = 0; bit < 8 * sealed.length; bit++) {
        const damaged = new Uint8Array(sealed)
        damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const code = await codeOf(openLegacy(subtle, key, damaged))
        if (bit >> 3 >= ivAt) expect(code).toBe('auth_failed')
        else expect(code).toBeDefined()
      }
    },
  )

  test.each([1, 2, 3, 4, 5])('version %i: the wrong key is one opaque failure', async (version) => {
    expect(await codeOf(openLegacy(subtle, new Uint8Array(32), write(version, 'pkcs7', hello)))).toBe('auth_failed')
  })

  test.each(everyVersion)('version %i, padded by %s, cut short anywhere is refused', async (version, padding) => {
    const sealed = write(version, padding, hello)
    for (let length = 0; length < sealed.length; length++)
      expect(await codeOf(openLegacy(subtle, key, sealed.subarray(0, length)))).toBeDefined()
  })

  describe('version 0', () => {
    const sealed = write(0, 'ansi-x923', hello).toString()

    test('proves nothing: a changed IV changes the plaintext', async () => {
      const changed = sealed.replace(':ia0', ':ia1')
      expect(await openLegacy(subtle, key, encodeUtf8(changed))).toEqual(encodeUtf8(`z${'"title":"hello ☠"}'}`))
    })

    test.each([0, 17, 33, 255])('a plaintext whose last byte is %i has no possible padding', async (last) => {
      const blocks = Buffer.alloc(32, 9)
      blocks[31] = last
      expect(await codeOf(openLegacy(subtle, key, writeVersion0({ key, iv }, blocks)))).toBe('invalid_padding')
    })

    test.each([
      ['without an IV', sealed.slice(0, -32), 'invalid_iv'],
      ['with an IV of 15 bytes', sealed.slice(0, -2), 'invalid_iv'],
      ['with an IV that is not hex', sealed.replace(':ia0', ':izz'), 'invalid_hex'],
      ['with bytes behind the IV', `${sealed}00`, 'invalid_iv'],
      ['without a ciphertext', sealed.slice(sealed.indexOf(':')), 'truncated'],
      ['with half a block', `${Buffer.alloc(8).toString('base64')}${sealed.slice(sealed.indexOf(':'))}`, 'truncated'],
      ['with a ciphertext that is not base64', `*${sealed.slice(1)}`, 'invalid_base64'],
    ])('%s is refused before the key is used', async (_, text, code) => {
      expect(await codeOf(openLegacy(subtle, new Uint8Array(0), encodeUtf8(text)))).toBe(code)
    })
  })

  test.each([
    ['a v6 envelope', Buffer.from('000601000c070000004041424344454647', 'hex'), 'unsupported_version'],
    [
      'the text of a v6 envelope',
      Buffer.from('AAYBAAwHAAAAQEFCQ0RFRkcyzgVLZS0J4qPLJVIaHiKPd3Ed9UXb7KeQZdMskelbHT1e/xgy'),
      'unsupported_version',
    ],
    ['a version of 2000', Buffer.from('07d0', 'hex'), 'unsupported_version'],
    ['base64 of other text', base64(Buffer.from('hello')), 'unsupported_version'],
    ['other text', Buffer.from('hello, world'), 'invalid_base64'],
    ['a blob without a version', Buffer.from([0]), 'truncated'],
    ['nothing', Buffer.alloc(0), 'truncated'],
  ])('%s is refused', async (_, serialized, code) => {
    expect(await codeOf(openLegacy(subtle, key, serialized))).toBe(code)
  })

  test('any bytes at all are opened or refused with a typed error', async () => {
    const version = fc.constantFrom(0, 1, 2, 3, 4, 5, 6)
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 120 }),
      fc.tuple(version, fc.uint8Array({ maxLength: 120 })).map(([first, rest]) => new Uint8Array([0, first, ...rest])),
      fc.string({ unit: 'binary', maxLength: 60 }).map((text) => encodeUtf8(`${text}:i${encodeHex(iv)}`)),
    )
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 31, maxLength: 40 }), noise, async (anyKey, bytes) => {
        await codeOf(openLegacy(subtle, anyKey, bytes))
      }),
      { numRuns: 500 },
    )
  })
})
