/** X25519 (RFC 7748): the base point, and the points on which implementations go wrong. */
import { decodeHex } from '@holdfast/base'
import { type Check, CheckFailure, expectBytes } from './check'
import { countingBytes } from './inputs'

export const X25519_CHECKS: readonly Check[] = [
  {
    name: 'X25519: derives the public keys of RFC 7748 §6.1',
    run({ x25519 }) {
      const alice = decodeHex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a')
      expectBytes(x25519.derivePublicKey(alice), '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a', "Alice's public key")
      const bob = decodeHex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb')
      expectBytes(x25519.derivePublicKey(bob), 'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f', "Bob's public key")
    },
  },
  {
    name: 'X25519: the first step of the iterated test of RFC 7748 §5.2',
    run({ x25519 }) {
      const nine = new Uint8Array(32)
      nine[0] = 9
      expectBytes(x25519.derivePublicKey(nine), '422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079')
    },
  },
  {
    name: 'X25519: clamps at use: the five fixed bits of a secret key do not matter, every other bit does',
    run({ x25519 }) {
      const secret = countingBytes(32, 0x51)
      const expected = x25519.derivePublicKey(secret)
      const clampedBits = new Set([0, 1, 2, 254, 255])
      for (let bit = 0; bit < 256; bit++) {
        const changed = new Uint8Array(secret)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const same = String(x25519.derivePublicKey(changed)) === String(expected)
        if (same !== clampedBits.has(bit))
          throw new CheckFailure(`bit ${bit} of the secret key: expected it ${same ? '' : 'not '}to matter`)
      }
    },
  },
  {
    name: 'X25519: secret keys of all zeros and all ones have public keys',
    run({ x25519 }) {
      expectBytes(x25519.derivePublicKey(new Uint8Array(32)), '2fe57da347cd62431528daac5fbb290730fff684afc4cfc2ed90995f58cb3b74')
      expectBytes(x25519.derivePublicKey(new Uint8Array(32).fill(0xff)), '847c0d2c375234f365e660955187a3735a0f7613d1609d3a6a4d8c53aeaa5a22')
    },
  },
]
