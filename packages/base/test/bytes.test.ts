import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  concatBytes,
  decodeBase64,
  decodeHex,
  decodeUtf8,
  encodeBase64,
  encodeBase64Url,
  encodeHex,
  encodeUtf8,
  equalBytes,
} from '../src/index'

const bytes = fc.uint8Array({ maxLength: 300 })

describe('hex', () => {
  test('decodes what it encodes, as Buffer does', () => {
    fc.assert(
      fc.property(bytes, (input) => {
        expect(encodeHex(input)).toBe(Buffer.from(input).toString('hex'))
        expect(decodeHex(encodeHex(input))).toEqual(new Uint8Array(input))
      }),
    )
  })

  test('reads either case', () => expect(decodeHex('aBCdEf')).toEqual(new Uint8Array([0xab, 0xcd, 0xef])))

  test.each(['0', '0x00', '0g', ' 00', '００'])('refuses %j', (text) => {
    expect(() => decodeHex(text)).toThrow(expect.objectContaining({ code: 'invalid_hex' }))
  })
})

describe('base64 (RFC 4648 §4)', () => {
  test('decodes what it encodes, as Buffer does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20_000 }), (input) => {
        expect(encodeBase64(input)).toBe(Buffer.from(input).toString('base64'))
        expect(encodeBase64Url(input)).toBe(Buffer.from(input).toString('base64url'))
        expect(decodeBase64(encodeBase64(input))).toEqual(new Uint8Array(input))
      }),
    )
  })

  test.each(['AA', 'AA=', 'AAA', 'AB==', 'AAB=', 'A===', '====', 'A', 'AA==\n', '_-8=', 'AA==AA==', '=AAA', 'AA=A'])(
    'refuses %j',
    (text) => {
      expect(() => decodeBase64(text)).toThrow(expect.objectContaining({ code: 'invalid_base64' }))
    },
  )

  test('takes unpadded text only where asked to', () => {
    expect(decodeBase64('AA', 'text', 'optional')).toEqual(new Uint8Array(1))
    expect(() => decodeBase64('AA=', 'text', 'optional')).toThrow(expect.objectContaining({ code: 'invalid_base64' }))
  })
})

describe('UTF-8', () => {
  test('decodes what it encodes and keeps a byte-order mark', () => {
    expect(decodeUtf8(encodeUtf8('\ufeffhéllo ☠'))).toBe('\ufeffhéllo ☠')
  })

  test('refuses malformed bytes', () => {
    expect(() => decodeUtf8(new Uint8Array([0xc0, 0x80]))).toThrow(expect.objectContaining({ code: 'invalid_utf8' }))
  })
})

test('concatBytes joins and equalBytes compares', () => {
  const whole = concatBytes(new Uint8Array([1]), new Uint8Array(), new Uint8Array([2, 3]))
  expect(equalBytes(whole, new Uint8Array([1, 2, 3]))).toBe(true)
  expect(equalBytes(whole, new Uint8Array([1, 2, 4]))).toBe(false)
  expect(equalBytes(whole, new Uint8Array([1, 2]))).toBe(false)
})
