/** BLAKE2b (RFC 7693) and BLAKE3 (the BLAKE3 paper's published vectors). */
import { concatBytes, encodeHex, encodeUtf8 } from '@holdfast/base'
import type { Hash } from '@holdfast/crypto'
import { type Check, expectBytes, expectCode, expectSame } from './check'
import { blake3Input, countingBytes, LENGTHS_AROUND_BLOCKS } from './inputs'

const check = (name: string, run: (hash: Hash) => void): Check => ({ name, run: ({ hash }) => run(hash) })

/** RFC 7693 Appendix E: the deterministic sequence of its self-test. */
function rfc7693Sequence(length: number, seed: number): Uint8Array<ArrayBuffer> {
  let a = Math.imul(0xdead4bad, seed) >>> 0
  let b = 1
  return Uint8Array.from({ length }, () => {
    const sum = (a + b) >>> 0
    a = b
    b = sum
    return sum >>> 24
  })
}

/** The first 32 bytes for inputs of the official pattern; the `blake3` crate's authors publish them to 131 bytes. */
const BLAKE3_ANSWERS: readonly (readonly [length: number, digest: string])[] = [
  [0, 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'],
  [1, '2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213'],
  [1023, '10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11'],
  [1024, '42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7'],
  [1025, 'd00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444'],
]

export const HASH_CHECKS: readonly Check[] = [
  check('BLAKE2b: the example of RFC 7693 Appendix A', (hash) => {
    expectBytes(
      hash.blake2b(encodeUtf8('abc'), { length: 64 }),
      'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
    )
  }),

  check('BLAKE2b: the self-test of RFC 7693 Appendix E, keyed and not', (hash) => {
    const digests: Uint8Array[] = []
    for (const length of [20, 32, 48, 64]) {
      for (const inputLength of [0, 3, 128, 129, 255, 1024]) {
        const input = rfc7693Sequence(inputLength, inputLength)
        digests.push(hash.blake2b(input, { length }), hash.blake2b(input, { length, key: rfc7693Sequence(length, length) }))
      }
    }
    expectBytes(hash.blake2b(concatBytes(...digests)), 'c23a7800d98123bd10f506c61e29da5603d763b8bbad2e737f5e765a7bccd475')
  }),

  check('BLAKE2b: the official answer for a 64-byte key and no message', (hash) => {
    expectBytes(
      hash.blake2b(new Uint8Array(), { length: 64, key: countingBytes(64) }),
      '10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568',
    )
  }),

  check('BLAKE2b: every digest length from 1 to 64 and every key length from 0 to 64; 32 is the default; an empty key is none', (hash) => {
    const message = encodeUtf8('length is part of the parameters')
    const digests = new Set<string>()
    for (let length = 1; length <= 64; length++) {
      const digest = hash.blake2b(message, { length })
      expectSame(digest.length, length, 'digest length')
      digests.add(encodeHex(digest).slice(0, 16))
    }
    expectSame(digests.size, 64, 'distinct digests: a shorter one is no prefix of a longer one')
    const keyed = new Set<string>()
    for (let length = 0; length <= 64; length++) keyed.add(encodeHex(hash.blake2b(message, { key: countingBytes(length) })))
    expectSame(keyed.size, 65, 'distinct keyed digests')
    expectBytes(hash.blake2b(message), hash.blake2b(message, { length: 32 }))
    expectBytes(hash.blake2b(message, { key: new Uint8Array() }), hash.blake2b(message))
  }),

  check('BLAKE2b: refuses digest lengths 0, 65, fractions and keys over 64 bytes', (hash) => {
    for (const length of [0, 65, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32 + 32]) {
      expectCode('invalid_argument', () => hash.blake2b(new Uint8Array(), { length }), `digest length ${length}`)
    }
    expectCode('invalid_argument', () => hash.blake2b(new Uint8Array(), { key: new Uint8Array(65) }), 'a key of 65 bytes')
  }),

  check('BLAKE3: the published answers around its first chunk', (hash) => {
    for (const [length, digest] of BLAKE3_ANSWERS) expectBytes(hash.blake3(blake3Input(length)), digest, `the input of ${length} bytes`)
  }),

  check('BLAKE3: a shorter output is a prefix of a longer one, from 1 to 65,536 bytes; 32 is the default', (hash) => {
    const message = blake3Input(2049)
    const longest = hash.blake3(message, { length: 65_536 })
    for (const length of [1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1024, 65_535]) {
      expectBytes(hash.blake3(message, { length }), longest.subarray(0, length), `the output of ${length} bytes`)
    }
    expectBytes(hash.blake3(message), longest.subarray(0, 32))
  }),

  check('BLAKE3: refuses output lengths 0, 65,537 and fractions', (hash) => {
    for (const length of [0, 65_537, -1, 1.5, Number.NaN]) {
      expectCode('invalid_argument', () => hash.blake3(new Uint8Array(), { length }), `output length ${length}`)
    }
  }),

  check('hashes: inputs of different lengths around every block boundary have different digests, and views hash as copies', (hash) => {
    const room = countingBytes(70_000)
    for (const digestOf of [(bytes: Uint8Array) => hash.blake2b(bytes), (bytes: Uint8Array) => hash.blake3(bytes)]) {
      const digests = new Set(LENGTHS_AROUND_BLOCKS.map((length) => encodeHex(digestOf(new Uint8Array(length)))))
      expectSame(digests.size, new Set(LENGTHS_AROUND_BLOCKS).size, 'distinct digests')
      expectBytes(digestOf(room.subarray(7, 5007)), digestOf(room.slice(7, 5007)))
    }
  }),
]
