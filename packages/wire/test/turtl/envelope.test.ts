import { decodeHex, encodeHex, encodeUtf8 } from '@holdfast/base'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ENVELOPE_OVERHEAD, openEnvelope, openMessage, SEALED_MESSAGE_OVERHEAD, sealEnvelope, sealMessage } from '../../src/index'
import { describeOnEveryEngine } from '../every-engine'
import { codeOf } from '../refusal'

const key = decodeHex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f')
const nonce = decodeHex('070000004041424344454647')

function* everyBitFlipped(bytes: Uint8Array, from: number): Generator<Uint8Array> {
  for (let bit = 8 * from; bit < 8 * bytes.length; bit++) {
    const damaged = new Uint8Array(bytes)
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    yield damaged
  }
}

describeOnEveryEngine('Turtl envelope (turtl §1)', (engine) => {
  const sealed = sealEnvelope(engine, key, encodeUtf8('{"title":"hello ☠"}'), nonce)

  test('the worked example (§1.5)', () => {
    expect(encodeHex(sealed)).toBe(
      '000601000c07000000404142434445464732ce054b652d09e2a3cb25521a1e228f77711df545dbeca79065d32c91e95b1d3d5eff1832',
    )
  })

  test('opens to what was sealed, 33 bytes shorter, with a fresh nonce each time', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (plaintext) => {
        const envelope = sealEnvelope(engine, key, plaintext)
        expect(envelope.length).toBe(plaintext.length + ENVELOPE_OVERHEAD)
        expect(openEnvelope(engine, key, envelope)).toEqual(new Uint8Array(plaintext))
        expect(sealEnvelope(engine, key, plaintext)).not.toEqual(envelope)
      }),
    )
  })

  test('a changed bit anywhere is refused; in nonce, ciphertext or tag as one opaque failure', () => {
    for (const damaged of everyBitFlipped(sealed, 0)) expect(codeOf(() => openEnvelope(engine, key, damaged))).toBeDefined()
    for (const damaged of everyBitFlipped(sealed, 5)) expect(codeOf(() => openEnvelope(engine, key, damaged))).toBe('auth_failed')
  })

  test.each([
    ['000501000c', 'unsupported_version'],
    ['000601010c', 'unsupported_algorithm'],
    ['0006000c', 'noncanonical_header'],
    ['000601000b', 'noncanonical_header'],
  ])('a header %s is %s', (header, code) => {
    expect(codeOf(() => openEnvelope(engine, key, decodeHex(`${header}${encodeHex(sealed).slice(header.length)}`)))).toBe(code)
  })

  test('an envelope without a tag is truncated or does not open, at every length', () => {
    for (let length = 0; length < ENVELOPE_OVERHEAD; length++)
      expect(['truncated', 'auth_failed', 'noncanonical_header']).toContain(
        codeOf(() => openEnvelope(engine, key, sealed.subarray(0, length))),
      )
  })

  test('a key of 31 bytes is a mistake of the caller', () => {
    expect(codeOf(() => openEnvelope(engine, key.subarray(1), sealed))).toBe('invalid_argument')
  })
})

describeOnEveryEngine('Turtl sealed message (turtl §2)', (engine) => {
  const alice = engine.sealedBox.makeKeyPair()
  const sealed = sealMessage(engine, alice.publicKey, encodeUtf8('hello'))

  test('opens to what was sealed, 49 bytes shorter', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (plaintext) => {
        const message = sealMessage(engine, alice.publicKey, plaintext)
        expect(message.length).toBe(plaintext.length + SEALED_MESSAGE_OVERHEAD)
        expect(openMessage(engine, alice, message)).toEqual(new Uint8Array(plaintext))
      }),
    )
  })

  test('below 49 bytes it is truncated, before a key is touched', () => {
    for (let length = 0; length < SEALED_MESSAGE_OVERHEAD; length++)
      expect(codeOf(() => openMessage(engine, alice, sealed.subarray(0, length)))).toBe('truncated')
  })

  test('another version is told before a key is touched', () => {
    expect(codeOf(() => openMessage(engine, alice, new Uint8Array(sealed).fill(4, 0, 1)))).toBe('unsupported_version')
  })

  test('a changed bit after the version, another key pair, or a public key that does not match is one opaque failure', () => {
    for (const damaged of everyBitFlipped(sealed, 33)) expect(codeOf(() => openMessage(engine, alice, damaged))).toBe('auth_failed')
    const bob = engine.sealedBox.makeKeyPair()
    expect(codeOf(() => openMessage(engine, bob, sealed))).toBe('auth_failed')
    expect(codeOf(() => openMessage(engine, { ...alice, publicKey: bob.publicKey }, sealed))).toBe('auth_failed')
  })
})
