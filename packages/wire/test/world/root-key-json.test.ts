import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeRootKey, encodeRootKey } from '../../src/index'
import { codeOf } from '../refusal'

const HEX = '8434d1f0b7d469491d624ff6934d246131366d3a095a82d5fdfbfa920d5da483'
const V1 = `{"version":"V1","key":"${HEX}"}`

describe('root key JSON (world-backup-client §5.1, §17)', () => {
  test('V0 keeps any well-formed text verbatim; canonical text is a fixed point', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (key) => {
        const json = encodeRootKey({ version: 'V0', key })
        expect(decodeRootKey(json)).toEqual({ version: 'V0', key })
        expect(encodeRootKey(decodeRootKey(json))).toBe(json)
      }),
    )
  })

  test.each([
    ['upper-case hex, written in lowercase', V1.replace(HEX, HEX.toUpperCase())],
    ['the key first', `{"key":"${HEX}","version":"V1"}`],
    ['white space', ` \t\r\n${V1}\n`],
    ['unknown members, duplicates among them', `{"x":1,"x":2,"version":"V1","key":"${HEX}"}`],
    ['escapes', `{"\\u0076ersion":"\\u00561","key":"${HEX}"}`],
    ['a unit variant as an object', `{"version":{"V1":null},"key":"${HEX}"}`],
    ['the two in an array', `["V1","${HEX}"]`],
    ['1e999 in an unknown member', `{"version":"V1","key":"${HEX}","n":1e999}`],
    ['a lone surrogate in an unknown member', `{"version":"V1","key":"${HEX}","n":"\\ud800"}`],
    ['500 levels in an unknown member', `{"n":${'['.repeat(500)}${']'.repeat(500)},"key":"${HEX}","version":"V1"}`],
  ])('takes %s', (_, json) => expect(encodeRootKey(decodeRootKey(json))).toBe(V1))

  test.each([
    ['another version', V1.replace('V1', 'V2')],
    ['a lowercase version', V1.replace('V1', 'v1')],
    ['a duplicate key', `{"version":"V1","key":"${HEX}","key":"${HEX}"}`],
    ['a duplicate version', `{"version":"V1","version":"V1","key":"${HEX}"}`],
    ['a key that is no text', '{"version":"V0","key":1}'],
    ['a missing key', '{"version":"V1"}'],
    ['a missing version', `{"key":"${HEX}"}`],
    ['a byte-order mark', `\ufeff${V1}`],
    ['trailing text', `${V1}x`],
    ['a prefix', V1.replace(HEX, `0x${HEX}`)],
    ['31 bytes', V1.replace(HEX, HEX.slice(2))],
    ['33 bytes', V1.replace(HEX, `${HEX}00`)],
    ['digits that are not ASCII', V1.replace(/4/g, '４')],
    ['bare hex', HEX],
    ['a lone surrogate in the key', '{"version":"V0","key":"\\ud800"}'],
    ['a lone surrogate in the name of a member', `{"\\ud800":1,"version":"V1","key":"${HEX}"}`],
    ['a variant of two', `{"version":{"V1":null,"V0":null},"key":"${HEX}"}`],
    ['a variant with content', `{"version":{"V1":1},"key":"${HEX}"}`],
    ['a variant as an object inside an array', `[{"V1":null},"${HEX}"]`],
    ['three in an array', `["V1","${HEX}",1]`],
    ['one in an array', '["V1"]'],
    ['nothing', ''],
  ])('refuses %s', (_, json) => expect(codeOf(() => decodeRootKey(json))).toBe('invalid_root_key'))

  test('a refusal never quotes the text', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{16,40}$/), (secret) => {
        for (const json of [secret, `{"version":"V1","key":"${secret}"}`, `{"version":"V0","key":"${secret}"`]) {
          try {
            decodeRootKey(json)
          } catch (error) {
            expect(inspect(error, { depth: 9, showHidden: true }).replaceAll(/^\s+at .*$/gm, '')).not.toContain(secret)
          }
        }
      }),
    )
  })
})
