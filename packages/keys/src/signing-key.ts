import { ArgumentError, type Bytes, encodeBase64, type Random, Secret } from '@holdfast/base'
import { p256 } from '@noble/curves/nist.js'

/** A P-256 key pair that proves itself to the backup service: a sync factor, or a main factor of kind `EC_KEYPAIR`. */
export interface SigningKey {
  /** Base64 of the 65-byte uncompressed SEC1 point: what the service compares, as a string (world-backup-client §9.2). */
  readonly publicKey: string
  /** The private scalar, 32 bytes. */
  readonly secret: Secret<'signing-key'>
  /** ECDSA over SHA-256 of `message`: RFC 6979, low-S, DER, base64. */
  sign(message: Uint8Array): string
  /** Zeroes the scalar; signing then throws `secret_wiped`. */
  wipe(): void
}

/** A new P-256 key, from 48 random bytes (FIPS 186-5 A.4.1). */
export function makeSigningKey(random: Random): SigningKey {
  const seed = random(48)
  try {
    return loadSigningKey(p256.utils.randomSecretKey(seed))
  } finally {
    seed.fill(0)
  }
}

/**
 * @param scalar the private scalar, 32 bytes, big-endian; copied.
 * @throws {ArgumentError} `invalid_argument`: not a scalar of P-256.
 */
export function loadSigningKey(scalar: Uint8Array): SigningKey {
  if (!p256.utils.isValidSecretKey(scalar))
    throw new ArgumentError({ what: 'signing key', expected: 'a P-256 scalar, 32 bytes', got: `${scalar.length} bytes` })
  const secret = new Secret('signing-key', scalar, 32)
  return {
    publicKey: encodeBase64(p256.getPublicKey(scalar, false)),
    secret,
    sign: (message) => encodeBase64(secret.use((key: Bytes) => p256.sign(message, key, { prehash: true, lowS: true, format: 'der' }))),
    wipe: () => secret.wipe(),
  }
}
