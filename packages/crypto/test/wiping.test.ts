/**
 * After each operation nothing secret is left in linear memory: all of it is searched, and the stack must be zero.
 *
 * The core is handed distinctive keys, plaintexts and ephemeral secrets; derived secrets are computed by the other engine.
 */
import { describe, expect, test } from 'vitest'
import { init } from '../src/node'
import { openWasmEngine } from './engines'

const { engine, memory } = await openWasmEngine()
const other = await init({ backend: 'sodium' })

/** 32 bytes that occur nowhere by chance. */
const secret = (seed: number, length = 32) =>
  Uint8Array.from({ length }, (_, i) => (Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(seed, 0x85ebca6b)) >>> 13)
const KEY = secret(1)
const EPHEMERAL = secret(2)
const PLAINTEXT = secret(3, 3000)
const PASSWORD = secret(4, 40)
const NONCE = secret(5, 24)
const PAIR = { publicKey: other.x25519.derivePublicKey(secret(6)), secretKey: secret(6) }
const FILES = [{ designator: 'orb_pkg', path: 'a', content: PLAINTEXT }]
const ROOT_KEY = `{"version":"V1","key":"${'c5'.repeat(32)}"}`

const KEYSTREAM = other.aead.chacha20poly1305.seal(KEY, NONCE.subarray(0, 12), new Uint8Array(), new Uint8Array(256)).subarray(0, 256)

/** Windows of 8 bytes: a fragment of a secret counts. */
const windows = (bytes: Uint8Array) =>
  Array.from({ length: Math.floor(bytes.length / 8) }, (_, i) => Buffer.from(bytes.slice(8 * i, 8 * i + 8)))
const SECRETS: Readonly<Record<string, readonly Buffer[]>> = {
  key: windows(KEY),
  'ephemeral secret': windows(EPHEMERAL),
  plaintext: windows(PLAINTEXT.subarray(0, 512)),
  password: windows(PASSWORD),
  'secret key': windows(PAIR.secretKey),
  'shared secret': windows(other.x25519.sharedSecret(EPHEMERAL, PAIR.publicKey)),
  keystream: windows(KEYSTREAM),
  'root key': windows(new TextEncoder().encode(ROOT_KEY)),
}

function found(): string[] {
  const all = Buffer.from(memory().buffer)
  return Object.entries(SECRETS).flatMap(([name, parts]) => (parts.some((part) => all.includes(part)) ? [name] : []))
}

/**
 * The stack is the first MiB of the core's memory, and grows downwards. Of its top, the frames of the exported functions
 * themselves stay: addresses and lengths. Below, all is zero.
 */
const STACK_BYTES = 1 << 20
const OWN_FRAMES = 256
const dirtyStack = () =>
  memory()
    .subarray(0, STACK_BYTES - OWN_FRAMES)
    .findIndex((byte) => byte !== 0)

const { chacha20poly1305, xchacha20poly1305 } = engine.aead
const aad = new Uint8Array(9)
const nonce = NONCE.subarray(0, 12)
const sealed = chacha20poly1305.seal(KEY, nonce, aad, PLAINTEXT)
const box = engine.sealedBox.sealWithEphemeral(PAIR.publicKey, EPHEMERAL, PLAINTEXT)
const container = engine.container.pack(ROOT_KEY, FILES, 0)
const many = <T>(value: T, count = 40) => Array.from({ length: count }, () => value)
const forged = sealed.map((byte, i) => (i === 0 ? byte ^ 1 : byte))
const ignore = (run: () => unknown) => {
  try {
    run()
  } catch {
    // Refusing is what is asked for; what it leaves behind is looked at.
  }
}

