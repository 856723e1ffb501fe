/** What must take the same time for every secret: tag comparison, X25519, and the choice from tables of multiples. */
import type { Engine } from '@holdfast/crypto'
import { outcomeOf } from '../conformance/check'
import type { TimingSubject } from './compare-timings'

/**
 * Every subject of one engine; the input types are their own business.
 *
 * @param feed makes the engine's random source give these bytes next.
 */
export function timingSubjects(engine: Engine, feed: (bytes: Uint8Array) => void): readonly TimingSubject<never>[] {
  const secretKey = new Uint8Array(32).fill(0x5a)
  const recipient = { secretKey, publicKey: engine.x25519.derivePublicKey(secretKey) }
  const [key, nonce, none] = [new Uint8Array(32).fill(7), new Uint8Array(12), new Uint8Array()]
  const sealed = engine.aead.chacha20poly1305.seal(key, nonce, none, new Uint8Array(64))
  const box = engine.sealedBox.seal(recipient.publicKey, new Uint8Array(64))
  const prepared = engine.sealedBox.loadRecipient(recipient.publicKey)
  prepared.prepare()
  const fixed = new Uint8Array(32).fill(0x01)
  const plaintext = new Uint8Array(16)

  /** The same work for both classes: one draw, one copy, one choice without a branch on the bytes. */
  const fixedOrRandom = (random: (length: number) => Uint8Array, second: boolean) => {
    const drawn = random(32)
    return new Uint8Array(second ? drawn : fixed)
  }
  const wrongAt = (message: Uint8Array, from: number, to: number) => (_: unknown, second: boolean) => {
    const copy = new Uint8Array(message)
    const at = second ? to : from
    copy[at] = (copy[at] ?? 0) ^ 1
    return copy
  }

  const subjects: readonly TimingSubject<Uint8Array>[] = [
    {
      name: 'AEAD tag comparison',
      classes: 'first byte of the tag wrong, last byte wrong',
      make: wrongAt(sealed, 64, 79),
      run: (ciphertext) => void outcomeOf(() => engine.aead.chacha20poly1305.open(key, nonce, none, ciphertext)),
    },
    {
      name: 'sealed box tag comparison',
      classes: 'first byte of the tag wrong, last byte wrong',
      make: wrongAt(box, 32, 47),
      run: (damaged) => void outcomeOf(() => engine.sealedBox.open(recipient, damaged)),
    },
    {
      name: 'X25519 of the base point (comb selection)',
      classes: 'fixed secret key, random secret keys',
      make: fixedOrRandom,
      run: (secret) => void engine.x25519.derivePublicKey(secret),
    },
    {
      name: 'X25519 of a recipient key (sealing)',
      classes: 'fixed ephemeral secret, random ephemeral secrets',
      make: fixedOrRandom,
      run: (ephemeral) => void engine.sealedBox.sealWithEphemeral(recipient.publicKey, ephemeral, plaintext),
    },
    {
      name: 'sealing to a prepared recipient (table selection)',
      classes: 'fixed ephemeral secret, random ephemeral secrets',
      make: fixedOrRandom,
      run(ephemeral) {
        feed(ephemeral)
        engine.sealedBox.seal(prepared, plaintext)
      },
    },
  ]
  return subjects as readonly TimingSubject<never>[]
}

/** A comparison that stops at the first difference: the test must find this one, or it finds nothing. */
export function leakyControl(): TimingSubject<Uint8Array> {
  const expected = new Uint8Array(4096)
  return {
    name: 'control: an early-exit comparison',
    classes: 'first byte wrong, last byte wrong',
    make(_, second) {
      const bytes = new Uint8Array(expected)
      bytes[second ? 4095 : 0] = 1
      return bytes
    },
    run(bytes) {
      for (let i = 0; i < bytes.length; i++) if (bytes[i] !== expected[i]) return
    },
  }
}
