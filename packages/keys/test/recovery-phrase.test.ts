import { encodeHex } from '@holdfast/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../../wire/test/refusal'
import { deriveRecoveryFactor, makeRecoveryPhrase } from '../src/index'

const ZERO = `${'abandon '.repeat(23)}art`
const SEVENS = `${'legal winner thank year wave sausage worth useful '.repeat(2)}legal winner thank year wave sausage worth title`

const reveal = (phrase: string) => {
  const { factorSecret, signingKey } = deriveRecoveryFactor(phrase)
  return { factor: factorSecret.use(encodeHex), scalar: signingKey.secret.use(encodeHex), publicKey: signingKey.publicKey }
}

function messageOf(phrase: string): string {
  try {
    deriveRecoveryFactor(phrase)
  } catch (error) {
    return `${(error as Error).message} ${String((error as Error).cause)}`
  }
  throw new Error('not refused')
}

describe('recovery phrase', () => {
  // Computed with Node's own HKDF and ECDH: pinned, because a changed label would lock everybody out.
  test.each([
    [
      ZERO,
      'b40a8bef2fdbfd6b57ad2443bb0fb29522e95cc7d20eb1e7a8aa1c456c6c2031',
      'd46879ac570cd85fe6a16de552b2a2375167c7adccfaf6133416fda84903fb3e',
      'BOPwO1jcpFbcLihStHP3nKyaecdZbptV/27mSVRUYKVNERrtKTHxKQUF+OSGe5xr/RK8LIueBsCIGxQcOtWOrVA=',
    ],
    [
      SEVENS,
      'b517b0ba692659dafaad75f87018f0ea678c1fcd6c02cf66ae005a9cf1d6449f',
      'deef9436c116769721dbb7e9116ef9b8a541b4ecdac0325d2d123864bfae6d1a',
      'BG8jhY2PIZIs7Y1XcdeBDD3wa1pfMTQRSnDAQcbcdxN13phetZtkkWb7TO0Me7gU9Fw13huxzz7euM2FaCPy+iQ=',
    ],
  ])('%s gives the pinned factor secret and signing key', (phrase, factor, scalar, publicKey) => {
    expect(reveal(phrase)).toEqual({ factor, scalar, publicKey })
  })

  test('a made phrase has 24 words of the list, from 256 random bits, and derives', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (entropy) => {
        const given = new Uint8Array(entropy)
        const phrase = makeRecoveryPhrase(() => given)
        expect(phrase.split(' ')).toHaveLength(24)
        expect(given).toEqual(new Uint8Array(32))
        expect(reveal(phrase).factor).not.toBe(reveal(phrase).scalar)
      }),
      { numRuns: 20 },
    )
  })

  test.each([
    ['upper case', ZERO.toUpperCase()],
    ['white space around and between', `\n  ${ZERO.replaceAll(' ', ' \t\u00a0\u3000')} \r\n`],
    ['full-width letters', ZERO.replace('art', 'ａｒｔ')],
  ])('%s does not matter', (_, phrase) => expect(reveal(phrase)).toEqual(reveal(ZERO)))

  test.each([
    ['', '0 words'],
    ['   ', '0 words'],
    ['art', '1 words'],
    [`${ZERO} art`, '25 words'],
    [ZERO.replace('art', 'zebraz'), 'an unknown word at place 24'],
    [ZERO.replace('art', 'able'), 'a checksum that does not match'],
    [`art ${'abandon '.repeat(23)}`, 'a checksum that does not match'],
  ])('%j is refused: %s', (phrase, reason) => {
    expect(codeOf(() => deriveRecoveryFactor(phrase))).toBe('invalid_recovery_phrase')
    expect(messageOf(phrase)).toContain(reason.replace('a checksum that', 'whose checksum'))
  })

  test('a refusal quotes no word of the phrase', () => {
    for (const phrase of [ZERO.replace('art', 'zebraz'), ZERO.replace('art', 'able')])
      expect(messageOf(phrase)).not.toMatch(/abandon|zebraz|\bable\b/)
  })
})
