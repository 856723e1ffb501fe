import { decodeBase64, encodeBase64, encodeHex } from '@holdfast/base'
import { p256 } from '@noble/curves/nist.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../../wire/test/refusal'
import { loadSigningKey, makeSigningKey, solveChallenge } from '../src/index'

const ones = loadSigningKey(new Uint8Array(32).fill(1))

describe('keypair proof (world-backup-client §9.2, §17)', () => {
  test('the published example', () => {
    expect(solveChallenge(ones, 'BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=')).toEqual({
      kind: 'EC_KEYPAIR',
      publicKey: 'BG/wO5SSQc4drdQ1GeaWDgqFtBppoFwygQOqK84VlMoWPE91OlW/AdxT9sCwx+7ni0DG/30lqW4igrmJzvccFEo=',
      signature: 'MEQCIH9ZevPHVfrE8zk84FC8H86L6asfJexImxjfR0LHNxKXAiBe2TbmcDI+aZS5uHeInnkT6AgdtzurdBKcUZYFKpJ0Dw==',
    })
  })

  test('every signature verifies, is low-S, DER and at most 72 bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 48, maxLength: 48 }), fc.uint8Array({ maxLength: 64 }), (seed, challenge) => {
        const key = makeSigningKey(() => new Uint8Array(seed))
        const { publicKey, signature } = solveChallenge(key, encodeBase64(challenge))
        expect(decodeBase64(publicKey)).toHaveLength(65)
        expect(decodeBase64(signature).length).toBeLessThanOrEqual(72)
        const options = { prehash: true, lowS: true, format: 'der' } as const
        expect(p256.verify(decodeBase64(signature), new Uint8Array(challenge), decodeBase64(publicKey), options)).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  test.each(['AA', 'AA=', '_-8=', 'AB==', 'AAAA\n', ' AAAA', '\u0410AAA', 'A'])('challenge %j is refused', (challenge) => {
    expect(codeOf(() => solveChallenge(ones, challenge))).toBe('invalid_challenge')
  })

  test('a signing key is a scalar of the curve, and loads as it was made', () => {
    const made = makeSigningKey((length) => new Uint8Array(length).fill(9))
    expect(made.secret.use(loadSigningKey).publicKey).toBe(made.publicKey)
    for (const scalar of [new Uint8Array(32), new Uint8Array(32).fill(255), new Uint8Array(31).fill(1), new Uint8Array(33).fill(1)])
      expect(codeOf(() => loadSigningKey(scalar))).toBe('invalid_argument')
    expect(encodeHex(ones.secret.expose())).toBe('01'.repeat(32))
  })
})
