/** libsodium `crypto_box_seal` (world-backup-client §2.1). */
import { concatBytes, decodeHex, encodeHex, encodeUtf8 } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { type Check, CheckFailure, expectBytes, expectCode, expectSame } from './check'
import { countingBytes, everyBitFlipped, everyTruncation, LENGTHS_AROUND_BLOCKS } from './inputs'
import { NONCANONICAL_POINTS, SMALL_ORDER_POINTS } from './points'

const MESSAGE = encodeUtf8('hello from a sealed box')

function recipientOf(engine: Engine) {
  const secretKey = countingBytes(32, 0x11)
  return { secretKey, publicKey: engine.x25519.derivePublicKey(secretKey) }
}

const ephemeral = () => countingBytes(32, 0x77)

export const SEALED_BOX_CHECKS: readonly Check[] = [
  {
    name: 'sealed box: opens to what was sealed, 48 bytes longer, at every length around every block boundary',
    run(engine) {
      const recipient = recipientOf(engine)
      expectSame(engine.sealedBox.overhead, 48, 'overhead')
      for (const length of LENGTHS_AROUND_BLOCKS) {
        const plaintext = countingBytes(length, length)
        const box = engine.sealedBox.sealWithEphemeral(recipient.publicKey, ephemeral(), plaintext)
        expectSame(box.length, length + 48, 'box length')
        expectBytes(engine.sealedBox.open(recipient, box), plaintext, `plaintext of ${length} bytes`)
      }
    },
  },
  {
    name: 'sealed box: begins with the ephemeral public key',
    run(engine) {
      const box = engine.sealedBox.sealWithEphemeral(recipientOf(engine).publicKey, ephemeral(), MESSAGE)
      expectBytes(box.subarray(0, 32), engine.x25519.derivePublicKey(ephemeral()))
    },
  },
  {
    name: 'sealed box: seal draws a fresh ephemeral key for every box',
    run(engine) {
      const recipient = recipientOf(engine)
      const boxes = Array.from({ length: 20 }, () => engine.sealedBox.seal(recipient.publicKey, MESSAGE))
      expectSame(new Set(boxes.map((box) => encodeHex(box.subarray(0, 32)))).size, 20, 'distinct ephemeral keys')
      for (const box of boxes) expectBytes(engine.sealedBox.open(recipient, box), MESSAGE)
    },
  },
  {
    name: 'sealed box: makeKeyPair makes fresh pairs whose public half is derived from the secret half',
    run(engine) {
      const pairs = Array.from({ length: 5 }, () => engine.sealedBox.makeKeyPair())
      expectSame(new Set(pairs.map(({ secretKey }) => encodeHex(secretKey))).size, 5, 'distinct secret keys')
      for (const pair of pairs) {
        expectBytes(engine.x25519.derivePublicKey(pair.secretKey), pair.publicKey)
        expectBytes(engine.sealedBox.open(pair, engine.sealedBox.seal(pair.publicKey, MESSAGE)), MESSAGE)
      }
    },
  },
  {
    name: 'sealed box: refuses every flipped bit: the ignored top bit of the ephemeral key too, because the nonce depends on it',
    run(engine) {
      const recipient = recipientOf(engine)
      const box = engine.sealedBox.sealWithEphemeral(recipient.publicKey, ephemeral(), MESSAGE)
      for (const damaged of everyBitFlipped(box)) expectCode('auth_failed', () => engine.sealedBox.open(recipient, damaged))
    },
  },
  {
    name: 'sealed box: refuses every truncation, and a byte added',
    run(engine) {
      const recipient = recipientOf(engine)
      const box = engine.sealedBox.sealWithEphemeral(recipient.publicKey, ephemeral(), MESSAGE)
      for (const cut of everyTruncation(box)) expectCode('auth_failed', () => engine.sealedBox.open(recipient, cut))
      expectCode('auth_failed', () => engine.sealedBox.open(recipient, concatBytes(box, new Uint8Array(1))))
    },
  },
  {
    name: 'sealed box: needs both halves of the right key pair, because the nonce depends on the public one',
    run(engine) {
      const recipient = recipientOf(engine)
      const other = engine.sealedBox.makeKeyPair()
      const box = engine.sealedBox.seal(recipient.publicKey, MESSAGE)
      expectCode('auth_failed', () => engine.sealedBox.open(other, box))
      expectCode('auth_failed', () => engine.sealedBox.open({ ...recipient, publicKey: other.publicKey }, box))
      expectCode('auth_failed', () => engine.sealedBox.open({ ...recipient, secretKey: other.secretKey }, box))
    },
  },
  {
    name: 'sealed box: sealing to a point of small order is refused as weak, however it is encoded',
    run(engine) {
      for (const point of SMALL_ORDER_POINTS) {
        expectCode('weak_public_key', () => engine.sealedBox.sealWithEphemeral(decodeHex(point), ephemeral(), MESSAGE), point)
        expectCode('weak_public_key', () => engine.sealedBox.seal(decodeHex(point), MESSAGE), point)
      }
    },
  },
  {
    name: 'sealed box: a box whose ephemeral key has small order never opens (world-backup-client §17)',
    run(engine) {
      const recipient = recipientOf(engine)
      for (const point of SMALL_ORDER_POINTS) {
        const box = concatBytes(decodeHex(point), new Uint8Array(16 + 5))
        expectCode('auth_failed', () => engine.sealedBox.open(recipient, box), point)
      }
    },
  },
  {
    name: 'sealed box: a non-canonical recipient key is the same point under another nonce (RFC 7748 §5)',
    run(engine) {
      for (const pair of NONCANONICAL_POINTS) {
        const [one, other] = pair.map((point) => engine.sealedBox.sealWithEphemeral(decodeHex(point), ephemeral(), MESSAGE))
        if (!one || !other) throw new CheckFailure('two boxes expected')
        expectBytes(one.subarray(0, 32), other.subarray(0, 32), 'ephemeral key')
        if (encodeHex(one) === encodeHex(other)) throw new CheckFailure('the nonce does not depend on the encoding of the recipient key')
      }
      const { secretKey, publicKey } = recipientOf(engine)
      const topBitSet = new Uint8Array(publicKey)
      topBitSet[31] = (topBitSet[31] ?? 0) | 0x80
      const box = engine.sealedBox.seal(topBitSet, MESSAGE)
      expectBytes(engine.sealedBox.open({ secretKey, publicKey: topBitSet }, box), MESSAGE)
      expectCode('auth_failed', () => engine.sealedBox.open({ secretKey, publicKey }, box))
    },
  },
]
