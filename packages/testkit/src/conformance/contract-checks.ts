/** The other contracts of the engine: into the caller's array, in place, in batches, keys behind handles. One answer by all. */
import { concatBytes, decodeHex, encodeUtf8 } from '@holdfast/base'
import type { Aead, Engine } from '@holdfast/crypto'
import { type Check, CheckFailure, expectBytes, expectCode, expectSame } from './check'
import { countingBytes, LENGTHS_AROUND_BLOCKS } from './inputs'
import { SMALL_ORDER_POINTS } from './points'

const KEY = countingBytes(32, 9)
const AAD = encodeUtf8('associated data')
const LENGTHS = LENGTHS_AROUND_BLOCKS.filter((length) => length <= 4097)

const CIPHERS = ['chacha20poly1305', 'xchacha20poly1305'] as const

const nonceOf = ({ nonceLength }: Aead, first = 3) => countingBytes(nonceLength, first)

/** Whatever prints a handle prints what it is, never what it holds. */
function expectRedacted(handle: object): void {
  for (const text of [String(handle), JSON.stringify({ handle })]) {
    if (/\d{2}/.test(text) || !text.includes('[')) throw new CheckFailure(`a handle prints as ${text}`)
  }
}

export const CONTRACT_CHECKS: readonly Check[] = [
  ...CIPHERS.flatMap(aeadContracts),
  {
    name: 'envelope: batches, lists of views and keys behind handles give the same envelopes (turtl §1)',
    run({ aead, envelopes }) {
      const plaintexts = LENGTHS.slice(0, 90).map((length) => countingBytes(length, length))
      const nonces = plaintexts.map((_, i) => countingBytes(12, i))
      const handle = aead.chacha20poly1305.loadKey(KEY)
      const expected = envelopes.sealMany(
        plaintexts.map(() => KEY),
        nonces,
        plaintexts,
      )
      for (const keys of [KEY, handle, plaintexts.map(() => handle)]) {
        const { bytes, offsets } = envelopes.sealBatch(keys, nonces, plaintexts)
        expectBytes(bytes, concatBytes(...expected), 'the batch')
        expectSame(offsets.length, plaintexts.length + 1, 'offsets')
        const opened = envelopes.openBatch(keys, { bytes, offsets })
        expectBytes(opened.bytes, concatBytes(...plaintexts), 'the batch opened')
        expectSame(
          opened.codes.every((code) => code === undefined),
          true,
          'no refusals',
        )
      }
      const keys = concatBytes(...plaintexts.map(() => KEY))
      expectBytes(
        envelopes.sealBatch(keys, concatBytes(...nonces), plaintexts).bytes,
        concatBytes(...expected),
        'keys and nonces in one array',
      )
      expectBytes(
        envelopes.openBatch(keys, envelopes.sealBatch(KEY, nonces, plaintexts)).bytes,
        concatBytes(...plaintexts),
        'keys in one array',
      )
      const mixed = envelopes.openBatch(KEY, [expected[5] as Uint8Array, new Uint8Array(3), new Uint8Array(40), expected[7] as Uint8Array])
      expectSame(mixed.codes.map((code) => code ?? '-').join(), '-,truncated,unsupported_version,-', 'codes')
      expectBytes(mixed.bytes, concatBytes(plaintexts[5] as Uint8Array, plaintexts[7] as Uint8Array), 'what opened')
      handle.free()
      expectCode('key_freed', () => envelopes.sealBatch(handle, nonces, plaintexts))
    },
  },
  {
    name: 'X25519: both sides agree, singly and in batches, and the batch is the loop (RFC 7748 §6.1)',
    run({ x25519 }) {
      const alice = decodeHex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a')
      const bob = decodeHex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb')
      const [alicePublic, bobPublic] = x25519.derivePublicKeys([alice, bob])
      if (!alicePublic || !bobPublic) throw new CheckFailure('two public keys expected')
      const shared = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742'
      expectBytes(x25519.sharedSecret(alice, bobPublic), shared, "Alice's side")
      expectBytes(x25519.sharedSecret(bob, alicePublic), shared, "Bob's side")
      const secrets = Array.from({ length: 9 }, (_, i) => countingBytes(32, 7 * i))
      const publics = x25519.derivePublicKeys(secrets)
      for (const [i, secret] of secrets.entries()) expectBytes(publics[i] as Uint8Array, x25519.derivePublicKey(secret), `public key ${i}`)
      const reversed = [...publics].reverse()
      for (const [i, result] of x25519.sharedSecrets(secrets, reversed).entries()) {
        expectBytes(result as Uint8Array, x25519.sharedSecret(secrets[i] as Uint8Array, reversed[i] as Uint8Array), `shared secret ${i}`)
      }
      expectSame(x25519.derivePublicKeys([]).length + x25519.sharedSecrets([], []).length, 0, 'results of empty batches')
    },
  },
  {
    name: 'X25519: RFC 7748 §5.2, the test vectors and a thousand iterations',
    run({ x25519 }) {
      const first = x25519.sharedSecret(
        decodeHex('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4'),
        decodeHex('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c'),
      )
      expectBytes(first, 'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552', 'the first vector')
      let [k, u] = [new Uint8Array(32), new Uint8Array(32)]
      k[0] = u[0] = 9
      for (let i = 0; i < 1000; i++) [k, u] = [x25519.sharedSecret(k, u), k]
      expectBytes(k, '684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51', 'after 1,000 iterations')
    },
  },
  {
    name: 'X25519: an all-zero shared secret is refused, and in a batch refused alone',
    run({ x25519 }) {
      const good = x25519.derivePublicKey(KEY)
      for (const point of SMALL_ORDER_POINTS) {
        expectCode('weak_public_key', () => x25519.sharedSecret(KEY, decodeHex(point)), point)
        const results = x25519.sharedSecrets([KEY, KEY, KEY], [good, decodeHex(point), good])
        expectSame(results[1], 'weak_public_key', point)
        expectBytes(results[2] as Uint8Array, x25519.sharedSecret(KEY, good), 'the one behind it')
      }
    },
  },
  {
    name: 'sealed box: into, batches and handles give what the plain calls give',
    run(engine) {
      const { sealedBox } = engine
      const pair = sealedBox.makeKeyPair()
      const [keyPair, recipient] = [sealedBox.loadKeyPair(pair), sealedBox.loadRecipient(pair.publicKey)]
      expectRedacted(keyPair)
      expectRedacted(recipient)
      const plaintexts = [0, 1, 63, 64, 65, 1000].map((length) => countingBytes(length, length))
      const openers = [pair, keyPair]
      const recipients = [pair.publicKey, recipient]
      for (const to of recipients) {
        const boxes = [
          ...plaintexts.map((plaintext) => sealedBox.seal(to, plaintext)),
          ...sealedBox.sealMany(to, plaintexts),
          ...sealedBox.sealMany(
            plaintexts.map(() => to),
            plaintexts,
          ),
          ...plaintexts.map((plaintext) => {
            const out = new Uint8Array(plaintext.length + 60).fill(0xee)
            expectSame(sealedBox.sealInto(out, to, plaintext), plaintext.length + 48, 'bytes written')
            expectBytes(out.subarray(plaintext.length + 48), new Uint8Array(12).fill(0xee), 'what lies behind')
            return out.slice(0, plaintext.length + 48)
          }),
        ]
        for (const from of openers) {
          const opened = sealedBox.openMany(from, boxes)
          for (const [i, box] of boxes.entries()) {
            const plaintext = plaintexts[i % plaintexts.length] as Uint8Array
            expectBytes(sealedBox.open(from, box), plaintext, `box ${i}`)
            expectBytes(opened[i] as Uint8Array, plaintext, `box ${i} of the batch`)
            const out = new Uint8Array(plaintext.length)
            expectSame(sealedBox.openInto(out, from, box), plaintext.length, 'bytes written')
            expectBytes(out, plaintext, `box ${i} opened into`)
          }
        }
        recipient.prepare()
      }
      keyPair.free()
      recipient.free()
      keyPair.free()
      expectCode('key_freed', () => sealedBox.open(keyPair, new Uint8Array(60)))
      expectCode('key_freed', () => sealedBox.seal(recipient, new Uint8Array()))
    },
  },
  {
    name: 'sealed box: a bad box of a batch is refused alone; one weak recipient refuses the whole batch',
    run({ sealedBox }) {
      const pair = sealedBox.makeKeyPair()
      const [good, short] = [sealedBox.seal(pair.publicKey, KEY), new Uint8Array(47)]
      const wrong = sealedBox.seal(sealedBox.makeKeyPair().publicKey, KEY)
      const { bytes, offsets, codes } = sealedBox.openBatch(pair, [good, wrong, short, good])
      expectSame(codes.map((code) => code ?? '-').join(), '-,auth_failed,auth_failed,-', 'codes')
      expectSame([...offsets].join(), '0,32,32,32,64', 'offsets')
      expectBytes(bytes, concatBytes(KEY, KEY), 'plaintexts')
      expectCode('weak_public_key', () => sealedBox.sealBatch([pair.publicKey, new Uint8Array(32)], [KEY, KEY]))
    },
  },
]

