import { decodeBase64 } from '@holdfast/base'
import { p256 } from '@noble/curves/nist.js'
import { Refusal } from './refusal'

const MAX_SIGNATURE_BYTES = 72

/**
 * ECDSA P-256 over SHA-256 of the challenge bytes; strict DER, either half of S (backup-service-api §2.4).
 *
 * @throws `signature_verification_error`; messages are cut to 50 characters, as in the original.
 */
export function checkKeypairProof(challenge: Uint8Array, publicKey: string, signature: string): void {
  if (publicKey === '' || signature === '') throw failed('Public key, signature or trusted payload is empty')
  const key = decode(publicKey)
  if (key.length !== 65 || !isPoint(key)) throw failed('Failed to create verifying key from SEC1 bytes')
  const der = decode(signature)
  if (der.length > MAX_SIGNATURE_BYTES || !isDer(der)) throw failed('Failed to create signature from DER bytes: malformed')
  if (!p256.verify(der, challenge, key, { prehash: true, lowS: false, format: 'der' })) throw failed('Signature verification failed')
}

const failed = (message: string) => new Refusal('signature_verification_error', message.slice(0, 50))

function decode(text: string): Uint8Array {
  try {
    return decodeBase64(text)
  } catch {
    throw failed(`Failed to decode a value from base64: ${base64Mistake(text)}`)
  }
}

/** The original's words, as far as the cut to 50 characters leaves them. */
function base64Mistake(text: string): string {
  const digits = text.replace(/={0,2}$/, '')
  if (/[^A-Za-z0-9+/]/.test(digits)) return 'Invalid symbol'
  if (digits.length % 4 === 1) return 'Invalid input length'
  return text.length % 4 === 0 ? 'Invalid last symbol' : 'Invalid padding'
}

function isPoint(key: Uint8Array): boolean {
  try {
    p256.Point.fromBytes(key)
    return true
  } catch {
    return false
  }
}

function isDer(signature: Uint8Array): boolean {
  try {
    p256.Signature.fromBytes(signature, 'der')
    return true
  } catch {
    return false
  }
}
