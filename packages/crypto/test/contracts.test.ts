/** Every contract gives the bytes of the everyday one, on both engines. */
import { concatBytes } from '@holdfast/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Aead, Key } from '../src/node'
import { codeOf, engines } from './engines'

const bytes = (length: number, seed = 1) => Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17) & 0xff)
const list = (lengths: readonly number[], seed = 1) => lengths.map((length, i) => bytes(length, seed + i))
const LENGTHS = [0, 1, 15, 16, 17, 63, 64, 65, 255, 256, 257, 1024, 5000]

const ciphers = engines.flatMap(([name, engine]) =>
  (['chacha20poly1305', 'xchacha20poly1305'] as const).map((cipher) => [`${cipher} (${name})`, engine, engine.aead[cipher]] as const),
)

describe.each(ciphers)('%s', (_, engine, aead) => {
  const nonce = bytes(aead.nonceLength, 2)
  const key = bytes(32)
  const aad = bytes(20, 3)

  test.each(LENGTHS)('seals and opens %d bytes the same way into, in place, and with a handle', (length) => {
    const plaintext = bytes(length, 4)
    const sealed = aead.seal(key, nonce, aad, plaintext)
    expect(sealed.length).toBe(length + 16)
    using handle = aead.loadKey(key)
    expect(aead.seal(handle, nonce, aad, plaintext)).toEqual(sealed)
    const out = new Uint8Array(length + 20).fill(9)
    expect(aead.sealInto(out, handle, nonce, aad, plaintext)).toBe(length + 16)
    expect(out).toEqual(concatBytes(sealed, new Uint8Array(4).fill(9)))
    expect(aead.open(handle, nonce, aad, sealed)).toEqual(plaintext)
    expect(aead.openInto(out, key, nonce, aad, sealed)).toBe(length)
    expect(out.subarray(0, length)).toEqual(plaintext)
    using buffer = engine.makeBuffer(length + 16)
    buffer.bytes.set(plaintext)
    expect(aead.sealInPlace(key, nonce, aad, buffer, length)).toBe(length + 16)
    expect(buffer.bytes).toEqual(sealed)
    expect(aead.openInPlace(handle, nonce, aad, buffer, length + 16)).toBe(length)
    expect(buffer.bytes.subarray(0, length)).toEqual(plaintext)
  })

  test('takes inputs that overlap the output', () => {
    const shared = bytes(200)
    const sealed = aead.seal(key, nonce, aad, shared.slice(8, 108))
    aead.sealInto(shared, key, nonce, aad, shared.subarray(8, 108))
    expect(shared.subarray(0, 116)).toEqual(sealed)
    aead.openInto(shared.subarray(5), key, nonce, aad, shared.subarray(0, 116))
    expect(shared.subarray(5, 105)).toEqual(bytes(200).subarray(8, 108))
  })

  test('seals a batch to the same bytes as one by one, and opens it from list and batch alike', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 9 }), fc.nat(200), (plaintexts, seed) => {
        const keys: Key[] = list(
          plaintexts.map(() => 32),
          seed,
        )
        const nonces = list(
          plaintexts.map(() => aead.nonceLength),
          seed + 50,
        )
        const aads = list(
          plaintexts.map((plaintext) => plaintext.length % 40),
          seed + 90,
        )
        const singles = plaintexts.map((plaintext, i) =>
          aead.seal(keys[i] as Key, nonces[i] as Uint8Array, aads[i] as Uint8Array, plaintext),
        )
        const batch = aead.sealBatch(keys, nonces, aads, plaintexts)
        expect(batch.bytes).toEqual(concatBytes(...singles))
        expect(aead.sealMany(keys, nonces, aads, plaintexts)).toEqual(singles)
        expect(aead.openMany(keys, nonces, aads, batch)).toEqual(plaintexts)
        const opened = aead.openBatch(keys, nonces, aads, singles)
        expect(opened.bytes).toEqual(concatBytes(...plaintexts))
        expect(aead.sealBatch(keys, nonces, aads, opened)).toEqual(batch)
      }),
      { numRuns: 40 },
    )
  })

  test('takes one key and one aad for all, as bytes or as a handle', () => {
    const plaintexts = list([5, 0, 300])
    const nonces = list([0, 0, 0].map(() => aead.nonceLength))
    using handle = aead.loadKey(key)
    const sealed = aead.sealMany(handle, nonces, aad, plaintexts)
    expect(sealed).toEqual(plaintexts.map((plaintext, i) => aead.seal(key, nonces[i] as Uint8Array, aad, plaintext)))
    expect(aead.openMany(key, nonces, aad, sealed)).toEqual(plaintexts)
  })

  test('names each refused message of a batch in its place, and gives the others', () => {
    const plaintexts = list([40, 50, 60, 70])
    const nonces = list(plaintexts.map(() => aead.nonceLength))
    const sealed = aead.sealMany(key, nonces, aad, plaintexts)
    ;(sealed[1] as Uint8Array)[3] = ((sealed[1] as Uint8Array)[3] as number) ^ 1
    sealed[2] = new Uint8Array(15)
    expect(aead.openMany(key, nonces, aad, sealed)).toEqual([plaintexts[0], 'auth_failed', 'auth_failed', plaintexts[3]])
    const { bytes, offsets, codes } = aead.openBatch(key, nonces, aad, sealed)
    expect([bytes.length, [...offsets], codes]).toEqual([110, [0, 40, 40, 40, 110], [undefined, 'auth_failed', 'auth_failed', undefined]])
  })

  test('gives no byte of what does not open', () => {
    const sealed = aead.seal(key, nonce, aad, bytes(100))
    sealed[7] = (sealed[7] as number) ^ 1
    const out = new Uint8Array(100).fill(9)
    expect(codeOf(() => aead.openInto(out, key, nonce, aad, sealed))).toBe('auth_failed')
    expect(out.every((byte) => byte === 9)).toBe(true)
    using buffer = engine.makeBuffer(116)
    buffer.bytes.set(sealed)
    expect(codeOf(() => aead.openInPlace(key, nonce, aad, buffer, 116))).toBe('auth_failed')
    expect(buffer.bytes.subarray(0, 100).every((byte) => byte === 0)).toBe(true)
    expect(codeOf(() => aead.openInPlace(key, nonce, aad, buffer, 15))).toBe('auth_failed')
  })

  test('refuses what has no room, is too long, or is not parallel', () => {
    using buffer = engine.makeBuffer(20)
    expect(codeOf(() => aead.sealInto(new Uint8Array(25), key, nonce, aad, bytes(10)))).toBe('invalid_argument')
    expect(codeOf(() => aead.openInto(new Uint8Array(9), key, nonce, aad, bytes(26)))).toBe('invalid_argument')
    expect(codeOf(() => aead.sealInPlace(key, nonce, aad, buffer, 5))).toBe('invalid_argument')
    expect(codeOf(() => aead.openInPlace(key, nonce, aad, buffer, 21))).toBe('invalid_argument')
    expect(codeOf(() => engine.makeBuffer(0))).toBe('invalid_argument')
    expect(codeOf(() => aead.sealMany([key], [], aad, [bytes(1)]))).toBe('invalid_argument')
    expect(codeOf(() => aead.openMany(key, [nonce], aad, { bytes: bytes(20), offsets: new Uint32Array([0, 21]) }))).toBe('invalid_argument')
  })

  test('refuses more than 512 MiB before anything is allocated', () => {
    const huge = new Uint8Array(2 ** 29 + 1)
    expect(codeOf(() => aead.seal(key, nonce, aad, huge))).toBe('limit_exceeded')
    expect(codeOf(() => aead.open(key, nonce, aad, huge))).toBe('limit_exceeded')
    expect(codeOf(() => engine.makeBuffer(2 ** 29 + 1))).toBe('limit_exceeded')
  })
})

