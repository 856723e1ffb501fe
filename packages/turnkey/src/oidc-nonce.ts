import { ArgumentError, encodeHex, encodeUtf8 } from '@holdfast/base'
import { p256 } from '@noble/curves/nist.js'
import { sha256 } from '@noble/hashes/sha2.js'

/**
 * The `nonce` an OIDC token must carry to be bound to a session key (world-backup-client §9.2):
 * hex of SHA-256 over the ASCII of the key's lowercase hex.
 *
 * @param publicKey P-256 session key, 33 bytes, compressed SEC1.
 * @throws {ArgumentError} `invalid_argument`: not a compressed point of P-256.
 */
export function oidcNonce(publicKey: Uint8Array): string {
  try {
    if (publicKey.length !== 33) throw new RangeError('length')
    p256.Point.fromBytes(publicKey)
  } catch (cause) {
    throw new ArgumentError(
      { what: 'session public key', expected: 'a compressed P-256 point, 33 bytes', got: `${publicKey.length} bytes` },
      { cause },
    )
  }
  return encodeHex(sha256(encodeUtf8(encodeHex(publicKey))))
}
