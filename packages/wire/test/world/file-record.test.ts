import { concatBytes, decodeHex, encodeHex, encodeUtf8 } from '@holdfast/base'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DESIGNATORS } from '../../src/index'
import { describeOnEveryEngine } from '../every-engine'
import { codeOf } from '../refusal'

const text = (value: string) => encodeHex(concatBytes(new Uint8Array([0x60 + value.length]), encodeUtf8(value)))

describeOnEveryEngine('file record (world-backup-client §3.3, §17)', (engine) => {
  const sum = encodeHex(engine.hash.blake3(new Uint8Array([0, 23, 24, 255])))
  const integers = (hex: string) =>
    encodeHex(concatBytes(...[...decodeHex(hex)].map((byte) => (byte < 24 ? new Uint8Array([byte]) : new Uint8Array([0x18, byte])))))
  const data = `${text('data')}8400171818 18ff`.replace(' ', '')
  const checksum = `${text('checksum')}9820${integers(sum)}`
  const path = `${text('path')}6170`
  const designator = `${text('designator')}${text('orb_pkg')}`
  const whole = [data, checksum, path, designator]
  const decode = (hex: string) => engine.container.decodeRecord(decodeHex(hex))
  const expected = { designator: 'orb_pkg', path: 'p', content: new Uint8Array([0, 23, 24, 255]) }

  test('decodes what it encodes', () => {
    const record = fc.record({
      designator: fc.constantFrom(...DESIGNATORS),
      path: fc.string({ unit: 'grapheme' }),
      content: fc.uint8Array(),
    })
    fc.assert(
      fc.property(record, (value) => {
        expect(engine.container.decodeRecord(engine.container.encodeRecord(value))).toEqual({
          ...value,
          content: new Uint8Array(value.content),
        })
      }),
    )
  })

  test('is written as integers, in the order data, checksum, path, designator', () => {
    expect(encodeHex(engine.container.encodeRecord(expected))).toBe(`a4${whole.join('')}`)
  })

  test.each([
    ['members in another order', `a4${[...whole].reverse().join('')}`],
    ['an indefinite map', `bf${whole.join('')}ff`],
    ['indefinite data', `a4${data.replace('84', '9f')}ff${checksum}${path}${designator}`],
    ['data as a byte string', `a4${text('data')}44001718ff${checksum}${path}${designator}`],
    ['a checksum as a byte string', `a4${data}${text('checksum')}5820${sum}${path}${designator}`],
    ['a checksum as a longer byte string', `a4${data}${text('checksum')}5821${sum}00${path}${designator}`],
    ['integers that are not minimal', `a4${data.replace('1818', '190018')}${checksum}${path}${designator}`],
    ['integers as bignums', `a4${data.replace('1818', 'c24118')}${checksum}${path}${designator}`],
    ['tags', `c1a4${data.replace('84', 'd8c884')}${checksum}${path}${designator}`],
    ['known keys as byte strings', `a4${data.replace('64', '44')}${checksum}${path}${designator}`],
    ['an indefinite path', `a4${data}${checksum}${text('path')}7f6170ff${designator}`],
    ['an unknown text key', `a5${text('x')}a1f6f4${whole.join('')}`],
    ['an unknown byte-string key', `a5414100${whole.join('')}`],
    ['a tagged unknown value that is no bignum', `a5${text('x')}c200${whole.join('')}`],
    ['a designator as a map of one', `a4${data}${checksum}${path}${text('designator')}a1${text('orb_pkg')}f6`],
    ['bytes after the map', `a4${whole.join('')}ff`],
  ])('its reader takes %s', (_, hex) => expect(decode(hex)).toEqual(expected))

  test.each([
    ['nothing', ''],
    ['a list', '80'],
    ['a missing member', `a3${[data, checksum, path].join('')}`],
    ['a duplicate member', `a5${[...whole, path].join('')}`],
    ['an integer over 255', `a4${data.replace('18ff', '190100')}${checksum}${path}${designator}`],
    ['a checksum of 31', `a4${data}${text('checksum')}981f${integers(sum.slice(2))}${path}${designator}`],
    ['an indefinite checksum', `a4${data}${checksum.replace('9820', '9f')}ff${path}${designator}`],
    ['an unknown designator', `a4${data}${checksum}${path}${text('designator')}${text('nope')}`],
    ['a path as a byte string', `a4${data}${checksum}${text('path')}4170${designator}`],
    ['a designator as a byte string', `a4${data}${checksum}${path}${text('designator')}47${text('orb_pkg').slice(2)}`],
    ['an integer key', `a50000${whole.join('')}`],
    ['a null key', `a5f600${whole.join('')}`],
    ['an indefinite unknown key', `a57f6178ff00${whole.join('')}`],
    ['a key that is not UTF-8', `a561ff00${whole.join('')}`],
    ['an odd simple value', `a5${text('x')}e0${whole.join('')}`],
    ['an unknown value that is not UTF-8', `a5${text('x')}61ff${whole.join('')}`],
    ['an unknown value nested too deep', `a5${text('x')}${'81'.repeat(300)}00${whole.join('')}`],
    ['an unknown key of 4097 bytes', `a5791001${'61'.repeat(4097)}00${whole.join('')}`],
    ['an absurd length', `a4${text('data')}9bffffffffffffffff${checksum}${path}${designator}`],
  ])('its reader refuses %s', (_, hex) => expect(codeOf(() => decode(hex))).toBe('invalid_file_record'))

  test('content that does not match its checksum is told apart', () => {
    expect(codeOf(() => decode(`a4${data.replace('18ff', '18fe')}${checksum}${path}${designator}`))).toBe('invalid_checksum')
  })

  test('a record cut short anywhere is refused', () => {
    const record = `a4${whole.join('')}`
    for (let end = 0; end < record.length; end += 2) expect(codeOf(() => decode(record.slice(0, end)))).toBe('invalid_file_record')
  })
})