const OPERATIONS: Readonly<Record<string, () => unknown>> = {
  seal: () => chacha20poly1305.seal(KEY, nonce, aad, PLAINTEXT),
  'seal 9 bytes': () => chacha20poly1305.seal(KEY, nonce, aad, PLAINTEXT.subarray(0, 9)),
  open: () => chacha20poly1305.open(KEY, nonce, aad, sealed),
  'open a forgery': () => ignore(() => chacha20poly1305.open(KEY, nonce, aad, forged)),
  'sealInto, openInto': () => {
    const out = new Uint8Array(sealed.length)
    chacha20poly1305.openInto(out, KEY, nonce, aad, sealed)
    chacha20poly1305.sealInto(out, KEY, nonce, aad, PLAINTEXT)
  },
  'XChaCha20-Poly1305': () => xchacha20poly1305.open(KEY, NONCE, aad, xchacha20poly1305.seal(KEY, NONCE, aad, PLAINTEXT)),
  'a batch of both': () =>
    [chacha20poly1305, xchacha20poly1305].map((aead) =>
      aead.openMany(
        many(KEY),
        many(NONCE.subarray(0, aead.nonceLength)),
        aad,
        aead.sealMany(many(KEY), many(NONCE.subarray(0, aead.nonceLength)), aad, many(PLAINTEXT.subarray(0, 100))),
      ),
    ),
  'a key handle, freed': () => {
    const handle = chacha20poly1305.loadKey(KEY)
    chacha20poly1305.seal(handle, nonce, aad, PLAINTEXT)
    handle.free()
  },
  'a buffer, freed': () => {
    const buffer = engine.makeBuffer(4000)
    buffer.bytes.set(PLAINTEXT)
    chacha20poly1305.openInPlace(KEY, nonce, aad, buffer, chacha20poly1305.sealInPlace(KEY, nonce, aad, buffer, 3000))
    buffer.free()
  },
  'sealed box': () => engine.sealedBox.sealWithEphemeral(PAIR.publicKey, EPHEMERAL, PLAINTEXT),
  'sealed box opened': () => engine.sealedBox.open(PAIR, box),
  'a weak recipient': () => ignore(() => engine.sealedBox.sealWithEphemeral(new Uint8Array(32), EPHEMERAL, PLAINTEXT)),
  'sealed boxes in batches': () => {
    engine.sealedBox.openMany(PAIR, engine.sealedBox.sealMany(PAIR.publicKey, many(PLAINTEXT.subarray(0, 90))))
    engine.sealedBox.sealMany(many(PAIR.publicKey), many(PLAINTEXT.subarray(0, 90)))
    engine.sealedBox.openMany(PAIR, many(box))
  },
  'handles of boxes, freed': () => {
    const recipient = engine.sealedBox.loadRecipient(PAIR.publicKey)
    const pair = engine.sealedBox.loadKeyPair(PAIR)
    recipient.prepare()
    engine.sealedBox.open(pair, engine.sealedBox.seal(recipient, PLAINTEXT))
    recipient.free()
    pair.free()
  },
  X25519: () => [engine.x25519.derivePublicKey(PAIR.secretKey), engine.x25519.sharedSecret(EPHEMERAL, PAIR.publicKey)],
  'X25519 in batches': () => [
    engine.x25519.derivePublicKeys(many(PAIR.secretKey)),
    engine.x25519.sharedSecrets(many(EPHEMERAL), many(PAIR.publicKey)),
  ],
  // The last of several subtrees, with a chunk over.
  hashes: () => [engine.hash.blake2b(PLAINTEXT, { key: KEY }), engine.hash.blake3(PLAINTEXT), engine.hash.blake3(secret(3, 55_100))],
  subkey: () => engine.kdf.subkey(KEY, new Uint8Array(8), 1n, 32),
  scrypt: () => engine.kdf.scrypt({ password: PASSWORD, salt: new Uint8Array(32), opsLimit: 32768, memLimit: 1 << 24, length: 32 }),
  Argon2id: () => engine.kdf.argon2id({ password: PASSWORD, salt: new Uint8Array(16), opsLimit: 1, memLimit: 1 << 20, length: 32 }),
  envelopes: () => engine.envelopes.openMany(KEY, engine.envelopes.sealMany(KEY, many(nonce), many(PLAINTEXT.subarray(0, 90)))),
  'a file record': () => engine.container.decodeRecord(engine.container.encodeRecord(FILES[0] as (typeof FILES)[0])),
  'container packed and unpacked': () => engine.container.unpack(engine.container.pack(ROOT_KEY, FILES, 0), 1e6),
  'container sealed and opened': () =>
    engine.container.unpackSealed(PAIR, engine.container.packSealed(PAIR.publicKey, ROOT_KEY, FILES, 0), 1e6),
  'a damaged container': () => ignore(() => engine.container.unpack(container.subarray(0, container.length / 2), 1e6)),
}

describe('linear memory', () => {
  test('would show what lies in it', () => {
    const buffer = engine.makeBuffer(4000)
    buffer.bytes.set(KEY, 100)
    expect(found()).toEqual(['key'])
    buffer.free()
    expect(found()).toEqual([])
  })

  test.each(Object.entries(OPERATIONS))('holds no secret after: %s', (_, run) => {
    run()
    expect(found()).toEqual([])
    expect(dirtyStack()).toBe(-1)
  })

  test('is given back, wiped, by the call after a large one', () => {
    const large = new Uint8Array(16 << 20)
    large.set(PLAINTEXT)
    const grown = chacha20poly1305.open(KEY, nonce, aad, chacha20poly1305.seal(KEY, nonce, aad, large))
    expect(grown.length).toBe(large.length)
    expect(found()).toEqual([])
    const { length } = memory()
    for (let i = 0; i < 3; i++) engine.hash.blake3(large)
    expect(memory().length).toBe(length)
  })
})
