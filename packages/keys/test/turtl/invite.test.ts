import { concatBytes, decodeBase64, encodeHex, Secret } from '@holdfast/base'
import { openEnvelope, SEALED_MESSAGE_OVERHEAD, sealMessage } from '@holdfast/wire'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeOnEveryEngine } from '../../../wire/test/every-engine'
import { fingerprintOf, makeInvitePassphrase, openInvite, sealInvite, sealInviteMessage } from '../../src/index'

const SPACE_KEY = new Uint8Array(32).fill(5)
const spaceKey = () => new Secret('turtl-object-key', SPACE_KEY, 32)

describeOnEveryEngine('a Turtl invite (turtl §5.2)', (engine) => {
  const bob = engine.sealedBox.makeKeyPair()
  const mallory = engine.sealedBox.makeKeyPair()
  const combinations = [null, 'open sesame'].flatMap((passphrase) => [null, bob.publicKey].map((recipient) => ({ passphrase, recipient })))

  test.each(combinations)('opens to the space key with exactly what it was closed with (%j)', ({ passphrase, recipient }) => {
    const invite = sealInvite(engine, spaceKey(), { passphrase, recipient })
    expect(invite).toMatchObject({ is_passphrase_protected: passphrase !== null, is_pubkey_protected: recipient !== null })
    expect(openInvite(engine, invite, passphrase, bob).expose()).toEqual(SPACE_KEY)
    expect(() => openInvite(engine, invite, 'wrong', bob)).toThrow(expect.objectContaining({ code: 'auth_failed' }))
    if (recipient) expect(() => openInvite(engine, invite, passphrase, mallory)).toThrow(expect.objectContaining({ code: 'auth_failed' }))
  })

  test('is new bytes each time', () => {
    const make = () => sealInvite(engine, spaceKey(), { passphrase: null, recipient: bob.publicKey }).body
    expect(make()).not.toBe(make())
  })

  test('the empty text is a passphrase', () => {
    const invite = sealInvite(engine, spaceKey(), { passphrase: '', recipient: null })
    expect(invite.is_passphrase_protected).toBe(true)
    expect(() => openInvite(engine, invite, null)).toThrow(expect.objectContaining({ code: 'auth_failed' }))
  })

  test('carries no byte of the space key in the clear', () => {
    const { body } = sealInvite(engine, spaceKey(), { passphrase: 'open sesame', recipient: null })
    expect(encodeHex(decodeBase64(body))).not.toContain('0505050505')
  })

  test('a recipient that is no public key is refused', () => {
    expect(() => sealInvite(engine, spaceKey(), { passphrase: null, recipient: new Uint8Array(31) })).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    )
    expect(() => sealInvite(engine, spaceKey(), { passphrase: null, recipient: new Uint8Array(32) })).toThrow(
      expect.objectContaining({ code: 'weak_public_key' }),
    )
  })

  test('a message that holds no space key of 32 bytes is refused as a structure', () => {
    for (const inner of ['', '[]', '{"space_key":7}', '{"space_key":"AAAA"}', '{"space_key":"*"}']) {
      const message = new TextEncoder().encode(inner)
      const sealed = sealMessage(engine, bob.publicKey, message)
      expect(sealed.length).toBe(message.length + SEALED_MESSAGE_OVERHEAD)
      for (const [bytes, isSealed] of [
        [message, false],
        [sealed, true],
      ] as const) {
        const body = sealInviteMessage(engine, bytes, null)
        expect(() => openInvite(engine, { is_pubkey_protected: isSealed, body }, null, bob)).toThrow(
          expect.objectContaining({ code: expect.stringMatching(/^invalid_(invite|base64)$/) }),
        )
      }
    }
  })

  test('a changed flag is a failing open, never a wrong key (turtl §7.2)', () => {
    const sealed = sealInvite(engine, spaceKey(), { passphrase: 'p', recipient: bob.publicKey })
    const open = sealInvite(engine, spaceKey(), { passphrase: 'p', recipient: null })
    expect(() => openInvite(engine, { ...sealed, is_pubkey_protected: false }, 'p', bob)).toThrow(
      expect.objectContaining({ code: 'invalid_invite' }),
    )
    expect(() => openInvite(engine, { ...open, is_pubkey_protected: true }, 'p', bob)).toThrow(
      expect.objectContaining({ code: 'unsupported_version' }),
    )
  })

  test('without either protection it opens with the key everybody knows (turtl §5.2)', () => {
    const known = decodeHexKey('5518219e6a2d93e8389f7f972a9b2a2d14ab90d3df41e5fd15f2ab7d5df26add')
    const { body } = sealInvite(engine, spaceKey(), { passphrase: null, recipient: null })
    expect(new TextDecoder().decode(openEnvelope(engine, known, decodeBase64(body)))).toMatch(/^\{"message":"/)
  })
})

const decodeHexKey = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

test('an invite passphrase is eight words that hold every bit of 88 random ones', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 11, maxLength: 11 }), (entropy) => {
      const words = makeInvitePassphrase(() => new Uint8Array(entropy)).split(' ')
      const bits = words.reduceRight((value, word) => (value << 11n) | BigInt(wordlist.indexOf(word)), 0n)
      expect(words).toHaveLength(8)
      expect(bits.toString(16).padStart(22, '0')).toBe(encodeHex(entropy))
    }),
  )
})

test('a fingerprint is forty digits, the same for one key and another for another', () => {
  const key = new Uint8Array(32).fill(9)
  expect(fingerprintOf(key)).toMatch(/^(\d{5} ){7}\d{5}$/)
  expect(fingerprintOf(key)).toBe(fingerprintOf(new Uint8Array(key)))
  const seen = new Set(Array.from({ length: 256 }, (_, i) => fingerprintOf(concatBytes(key.subarray(1), new Uint8Array([i])))))
  expect(seen.size).toBe(256)
  expect(() => fingerprintOf(new Uint8Array(31))).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
})

test('the fingerprint of a key never changes: people have written it down', () => {
  expect(fingerprintOf(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe('95868 37465 35103 54207 80989 35473 48021 09375')
})
