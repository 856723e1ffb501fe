import { decodeBase64, encodeBase64 } from '@holdfast/base'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeEnvelopes } from '../src/decode-envelopes'

/** As the decoder for one text takes it; nothing for what it refuses. */
function one(text: string): Uint8Array {
  try {
    return decodeBase64(text, 'text', 'optional')
  } catch {
    return new Uint8Array()
  }
}

function many(sources: readonly (string | Uint8Array<ArrayBuffer>)[]): Uint8Array[] {
  const { bytes, offsets } = decodeEnvelopes(sources)
  return sources.map((_, i) => bytes.slice(offsets[i], offsets[i + 1]))
}

test('decodes many texts to what each decodes to alone, and takes bytes as they are', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 80 })), (arrays) => {
      const texts = arrays.map(encodeBase64)
      expect(many(texts)).toEqual(texts.map(one))
      const bare = texts.map((text) => text.replace(/=+$/, ''))
      expect(many(bare)).toEqual(bare.map(one))
      expect(many(arrays.map((bytes, i) => (i % 2 ? new Uint8Array(bytes) : encodeBase64(bytes))))).toEqual(
        arrays.map((bytes) => new Uint8Array(bytes)),
      )
    }),
  )
})

test('takes and refuses what the decoder for one text does', () => {
  const letters = fc.constantFrom('A', 'B', 'z', '9', '+', '/', '=', '-', '_', ' ', '\n', 'é', '\u0141', '\u{1f600}')
  fc.assert(
    fc.property(fc.array(fc.array(letters, { maxLength: 9 }).map((list) => list.join(''))), (texts) => {
      expect(many(texts)).toEqual(texts.map(one))
    }),
    { numRuns: 500 },
  )
})