describe.each(engines)('handles and buffers (%s)', (_, engine) => {
  const aead: Aead = engine.aead.chacha20poly1305
  const nonce = new Uint8Array(12)

  test('a freed key is refused everywhere, freeing twice is fine, and `using` frees', () => {
    const key = aead.makeKey()
    key.free()
    key.free()
    expect(codeOf(() => aead.seal(key, nonce, nonce, nonce))).toBe('key_freed')
    expect(codeOf(() => aead.sealMany(key, [nonce], nonce, [nonce]))).toBe('key_freed')
    expect(codeOf(() => engine.kdf.subkey(key, new Uint8Array(8), 1n, 32))).toBe('key_freed')
    const recipient = engine.sealedBox.loadRecipient(engine.sealedBox.makeKeyPair().publicKey)
    recipient[Symbol.dispose]()
    expect(codeOf(() => engine.sealedBox.seal(recipient, nonce))).toBe('key_freed')
    expect(codeOf(() => recipient.prepare())).toBe('key_freed')
    const buffer = engine.makeBuffer(64)
    buffer.free()
    expect(codeOf(() => buffer.bytes)).toBe('buffer_freed')
    expect(codeOf(() => aead.sealInPlace(new Uint8Array(32), nonce, nonce, buffer, 1))).toBe('buffer_freed')
  })

  test('a handle of another kind or another engine is refused', () => {
    const [other] = engines.filter(([, candidate]) => candidate !== engine).map(([, candidate]) => candidate)
    const pair = engine.sealedBox.makeKeyPair()
    const wrong = engine.sealedBox.loadKeyPair(pair) as unknown as Key
    expect(codeOf(() => aead.seal(wrong, nonce, nonce, nonce))).toBe('invalid_argument')
    expect(codeOf(() => other?.aead.chacha20poly1305.seal(aead.makeKey(), nonce, nonce, nonce))).toBe('invalid_argument')
    expect(codeOf(() => other?.aead.chacha20poly1305.sealInPlace(new Uint8Array(32), nonce, nonce, engine.makeBuffer(32), 1))).toBe(
      'invalid_argument',
    )
  })

  test('a made key opens what it sealed, and two made keys differ', () => {
    using key = aead.makeKey()
    using other = aead.makeKey()
    const sealed = aead.seal(key, nonce, nonce, bytes(9))
    expect(aead.open(key, nonce, nonce, sealed)).toEqual(bytes(9))
    expect(codeOf(() => aead.open(other, nonce, nonce, sealed))).toBe('auth_failed')
  })

  test('nothing of a handle or buffer can be printed', async () => {
    const { inspect } = await import('node:util')
    const secret = bytes(32, 77)
    const pair = { publicKey: engine.x25519.derivePublicKey(secret), secretKey: secret }
    const buffer = engine.makeBuffer(32)
    buffer.bytes.set(secret)
    for (const held of [aead.loadKey(secret), engine.sealedBox.loadKeyPair(pair), engine.sealedBox.loadRecipient(secret), buffer]) {
      const printed = [String(held), JSON.stringify({ held }), inspect(held, { depth: 9, showHidden: true }), inspect([held])].join()
      expect(printed).not.toMatch(/\d\d/)
    }
  })
})

