/** ChaCha20-Poly1305 (RFC 8439) and XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), the tag at the end. */
import { concatBytes, decodeHex, encodeUtf8, equalBytes } from '@holdfast/base'
import type { Aead, Engine } from '@holdfast/crypto'
import { type Check, CheckFailure, expectBytes, expectCode, expectSame } from './check'
import { countingBytes, everyBitFlipped, everyTruncation, LENGTHS_AROUND_BLOCKS } from './inputs'

const SUNSCREEN = encodeUtf8(
  "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
)

interface Subject {
  readonly name: string
  readonly of: (engine: Engine) => Aead
  readonly example: { readonly source: string; readonly nonce: string; readonly ciphertext: string }
}

const SUBJECTS: readonly Subject[] = [
  {
    name: 'ChaCha20-Poly1305',
    of: (engine) => engine.aead.chacha20poly1305,
    example: {
      source: 'RFC 8439 §2.8.2',
      nonce: '070000004041424344454647',
      ciphertext:
        'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691',
    },
  },
  {
    name: 'XChaCha20-Poly1305',
    of: (engine) => engine.aead.xchacha20poly1305,
    example: {
      source: 'draft-irtf-cfrg-xchacha-03 A.3.1',
      nonce: '404142434445464748494a4b4c4d4e4f5051525354555657',
      ciphertext:
        'bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49',
    },
  },
]

export const AEAD_CHECKS: readonly Check[] = SUBJECTS.flatMap(checksOf)

