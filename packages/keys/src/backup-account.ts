/** The secp256k1 key that names a backup and may reset it (world-backup-client §5.3, §5.4). It decrypts nothing. */
import { type Bytes, encodeBase64, encodeHex } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { deriveSubkey } from './root-key'

const SUBKEY_ID = 0x101n

export interface BackupAccount {
  /** `backup_account_` and the public key in hex. */
  readonly accountId: string
  /** Compressed SEC1 point, 66 hex digits. */
  readonly publicKey: string
  /** 32 bytes; the caller wipes it. */
  readonly secretKey: Bytes
}

/** @throws {StructureError} `invalid_root_key`. */
export function deriveBackupAccount(engine: Engine, rootKeyJson: string): BackupAccount {
  const secretKey = deriveSubkey(engine, rootKeyJson, SUBKEY_ID)
  const publicKey = encodeHex(secp256k1.getPublicKey(secretKey, true))
  return { accountId: `backup_account_${publicKey}`, publicKey, secretKey }
}

/** ECDSA over SHA-256 of `message`: RFC 6979, low-S, DER, base64. */
export function signWithBackupAccount(engine: Engine, rootKeyJson: string, message: Uint8Array): string {
  const { secretKey } = deriveBackupAccount(engine, rootKeyJson)
  try {
    return encodeBase64(secp256k1.sign(message, secretKey, { prehash: true, lowS: true, format: 'der' }))
  } finally {
    secretKey.fill(0)
  }
}