describe.each(engines)('sealed boxes (%s)', (_, engine) => {
  const { sealedBox } = engine
  const pair = sealedBox.makeKeyPair()

  test.each([1, 26, 27, 65])('%d boxes to one recipient open one by one and in a batch', (count) => {
    const plaintexts = list(Array.from({ length: count }, (_, i) => (i * 37) % 400))
    using recipient = sealedBox.loadRecipient(pair.publicKey)
    using opener = sealedBox.loadKeyPair(pair)
    for (const to of [pair.publicKey, recipient]) {
      const boxes = sealedBox.sealMany(to, plaintexts)
      expect(boxes.map((box) => sealedBox.open(pair, box))).toEqual(plaintexts)
      expect(sealedBox.openMany(opener, boxes)).toEqual(plaintexts)
      expect(new Set(boxes.map((box) => box.subarray(0, 32).join())).size).toBe(count)
    }
    expect(
      sealedBox.openMany(pair, sealedBox.sealBatch(recipient, sealedBox.openBatch(pair, sealedBox.sealBatch(recipient, plaintexts)))),
    ).toEqual(plaintexts)
  })

  test('boxes to distinct recipients open with their own keys only', () => {
    const pairs = Array.from({ length: 7 }, () => sealedBox.makeKeyPair())
    const plaintexts = list(pairs.map((_, i) => i * 11))
    const boxes = sealedBox.sealMany(
      pairs.map(({ publicKey }, i) => (i % 2 === 0 ? publicKey : sealedBox.loadRecipient(publicKey))),
      plaintexts,
    )
    expect(pairs.map((own, i) => sealedBox.open(own, boxes[i] as Uint8Array))).toEqual(plaintexts)
    expect(sealedBox.openMany(pairs[0] as typeof pair, [...boxes, new Uint8Array(47)])).toEqual([
      plaintexts[0],
      ...Array.from({ length: 7 }, () => 'auth_failed'),
    ])
  })

  test('into the caller’s array, single, prepared or not', () => {
    using recipient = sealedBox.loadRecipient(pair.publicKey)
    const out = new Uint8Array(100)
    for (let i = 0; i < 2; i++) {
      expect(sealedBox.sealInto(out, recipient, bytes(52))).toBe(100)
      expect(sealedBox.openInto(out, pair, out.slice())).toBe(52)
      expect(out.subarray(0, 52)).toEqual(bytes(52))
      recipient.prepare()
    }
    expect(codeOf(() => sealedBox.sealInto(new Uint8Array(99), recipient, bytes(52)))).toBe('invalid_argument')
  })

  test('a recipient of low order is refused in every way', () => {
    const weak = new Uint8Array(32)
    expect(codeOf(() => sealedBox.seal(weak, bytes(5)))).toBe('weak_public_key')
    expect(codeOf(() => sealedBox.sealMany(weak, list([5])))).toBe('weak_public_key')
    expect(codeOf(() => sealedBox.sealMany(weak, list(Array.from({ length: 40 }, () => 5))))).toBe('weak_public_key')
    expect(codeOf(() => sealedBox.sealMany([pair.publicKey, weak], list([5, 5])))).toBe('weak_public_key')
    using recipient = sealedBox.loadRecipient(weak)
    expect(codeOf(() => sealedBox.seal(recipient, bytes(5)))).toBe('weak_public_key')
    expect(codeOf(() => recipient.prepare())).toBe('weak_public_key')
    expect(codeOf(() => engine.x25519.sharedSecret(bytes(32), weak))).toBe('weak_public_key')
  })

  test('shared secrets and public keys in batches are those of single calls', () => {
    const secrets = list(Array.from({ length: 9 }, () => 32))
    const publics = engine.x25519.derivePublicKeys(secrets)
    expect(publics).toEqual(secrets.map((secret) => engine.x25519.derivePublicKey(secret)))
    const others = [new Uint8Array(32), ...publics.slice(1)]
    expect(engine.x25519.sharedSecrets(secrets, others)).toEqual([
      'weak_public_key',
      ...secrets.slice(1).map((secret, i) => engine.x25519.sharedSecret(secret, publics[i + 1] as Uint8Array)),
    ])
    expect(engine.x25519.derivePublicKeys([])).toEqual([])
  })
})

