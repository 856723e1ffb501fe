/** The secp256k1 key that names a backup and may reset it (world-backup-client §5.3, §5.4). It decrypts nothing. */
import { encodeBase64, encodeHex, Secret } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { deriveSubkey, type RootKey } from './root-key'

const SUBKEY_ID = 0x101n

export interface BackupAccount {
  /** `backup_account_` and the public key: what the service stores and compares, as text. */
  readonly accountId: string
  /** Compressed SEC1 point, 66 lowercase hex digits. */
  readonly publicKey: string
  /** The private scalar, 32 bytes, big-endian. */
  readonly secretKey: Secret<'backup-account-key'>
}

/**
 * @throws {HoldfastError} `secret_wiped`.
 * @example
 * ```ts
 * const { accountId } = deriveBackupAccount(engine, rootKey) // 'backup_account_03…'
 * ```
 */
export function deriveBackupAccount(engine: Engine, rootKey: RootKey): BackupAccount {
  const scalar = deriveSubkey(engine, rootKey, SUBKEY_ID)
  try {
    const publicKey = encodeHex(secp256k1.getPublicKey(scalar, true))
    return { accountId: `backup_account_${publicKey}`, publicKey, secretKey: new Secret('backup-account-key', scalar, 32) }
  } finally {
    scalar.fill(0)
  }
}

/**
 * ECDSA over SHA-256 of `message`: RFC 6979, low-S, DER, base64 with padding.
 *
 * @param message raw bytes; of a challenge, the decoded ones.
 * @throws {HoldfastError} `secret_wiped`.
 */
export function signWithBackupAccount(engine: Engine, rootKey: RootKey, message: Uint8Array): string {
  const { secretKey } = deriveBackupAccount(engine, rootKey)
  try {
    return encodeBase64(secretKey.use((scalar) => secp256k1.sign(message, scalar, { prehash: true, lowS: true, format: 'der' })))
  } finally {
    secretKey.wipe()
  }
}
