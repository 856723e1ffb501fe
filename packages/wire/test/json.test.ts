import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Json, parseJson } from '../src/index'
import { printNumber, readDouble } from '../src/json-number'
import { codeOf } from './refusal'

function plain(json: Json): unknown {
  switch (json.kind) {
    case 'object':
      return Object.fromEntries(json.members.map(({ key, value }) => [key.text, plain(value)]))
    case 'array':
      return json.items.map(plain)
    case 'string':
      return json.text
    case 'number':
      return Number(json.text)
    default:
      return json.value
  }
}

describe('JSON reader', () => {
  test('reads every text that JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'))
        expect(plain(parseJson(JSON.stringify(value), 'text'))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  test('keeps duplicates, the order of members and the text of numbers', () => {
    expect(parseJson('{"b":1.0,"a":-0,"b":1e999}', 'text')).toEqual({
      kind: 'object',
      members: [
        ['b', '1.0'],
        ['a', '-0'],
        ['b', '1e999'],
      ].map(([text, number]) => ({ key: { kind: 'string', text, wellFormed: true }, value: { kind: 'number', text: number } })),
    })
  })

  test('says which strings hold a lone surrogate', () => {
    expect(parseJson('["\\ud83d\\ude00","\\ud800","\\ude00\\ud83d"]', 'text')).toMatchObject({
      items: [{ wellFormed: true }, { wellFormed: false }, { wellFormed: false }],
    })
  })

  test.each([
    ['', 'nothing'],
    ['\ufeff{}', 'a byte-order mark'],
    ['{}\u000b', 'white space that is not JSON’s'],
    ['\u00a01', 'a no-break space'],
    ['[1,]', 'a trailing comma'],
    ['{"a":1}{}', 'two values'],
    ['01', 'a leading zero'],
    ['1.', 'a point without digits'],
    ['.5', 'a point first'],
    ['+1', 'a plus sign'],
    ['1e', 'an exponent without digits'],
    ['NaN', 'NaN'],
    ['"\u0001"', 'a raw control character'],
    ['"\\x"', 'an unknown escape'],
    ['"\\u12g4"', 'a bad escape'],
    ['{a:1}', 'a bare key'],
    ["'a'", 'single quotes'],
    ['/**/1', 'a comment'],
    ['[', 'an open array'],
    [`${'['.repeat(100_000)}`, 'an attack on the stack'],
  ])('refuses %j: %s', (text) => {
    expect(codeOf(() => parseJson(text, 'text'))).toBe('invalid_json')
  })

  test('reads 500 levels', () => {
    expect(codeOf(() => parseJson(`${'['.repeat(500)}${']'.repeat(500)}`, 'text'))).toBeUndefined()
  })
})

describe('numbers, as the reference prints them', () => {
  // Recorded from the reference's JSON library (world-backup-client §9.5: what is hashed is the printed form).
  test.each([
    ['0', '0'],
    ['-0', '-0.0'],
    ['1.0', '1.0'],
    ['1e2', '100.0'],
    ['1E+2', '100.0'],
    ['0.1', '0.1'],
    ['1e-7', '1e-7'],
    ['1e15', '1000000000000000.0'],
    ['1e16', '1e+16'],
    ['1e21', '1e+21'],
    ['18446744073709551615', '18446744073709551615'],
    ['18446744073709551616', '1.8446744073709552e+19'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['-9223372036854775809', '-9.223372036854776e+18'],
    ['9007199254740993', '9007199254740993'],
    ['-8.3798214329e98', '-8.379821432899999e+98'],
    ['-5.2227053089788285e-23', '-5.222705308978829e-23'],
    ['-1.7976931348623151e308', '-1.7976931348623153e+308'],
    ['1e-400', '0.0'],
  ])('%s is %s', (text, printed) => expect(printNumber(text)).toBe(printed))

  test.each(['1e400', '-1e400', '1e999', `1${'0'.repeat(400)}`, '1e99999999999'])('%s is out of range', (text) => {
    expect(printNumber(text)).toBeUndefined()
    expect(readDouble(text)).toBeUndefined()
  })

  test('an integer of 64 bits is itself', () => {
    fc.assert(fc.property(fc.bigInt(-(1n << 63n), (1n << 64n) - 1n), (integer) => printNumber(String(integer)) === String(integer)))
  })

  test('a decimal of up to 15 digits is read as `Number` reads it', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: -15, max: 15 }),
        (n, power) => readDouble(`${n}e${power}`) === Number(`${n}e${power}`) + 0,
      ),
    )
  })
})