describe.each(engines)('envelopes and containers (%s)', (_, engine) => {
  test('envelopes in a batch are those of a list', () => {
    const plaintexts = list([0, 9, 300])
    const keys = list([32, 32, 32])
    const nonces = list([12, 12, 12])
    const batch = engine.envelopes.sealBatch(keys, nonces, plaintexts)
    expect(engine.envelopes.openMany(keys, batch)).toEqual(plaintexts)
    expect(engine.envelopes.sealBatch(keys, nonces, engine.envelopes.openBatch(keys, batch))).toEqual(batch)
    const damaged = engine.envelopes.sealMany(keys, nonces, plaintexts).map((envelope) => envelope.slice())
    ;(damaged[0] as Uint8Array)[1] = 5
    damaged[1] = new Uint8Array(2)
    expect(engine.envelopes.openMany(keys, damaged)).toEqual(['unsupported_version', 'truncated', plaintexts[2]])
  })

  test('progress is told in bytes between files, and what it throws ends the call', () => {
    const files = [40, 0, 60].map((length, i) => ({ designator: 'orb_pkg', path: `${i}`, content: bytes(length) }))
    const heard: (readonly [number, number])[] = []
    const pair = engine.sealedBox.makeKeyPair()
    const sealed = engine.container.packSealed(pair.publicKey, '{}', files, 0, (...progress) => heard.push(progress))
    engine.container.unpackSealed(pair, sealed, 1e6, (...progress) => heard.push(progress))
    const told = [
      [40, 100],
      [40, 100],
      [100, 100],
    ]
    expect(heard).toEqual([...told, ...told])
    const stop = () => {
      throw new RangeError('enough')
    }
    expect(() => engine.container.pack('{}', files, 0, stop)).toThrow('enough')
    expect(engine.container.unpack(engine.container.pack('{}', files, 0), 1e6)).toEqual({ rootKeyJson: '{}', files })
    using opener = engine.sealedBox.loadKeyPair(pair)
    expect(engine.container.unpackSealed(opener, sealed, 1e6)).toEqual({ rootKeyJson: '{}', files })
  })
})
