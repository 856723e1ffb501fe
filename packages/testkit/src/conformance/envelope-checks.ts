/** Turtl v6 envelopes in bulk (turtl §1). */
import { concatBytes, decodeBase64, decodeHex, encodeBase64, encodeHex, encodeUtf8 } from '@holdfast/base'
import type { Engine, OpenedBatch } from '@holdfast/crypto'
import { seededRandom } from '../seeded-random'
import { type Check, CheckFailure, expectBytes, expectCode, expectSame } from './check'
import { createDraw } from './draw'
import { countingBytes, everyBitFlipped, everyTruncation, LENGTHS_AROUND_BLOCKS } from './inputs'

const KEY = countingBytes(32)
const NONCE = decodeHex('070000004041424344454647')
const TITLE = encodeUtf8('{"title":"hello ☠"}')
const HEADER_BYTES = 17

function sealOne({ envelopes }: Engine, plaintext: Uint8Array, key: Uint8Array = KEY, nonce: Uint8Array = NONCE): Uint8Array {
  const [envelope, ...rest] = envelopes.sealMany([key], [nonce], [plaintext])
  if (!envelope || rest.length > 0) throw new CheckFailure('one envelope expected')
  return envelope
}

function openOne({ envelopes }: Engine, envelope: Uint8Array, key: Uint8Array = KEY): Uint8Array | string {
  const [opened] = envelopes.openMany([key], [envelope])
  if (opened === undefined) throw new CheckFailure('one result expected')
  return opened
}

function changed(envelope: Uint8Array, at: number, value: number): Uint8Array {
  const copy = new Uint8Array(envelope)
  copy[at] = value
  return copy
}

function decodeAlone(text: string): Uint8Array {
  try {
    return decodeBase64(text, 'text', 'optional')
  } catch {
    return new Uint8Array()
  }
}

