import { decodeBase64, decodeHex } from '@holdfast/base'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { Refusal } from './refusal'

const PREFIX = 'backup_account_'

/**
 * The key of the backup id signs the challenge: secp256k1, low S only (backup-service-api §1.17, Appendix C).
 *
 * @throws `invalid_backup_account_id`, then `invalid_signature`, then `signature_verification_error`.
 */
export function checkResetProof(challenge: Uint8Array, backupAccountId: string, signature: string): void {
  const key = decodeKey(backupAccountId)
  const der = decodeSignature(signature)
  if (!secp256k1.verify(der, challenge, key, { prehash: true, lowS: true, format: 'der' }))
    throw new Refusal('signature_verification_error', 'Signature verification failed.')
}

function decodeKey(backupAccountId: string): Uint8Array {
  const invalid = (message: string) => new Refusal('invalid_backup_account_id', message)
  const hex = backupAccountId.slice(PREFIX.length)
  // A doubled prefix passes the challenge.
  if (hex.length !== 66) throw invalid('backup_account_id contains invalid hex encoding.')
  const key = decodeHex(hex)
  if (![2, 3, 5].includes(key[0] ?? 0)) throw invalid('Failed to parse compressed public key from backup_account_id.')
  try {
    secp256k1.Point.fromBytes(key)
  } catch {
    throw invalid('Failed to create verifying key from backup_account_id.')
  }
  return key
}

function decodeSignature(signature: string): Uint8Array {
  let der: Uint8Array
  try {
    der = decodeBase64(signature)
  } catch {
    throw new Refusal('invalid_signature', 'Signature must be valid base64.')
  }
  try {
    secp256k1.Signature.fromBytes(der, 'der')
  } catch {
    throw new Refusal('invalid_signature', 'Failed to parse signature as DER format.')
  }
  return der
}
