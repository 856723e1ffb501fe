import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attestationRequestHash } from '../../src/index'
import { canonicalJson } from '../../src/world/attestation'
import { codeOf } from '../refusal'

describe('attestation request hash (world-backup-client §9.5, §17)', () => {
  const hash = (path: string, body: string) => attestationRequestHash({ method: 'POST', path, body })
  const authorization = '"authorization":{"signature":"s","kind":"EC_KEYPAIR","publicKey":"p"}'

  test.each([
    [
      '84b993aa3b92868f53ee71c5c66f227fed9d9815da064da7de4cbda77859132c',
      `{"scope":"MAIN","factorId":"f-1",${authorization},"challengeToken":"t","encryptionKey":null}`,
    ],
    [
      '4b53df59a1fc7a80a20b17e65387fc7f8386c8c4f6e96a02a6998050d70a6359',
      `{${authorization},"challengeToken":"t","factorId":"f-1","encryptionKey":{"kind":"TURNKEY","encryptedKey":"ek","turnkeyAccountId":"a","turnkeyUserId":"u","turnkeyPrivateKeyId":"k"},"scope":"MAIN"}`,
    ],
  ])('the known answer %s', (expected, body) => expect(hash('/v1/delete-factor', body)).toBe(expected))

  test('an empty body is left out', () => {
    expect(hash('/v1/x', '')).toBe('28485c5f907af1176bd4ba0b35529a7f8539f9013744a63155a0ae11baf6c9ae')
  })

  test.each([
    ['{"b":1,"a":{"d":null,"c":2}}', '{"a":{"c":2},"b":1}'],
    ['{"10":1,"9":2,"1":3}', '{"1":3,"10":1,"9":2}'],
    ['{"😀":1,"～":2}', '{"～":2,"😀":1}'],
    ['{"d":1,"d":2}', '{"d":2}'],
    ['{"d":1,"d":null}', '{}'],
    ['[null,{"a":null}]', '[null,{}]'],
    ['null', 'null'],
    [' {"n" : 1.0 , "m" : 1e2}', '{"m":100.0,"n":1.0}'],
    ['"\\u0041\\/\\u001f\\u007f\u2028"', '"A/\\u001f\u007f\u2028"'],
  ])('%s is hashed as %s', (body, canonical) => expect(canonicalJson(body)).toBe(canonical))

  test('members may come in any order', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue(), { noNullPrototype: true }), (object) => {
        const turned = Object.fromEntries(Object.entries(object).reverse())
        expect(canonicalJson(JSON.stringify(turned))).toBe(canonicalJson(JSON.stringify(object)))
      }),
    )
  })

  test('a canonical text is its own canonical text', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        fc.pre(!/\d[.eE]/.test(json)) // doubles are read by a path that rounds twice
        expect(canonicalJson(canonicalJson(json))).toBe(canonicalJson(json))
      }),
    )
  })

  test.each(['{bad', ' ', '"\\ud800"', '{"\\ud800":1}', '1e400', `${'['.repeat(128)}${']'.repeat(128)}`])('%j is refused', (body) => {
    expect(codeOf(() => hash('/v1/x', body))).toBe('invalid_json')
  })

  test('127 levels are read', () => expect(canonicalJson(`${'['.repeat(127)}${']'.repeat(127)}`)).toHaveLength(254))
})
