/**
 * A public key as digits that two people can read to each other. Turtl's server hands out public keys and nothing vouches
 * for them (turtl §4.9, §7.2): unless the two compare, the server can put its own in the place of the recipient's.
 */
import { ArgumentError, concatBytes, encodeUtf8 } from '@holdfast/base'
import { sha512 } from '@noble/hashes/sha2.js'

const LABEL = encodeUtf8('holdfast/turtl/public-key-fingerprint/v1')
const GROUPS = 8
const DIGITS = 5

/**
 * Eight groups of five digits, about 132 bits: another key with the same ones cannot be found. The same for everyone who
 * looks at this key, whoever they are.
 *
 *   SHA-512(label ‖ public key), each next 5 bytes as a big-endian number modulo 100 000
 *
 * @param publicKey X25519, 32 bytes.
 * @throws {ArgumentError} `invalid_argument`: another length.
 * @example
 * ```ts
 * fingerprintOf(publicKey) // '04817 33920 …'
 * ```
 */
export function fingerprintOf(publicKey: Uint8Array): string {
  if (publicKey.length !== 32) throw new ArgumentError({ what: 'public key', expected: '32 bytes', got: `${publicKey.length} bytes` })
  const hash = sha512(concatBytes(LABEL, publicKey))
  return Array.from({ length: GROUPS }, (_, group) => {
    const number = hash.subarray(5 * group, 5 * group + 5).reduce((value, byte) => value * 256 + byte, 0)
    return String(number % 10 ** DIGITS).padStart(DIGITS, '0')
  }).join(' ')
}
