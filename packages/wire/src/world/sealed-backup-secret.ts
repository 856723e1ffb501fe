/**
 * The backup's secret key, sealed to one factor (world-backup-client §2.2): a sealed box of the 32 raw, unclamped bytes
 * to the X25519 public key of the factor secret. 80 bytes, 160 hex digits.
 */
import { ArgumentError, decodeHex, encodeHex, StructureError } from '@holdfast/base'
import type { Engine, KeyPair } from '@holdfast/crypto'

/**
 * Seals the backup's secret key to one factor.
 *
 * @param factorPublicKey X25519 public key of the factor secret, 32 bytes.
 * @param backupSecret 32 raw bytes, unclamped.
 * @returns 160 lowercase hex digits.
 * @throws {ArgumentError} `invalid_argument`.
 */
export function sealBackupSecret(engine: Engine, factorPublicKey: Uint8Array, backupSecret: Uint8Array): string {
  if (backupSecret.length !== 32)
    throw new ArgumentError({ what: 'backup secret', expected: '32 bytes', got: `${backupSecret.length} bytes` })
  return encodeHex(engine.sealedBox.seal(factorPublicKey, backupSecret))
}

/**
 * Opens the backup's secret key with one factor; the caller wipes it.
 *
 * @param factorSecret 32 bytes, used as X25519 secret key; judged first.
 * @param encryptedKeyPair hex of either case.
 * @throws {StructureError} `invalid_hex`, `invalid_backup_key_pair`; {AuthenticationError} `auth_failed`; {ArgumentError} `invalid_argument`.
 */
export function openBackupSecret(engine: Engine, factorSecret: Uint8Array, encryptedKeyPair: string): KeyPair {
  if (factorSecret.length !== 32)
    throw new ArgumentError({ what: 'factor secret', expected: '32 bytes', got: `${factorSecret.length} bytes` })
  const box = decodeHex(encryptedKeyPair, 'encrypted backup keypair')
  const factor = { publicKey: engine.x25519.derivePublicKey(factorSecret), secretKey: new Uint8Array(factorSecret) }
  let secretKey: Uint8Array<ArrayBuffer>
  try {
    secretKey = engine.sealedBox.open(factor, box)
  } finally {
    factor.secretKey.fill(0)
  }
  if (secretKey.length !== 32) {
    secretKey.fill(0)
    throw new StructureError('invalid_backup_key_pair', { what: 'backup secret', expected: '32 bytes', got: `${secretKey.length} bytes` })
  }
  return { publicKey: engine.x25519.derivePublicKey(secretKey), secretKey }
}
