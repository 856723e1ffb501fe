import { decodeBase64, encodeBase64 } from '@holdfast/base'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeEnvelopes } from '../../src/turtl/decode-envelopes'

/** As the decoder for one text takes it. */
function one(text: string): Uint8Array | undefined {
  try {
    return text === '' ? undefined : decodeBase64(text, 'text', 'optional')
  } catch {
    return undefined // refused; the bulk decoder must refuse it too
  }
}

test('decodes many texts to what each decodes to alone', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 80 })), (arrays) => {
      const texts = arrays.map(encodeBase64)
      expect(decodeEnvelopes(texts)).toEqual(texts.map(one))
      const bare = texts.map((text) => text.replace(/=+$/, ''))
      expect(decodeEnvelopes(bare)).toEqual(bare.map(one))
    }),
  )
})

test('takes and refuses what the decoder for one text does, and refuses what is no text', () => {
  const letters = fc.constantFrom('A', 'B', 'z', '9', '+', '/', '=', '-', '_', ' ', '\n', 'é', '\u0141', '\u{1f600}')
  fc.assert(
    fc.property(fc.array(fc.array(letters, { maxLength: 9 }).map((list) => list.join(''))), (texts) => {
      expect(decodeEnvelopes(texts)).toEqual(texts.map(one))
    }),
    { numRuns: 500 },
  )
  expect(decodeEnvelopes([null, undefined, 5, {}, ''])).toEqual(Array.from({ length: 5 }))
})