function aeadContracts(cipher: (typeof CIPHERS)[number]): Check[] {
  const check = (sentence: string, run: (aead: Aead, engine: Engine) => void): Check => ({
    name: `${cipher}: ${sentence}`,
    run: (engine) => run(engine.aead[cipher], engine),
  })
  return [
    check('into the caller’s array, and in place in a buffer, are the same bytes as seal and open', (aead, engine) => {
      for (const length of LENGTHS) {
        const [plaintext, nonce] = [countingBytes(length, length), nonceOf(aead)]
        const expected = aead.seal(KEY, nonce, AAD, plaintext)
        const out = new Uint8Array(length + 20).fill(0xee)
        expectSame(aead.sealInto(out, KEY, nonce, AAD, plaintext), length + 16, 'bytes sealed into')
        expectBytes(out, concatBytes(expected, new Uint8Array(4).fill(0xee)), 'sealed into')
        expectSame(aead.openInto(out, KEY, nonce, AAD, expected), length, 'bytes opened into')
        expectBytes(out.subarray(0, length), plaintext, 'opened into')
        const buffer = engine.makeBuffer(length + 16)
        buffer.bytes.set(plaintext)
        expectSame(aead.sealInPlace(KEY, nonce, AAD, buffer, length), length + 16, 'bytes sealed in place')
        expectBytes(buffer.bytes.subarray(0, length + 16), expected, 'sealed in place')
        expectSame(aead.openInPlace(KEY, nonce, AAD, buffer, length + 16), length, 'bytes opened in place')
        expectBytes(buffer.bytes.subarray(0, length), plaintext, 'opened in place')
        buffer.free()
      }
    }),

    check('out may overlap the inputs', (aead) => {
      const room = countingBytes(200, 1)
      const expected = aead.seal(KEY, nonceOf(aead), AAD, room.slice(10, 110))
      aead.sealInto(room, KEY, nonceOf(aead), AAD, room.subarray(10, 110))
      expectBytes(room.subarray(0, 116), expected, 'sealed over itself')
      aead.openInto(room.subarray(3), KEY, nonceOf(aead), AAD, room.subarray(0, 116))
      expectBytes(room.subarray(3, 103), countingBytes(100, 11), 'opened over itself')
    }),

    check('a refused openInto leaves out alone; a refused openInPlace leaves zeros; too small an out is refused', (aead, engine) => {
      const forged = aead.seal(KEY, nonceOf(aead), AAD, countingBytes(50))
      forged[65] = (forged[65] ?? 0) ^ 1
      const out = new Uint8Array(50).fill(0xee)
      expectCode('auth_failed', () => aead.openInto(out, KEY, nonceOf(aead), AAD, forged))
      expectBytes(out, new Uint8Array(50).fill(0xee), 'out')
      const buffer = engine.makeBuffer(66)
      buffer.bytes.set(forged)
      expectCode('auth_failed', () => aead.openInPlace(KEY, nonceOf(aead), AAD, buffer, 66))
      expectBytes(buffer.bytes.subarray(0, 50), new Uint8Array(50), 'the buffer')
      buffer.free()
      expectCode('invalid_argument', () => aead.sealInto(new Uint8Array(65), KEY, nonceOf(aead), AAD, countingBytes(50)))
      expectCode('invalid_argument', () =>
        aead.openInto(new Uint8Array(49), KEY, nonceOf(aead), AAD, aead.seal(KEY, nonceOf(aead), AAD, countingBytes(50))),
      )
    }),

    check('a batch is the loop of its single calls, good and bad mixed, with one key or many', (aead) => {
      const plaintexts = LENGTHS.slice(0, 100).map((length) => countingBytes(length, 3 * length))
      const keys = plaintexts.map((_, i) => countingBytes(32, i))
      const nonces = plaintexts.map((_, i) => nonceOf(aead, 5 * i))
      const aads = plaintexts.map((_, i) => countingBytes(i, 1))
      for (const [someKeys, someAads] of [
        [keys, aads],
        [KEY, AAD],
        [keys, AAD],
        [KEY, aads],
      ] as const) {
        const at = <Item>(items: Item | readonly Item[], i: number) => (Array.isArray(items) ? items[i] : items) as Item
        const sealed = aead.sealMany(someKeys, nonces, someAads, plaintexts)
        const batch = aead.sealBatch(someKeys, nonces, someAads, plaintexts)
        const forged = sealed.map((ciphertext, i) => (i % 3 === 1 ? ciphertext.slice(1) : ciphertext))
        const opened = aead.openMany(someKeys, nonces, someAads, forged)
        const whole = aead.openBatch(someKeys, nonces, someAads, batch)
        for (const [i, plaintext] of plaintexts.entries()) {
          const expected = aead.seal(at(someKeys, i), nonces[i] as Uint8Array, at(someAads, i), plaintext)
          expectBytes(sealed[i] as Uint8Array, expected, `message ${i}`)
          expectBytes(batch.bytes.subarray(batch.offsets[i], batch.offsets[i + 1]), expected, `message ${i} of the batch`)
          expectBytes(whole.bytes.subarray(whole.offsets[i], whole.offsets[i + 1]), plaintext, `message ${i} opened`)
          if (i % 3 === 1) expectSame(opened[i], 'auth_failed', `message ${i}`)
          else expectBytes(opened[i] as Uint8Array, plaintext, `message ${i} opened`)
        }
      }
      expectSame(aead.sealMany([], [], [], []).length, 0, 'an empty batch')
      expectCode('invalid_argument', () => aead.sealMany(keys, nonces.slice(1), AAD, plaintexts))
    }),

    check('keys and nonces one after another in one array are those of a list, whatever the messages come as', (aead) => {
      const plaintexts = LENGTHS.slice(0, 100).map((length) => countingBytes(length, 3 * length))
      const keys = plaintexts.map((_, i) => countingBytes(32, i))
      const nonces = plaintexts.map((_, i) => nonceOf(aead, 5 * i))
      const { bytes, offsets } = aead.sealBatch(keys, nonces, AAD, plaintexts)
      // Offsets need not start at the start of their array.
      const shifted = { bytes: concatBytes(KEY, ...plaintexts), offsets: new Uint32Array(plaintexts.length + 1).fill(32) }
      for (const [i, plaintext] of plaintexts.entries()) shifted.offsets[i + 1] = (shifted.offsets[i] as number) + plaintext.length
      for (const messages of [plaintexts, shifted]) {
        const flat = aead.sealBatch(concatBytes(...keys), concatBytes(...nonces), AAD, messages)
        expectBytes(flat.bytes, bytes, 'sealed')
        expectSame(flat.offsets.join(), offsets.join(), 'offsets')
        const mixed = aead.sealMany(KEY, concatBytes(...nonces), AAD, messages)
        expectBytes(concatBytes(...mixed), aead.sealBatch(KEY, nonces, AAD, plaintexts).bytes, 'sealed with one key')
      }
      const forged = bytes.slice()
      forged[offsets[7] as number] = (forged[offsets[7] as number] ?? 0) ^ 1
      const opened = aead.openMany(concatBytes(...keys), concatBytes(...nonces), AAD, { bytes: forged, offsets })
      for (const [i, plaintext] of plaintexts.entries()) {
        if (i === 7) expectSame(opened[i], 'auth_failed', 'the forged one')
        else expectBytes(opened[i] as Uint8Array, plaintext, `message ${i}`)
      }
      expectSame(aead.sealMany(new Uint8Array(), new Uint8Array(), AAD, []).length, 0, 'an empty batch')
      expectCode('invalid_argument', () => aead.sealMany(concatBytes(...keys, KEY), nonces, AAD, plaintexts), 'a key too many')
      expectCode('invalid_argument', () => aead.sealMany(keys, concatBytes(...nonces).subarray(1), AAD, plaintexts), 'a nonce too short')
    }),

    check('messages too short for a tag are refused in their turn, first, last and side by side, and take no other along', (aead) => {
      const [first, last] = [aead.seal(KEY, nonceOf(aead), AAD, countingBytes(90)), aead.seal(KEY, nonceOf(aead), AAD, countingBytes(3))]
      const parts = [countingBytes(15), first, new Uint8Array(), countingBytes(1), last, countingBytes(15, 8)]
      const offsets = new Uint32Array(parts.length + 1)
      for (const [i, part] of parts.entries()) offsets[i + 1] = (offsets[i] as number) + part.length
      const nonces = parts.map(() => nonceOf(aead))
      for (const messages of [parts, { bytes: concatBytes(...parts), offsets }]) {
        const opened = aead.openBatch(KEY, nonces, AAD, messages)
        const no = 'auth_failed'
        expectSame(opened.codes.map((code) => code ?? '-').join(), [no, '-', no, no, '-', no].join(), 'codes')
        expectSame(opened.offsets.join(), '0,0,90,90,90,93,93', 'offsets')
        expectBytes(opened.bytes, concatBytes(countingBytes(90), countingBytes(3)), 'what opened')
      }
    }),

    check('a key behind a handle is the key; freed, it is refused; it prints as what it is', (aead, engine) => {
      const handle = aead.loadKey(KEY)
      expectRedacted(handle)
      const ciphertext = aead.seal(KEY, nonceOf(aead), AAD, countingBytes(70))
      expectBytes(aead.seal(handle, nonceOf(aead), AAD, countingBytes(70)), ciphertext)
      expectBytes(aead.open(handle, nonceOf(aead), AAD, ciphertext), countingBytes(70))
      expectBytes(
        engine.kdf.subkey(handle, encodeUtf8('KDF test'), 1n, 32),
        engine.kdf.subkey(KEY, encodeUtf8('KDF test'), 1n, 32),
        'subkey',
      )
      const [one, other] = [aead.makeKey(), aead.makeKey()]
      expectCode('auth_failed', () => aead.open(other, nonceOf(aead), AAD, aead.seal(one, nonceOf(aead), AAD, KEY)))
      for (const key of [handle, one, other]) key.free()
      handle.free()
      expectCode('key_freed', () => aead.seal(handle, nonceOf(aead), AAD, KEY))
      const buffer = engine.makeBuffer(40)
      buffer.free()
      expectCode('buffer_freed', () => aead.sealInPlace(KEY, nonceOf(aead), AAD, buffer, 8))
    }),
  ]
}