export const ENVELOPE_CHECKS: readonly Check[] = [
  {
    name: 'envelope: seals and opens the worked example of turtl §1.5',
    run(engine) {
      const expected = '000601000c07000000404142434445464732ce054b652d09e2a3cb25521a1e228f77711df545dbeca79065d32c91e95b1d3d5eff1832'
      expectBytes(sealOne(engine, TITLE), expected)
      expectBytes(openOne(engine, decodeHex(expected)) as Uint8Array, TITLE)
      expectBytes(sealOne(engine, new Uint8Array()), '000601000c0700000040414243444546478b86fa7e107681b62e7eb00fef8daadc')
    },
  },
  {
    name: 'envelope: opens to what was sealed, 33 bytes longer, at every length around every block boundary',
    run(engine) {
      const plaintexts = LENGTHS_AROUND_BLOCKS.map((length) => countingBytes(length, length))
      const keys = plaintexts.map((_, i) => countingBytes(32, i))
      const nonces = plaintexts.map((_, i) => countingBytes(12, 3 * i))
      const sealed = engine.envelopes.sealMany(keys, nonces, plaintexts)
      const opened = engine.envelopes.openMany(keys, sealed)
      expectSame(sealed.length, plaintexts.length, 'envelopes')
      expectSame(opened.length, plaintexts.length, 'results')
      for (const [i, plaintext] of plaintexts.entries()) {
        expectSame(sealed[i]?.length, plaintext.length + 33, 'envelope length')
        expectBytes(opened[i] as Uint8Array, plaintext, `plaintext of ${plaintext.length} bytes`)
      }
    },
  },
  {
    name: 'envelope: a batch is the loop of its single calls, in the order given, good and bad mixed',
    run(engine) {
      const keys = Array.from({ length: 24 }, (_, i) => countingBytes(32, 5 * i))
      const nonces = keys.map((_, i) => countingBytes(12, 7 * i))
      const plaintexts = keys.map((_, i) => countingBytes(i * i, i))
      const sealed = engine.envelopes.sealMany(keys, nonces, plaintexts)
      const damaged = sealed.map((envelope, i) => {
        if (i % 6 === 1) return changed(envelope, envelope.length - 1, (envelope.at(-1) ?? 0) ^ 1)
        if (i % 6 === 2) return changed(envelope, 1, 5)
        if (i % 6 === 3) return envelope.subarray(0, 20)
        if (i % 6 === 4) return new Uint8Array()
        return envelope
      })
      const opened = engine.envelopes.openMany(keys, damaged)
      for (const [i, key] of keys.entries()) {
        const [nonce, plaintext, envelope] = [nonces[i], plaintexts[i], damaged[i]]
        if (!nonce || !plaintext || !envelope) throw new CheckFailure('parallel lists')
        expectBytes(sealed[i] as Uint8Array, sealOne(engine, plaintext, key, nonce), `envelope ${i}`)
        const single = openOne(engine, envelope, key)
        const result = opened[i]
        if (typeof single === 'string' || typeof result === 'string') expectSame(result, single, `result ${i}`)
        else expectBytes(result as Uint8Array, single, `result ${i}`)
      }
      expectSame(opened[1], 'auth_failed', 'result 1')
      expectSame(opened[2], 'unsupported_version', 'result 2')
      expectSame(opened[3], 'truncated', 'result 3')
      expectSame(opened[4], 'truncated', 'result 4')
      expectBytes(opened[5] as Uint8Array, plaintexts[5] as Uint8Array, 'result 5')
    },
  },
  {
    name: 'envelope: an empty batch is empty',
    run({ envelopes }) {
      expectSame(envelopes.sealMany([], [], []).length, 0, 'envelopes')
      expectSame(envelopes.openMany([], []).length, 0, 'results')
    },
  },
  {
    name: 'envelope: structure is judged before the key is used, from version to nonce length',
    run(engine) {
      const envelope = sealOne(engine, TITLE)
      for (let value = 0; value < 256; value++) {
        if (value !== 0) expectSame(openOne(engine, changed(envelope, 0, value)), 'unsupported_version', `version byte 0 = ${value}`)
        if (value !== 6) expectSame(openOne(engine, changed(envelope, 1, value)), 'unsupported_version', `version byte 1 = ${value}`)
        if (value !== 0) expectSame(openOne(engine, changed(envelope, 3, value)), 'unsupported_algorithm', `algorithm = ${value}`)
        if (value !== 12) expectSame(openOne(engine, changed(envelope, 4, value)), 'noncanonical_header', `nonce length = ${value}`)
        if (value === 1) continue
        const expected = value > 0 && value + 3 >= envelope.length ? 'truncated' : 'noncanonical_header'
        expectSame(openOne(engine, changed(envelope, 2, value)), expected, `description length = ${value}`)
      }
    },
  },
  {
    name: 'envelope: every truncation is truncated up to 32 bytes and unauthentic above',
    run(engine) {
      for (const cut of everyTruncation(sealOne(engine, TITLE))) {
        expectSame(openOne(engine, cut), cut.length < 33 ? 'truncated' : 'auth_failed', `${cut.length} bytes`)
      }
    },
  },
  {
    name: 'envelope: every flipped bit from the nonce on, a byte added, and every other key are unauthentic: the header is the aad',
    run(engine) {
      const envelope = sealOne(engine, TITLE)
      for (const damaged of everyBitFlipped(envelope, 5)) expectSame(openOne(engine, damaged), 'auth_failed', 'a flipped bit')
      expectSame(openOne(engine, concatBytes(envelope, new Uint8Array(1))), 'auth_failed', 'a byte added')
      for (const key of everyBitFlipped(KEY)) expectSame(openOne(engine, envelope, key), 'auth_failed', 'another key')
      const header = envelope.subarray(0, HEADER_BYTES)
      const plaintext = engine.aead.chacha20poly1305.open(KEY, NONCE, header, envelope.subarray(HEADER_BYTES))
      expectBytes(plaintext, TITLE, 'the AEAD inside')
    },
  },
  {
    name: 'envelope: base64 texts decode as each does alone, and to nothing where it is refused',
    run({ envelopes }) {
      const draw = createDraw(seededRandom('base64 texts'))
      const letters = [...'ABz9+/=-_ \n', 'é', '\u0141', '\u{1f600}']
      for (let round = 0; round < 200; round++) {
        const texts = Array.from({ length: draw.integer(0, 9) }, () => {
          if (draw.chance(30)) return Array.from({ length: draw.integer(0, 40) }, () => draw.pick(letters)).join('')
          const text = encodeBase64(draw.bytes(draw.length(300)))
          return draw.chance(50) ? text : text.replace(/=+$/, '')
        })
        const { bytes, offsets } = envelopes.decodeTexts(texts)
        expectSame(offsets.length, texts.length + 1, 'offsets')
        for (const [i, text] of texts.entries()) expectBytes(bytes.subarray(offsets[i], offsets[i + 1]), decodeAlone(text), text)
      }
    },
  },
  {
    name: 'envelope: texts are opened as the bytes they are the base64 of',
    run({ envelopes }) {
      const draw = createDraw(seededRandom('envelope texts'))
      const listOf = ({ bytes, offsets, codes }: OpenedBatch) =>
        codes.map((code, i) => code ?? encodeHex(bytes.subarray(offsets[i], offsets[i + 1]))).join()
      for (const longest of [40, 2000]) {
        const plaintexts = Array.from({ length: 24 }, () => draw.bytes(draw.length(longest)))
        const sealed = envelopes.sealMany(
          KEY,
          plaintexts.map(() => draw.bytes(12)),
          plaintexts,
        )
        const texts = sealed.map((envelope) => (draw.chance(50) ? encodeBase64(envelope) : encodeBase64(envelope).replace(/=+$/, '')))
        expectSame(listOf(envelopes.openTexts(KEY, texts)), plaintexts.map((bytes) => encodeHex(bytes)).join(), 'texts')
        for (const [i, text] of ['', 'AAYBAAw=', 'no base64!', `${texts[7]}é`, `☠${texts[9]}`, `${texts[11]}A`, 'é'.repeat(300)].entries())
          texts[2 * i + 1] = text
        expectSame(listOf(envelopes.openTexts(KEY, texts)), listOf(envelopes.openBatch(KEY, texts.map(decodeAlone))), 'spoilt texts')
      }
    },
  },
  {
    name: 'envelope: lists that are not parallel are refused',
    run({ envelopes }) {
      expectCode('invalid_argument', () => envelopes.sealMany([KEY], [], [TITLE]))
      expectCode('invalid_argument', () => envelopes.sealMany([KEY], [NONCE], []))
      expectCode('invalid_argument', () => envelopes.sealMany([], [NONCE], [TITLE]))
      expectCode('invalid_argument', () => envelopes.openMany([KEY, KEY], [new Uint8Array()]))
      expectCode('invalid_argument', () => envelopes.openMany([], [new Uint8Array()]))
      expectCode('invalid_argument', () => envelopes.openTexts([KEY], ['', '']))
      expectCode('invalid_argument', () => envelopes.openTexts([KEY.subarray(1)], ['']))
    },
  },
]