function checksOf({ name, of, example }: Subject): Check[] {
  const key = countingBytes(32, 0x80)
  const aad = decodeHex('50515253c0c1c2c3c4c5c6c7')
  const nonceOf = (aead: Aead) => countingBytes(aead.nonceLength, 0x40)
  const check = (sentence: string, run: (aead: Aead) => void): Check => ({ name: `${name}: ${sentence}`, run: (engine) => run(of(engine)) })

  return [
    check('states its lengths: key 32, nonce, tag 16', (aead) => {
      expectSame(aead.keyLength, 32, 'key length')
      expectSame(aead.nonceLength, example.nonce.length / 2, 'nonce length')
      expectSame(aead.tagLength, 16, 'tag length')
    }),

    check(`seals and opens the example of ${example.source}`, (aead) => {
      const nonce = decodeHex(example.nonce)
      expectBytes(aead.seal(key, nonce, aad, SUNSCREEN), example.ciphertext, 'ciphertext')
      expectBytes(aead.open(key, nonce, aad, decodeHex(example.ciphertext)), SUNSCREEN, 'plaintext')
    }),

    check('opens to what was sealed, at every length around every block boundary', (aead) => {
      for (const length of LENGTHS_AROUND_BLOCKS) {
        const plaintext = countingBytes(length, length)
        const ciphertext = aead.seal(key, nonceOf(aead), aad, plaintext)
        expectSame(ciphertext.length, length + 16, 'ciphertext length')
        expectBytes(aead.open(key, nonceOf(aead), aad, ciphertext), plaintext, `plaintext of ${length} bytes`)
      }
    }),

    check('authenticates associated data of every length from 0 to 48 bytes', (aead) => {
      for (let length = 0; length <= 48; length++) {
        const data = countingBytes(length, 1)
        const ciphertext = aead.seal(key, nonceOf(aead), data, SUNSCREEN)
        expectBytes(aead.open(key, nonceOf(aead), data, ciphertext), SUNSCREEN)
        expectCode('auth_failed', () => aead.open(key, nonceOf(aead), concatBytes(data, new Uint8Array(1)), ciphertext), 'a longer aad')
        if (length > 0) expectCode('auth_failed', () => aead.open(key, nonceOf(aead), data.subarray(1), ciphertext), 'a shorter aad')
      }
    }),

    check('does not confuse associated data with ciphertext', (aead) => {
      const ciphertext = aead.seal(key, nonceOf(aead), new Uint8Array(16), new Uint8Array(16))
      const moved = concatBytes(new Uint8Array(16), ciphertext)
      expectCode('auth_failed', () => aead.open(key, nonceOf(aead), new Uint8Array(), moved))
    }),

    check('seals the empty message to its tag alone', (aead) => {
      const ciphertext = aead.seal(key, nonceOf(aead), new Uint8Array(), new Uint8Array())
      expectSame(ciphertext.length, 16, 'ciphertext length')
      expectSame(aead.open(key, nonceOf(aead), new Uint8Array(), ciphertext).length, 0, 'plaintext length')
    }),

    check('refuses every flipped bit of ciphertext and tag', (aead) => {
      const ciphertext = aead.seal(key, nonceOf(aead), aad, SUNSCREEN)
      for (const damaged of everyBitFlipped(ciphertext)) expectCode('auth_failed', () => aead.open(key, nonceOf(aead), aad, damaged))
    }),

    check('refuses every truncation, and a byte added', (aead) => {
      const ciphertext = aead.seal(key, nonceOf(aead), aad, SUNSCREEN)
      for (const cut of everyTruncation(ciphertext)) expectCode('auth_failed', () => aead.open(key, nonceOf(aead), aad, cut))
      expectCode('auth_failed', () => aead.open(key, nonceOf(aead), aad, concatBytes(ciphertext, new Uint8Array(1))))
    }),

    check('refuses every flipped bit of key, nonce and associated data', (aead) => {
      const nonce = nonceOf(aead)
      const ciphertext = aead.seal(key, nonce, aad, SUNSCREEN)
      for (const other of everyBitFlipped(key)) expectCode('auth_failed', () => aead.open(other, nonce, aad, ciphertext), 'another key')
      for (const other of everyBitFlipped(nonce)) expectCode('auth_failed', () => aead.open(key, other, aad, ciphertext), 'another nonce')
      for (const other of everyBitFlipped(aad)) expectCode('auth_failed', () => aead.open(key, nonce, other, ciphertext), 'another aad')
    }),

    check('refuses the tag of zeros, of ones, and the message of another nonce', (aead) => {
      const ciphertext = aead.seal(key, nonceOf(aead), aad, SUNSCREEN)
      for (const filler of [0, 0xff]) {
        const forged = new Uint8Array(ciphertext).fill(filler, SUNSCREEN.length)
        expectCode('auth_failed', () => aead.open(key, nonceOf(aead), aad, forged))
      }
      expectCode('auth_failed', () => aead.open(key, countingBytes(aead.nonceLength, 0x41), aad, ciphertext))
    }),

    check('handles keys, nonces and messages of all zeros and all ones', (aead) => {
      for (const filler of [0, 0xff]) {
        for (const length of [0, 1, 16, 64, 65, 256, 1025]) {
          const plaintext = new Uint8Array(length).fill(filler)
          const [k, n] = [new Uint8Array(32).fill(filler), new Uint8Array(aead.nonceLength).fill(filler)]
          expectBytes(aead.open(k, n, plaintext, aead.seal(k, n, plaintext, plaintext)), plaintext)
        }
      }
    }),

    check('leaves its arguments as they were and returns memory of its own', (aead) => {
      const [k, n, a, p] = [new Uint8Array(key), nonceOf(aead), new Uint8Array(aad), new Uint8Array(SUNSCREEN)]
      const ciphertext = aead.seal(k, n, a, p)
      const before = new Uint8Array(ciphertext)
      aead.open(k, n, a, ciphertext)
      aead.seal(k, n, a, countingBytes(5000))
      expectBytes(ciphertext, before, 'an earlier ciphertext')
      expectBytes(p, SUNSCREEN, 'the plaintext argument')
      if (!equalBytes(k, key) || !equalBytes(a, aad)) throw new CheckFailure('key or associated data changed')
    }),

    check('reads views into larger buffers', (aead) => {
      const room = countingBytes(300)
      const plaintext = room.subarray(33, 177)
      const ciphertext = aead.seal(room.subarray(1, 33), nonceOf(aead), room.subarray(200, 213), plaintext)
      expectBytes(aead.open(room.slice(1, 33), nonceOf(aead), room.slice(200, 213), ciphertext), plaintext)
    }),
  ]
}
