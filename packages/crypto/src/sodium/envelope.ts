/**
 * Turtl v6 envelope (turtl §1):
 *
 *   offset  size  field
 *   0       2     version, big-endian, always 6        ┐
 *   2       1     description length, always 1         │
 *   3       1     algorithm index, 0 = ChaCha20-Poly1305 │ the header is the AAD
 *   4       1     nonce length, always 12              │
 *   5       12    nonce                                ┘
 *   17      n+16  ciphertext and tag
 */
import { concatBytes } from '@holdfast/base'
import type { CryptoErrorCode } from '../engine'

export const ENVELOPE_HEADER_BYTES = 17

export function encodeEnvelopeHeader(nonce: Uint8Array): Uint8Array {
  return concatBytes(new Uint8Array([0, 6, 1, 0, 12]), nonce)
}

/** Judges the structure from cheap to costly, before a key is used. @returns the code to refuse with, or `undefined`. */
export function judgeEnvelope(envelope: Uint8Array): CryptoErrorCode | undefined {
  if (envelope.length <= 3) return 'truncated'
  if (envelope[0] !== 0 || envelope[1] !== 6) return 'unsupported_version'
  const descriptionLength = envelope[2] ?? 0
  if (envelope.length <= 3 + descriptionLength) return 'truncated'
  if (descriptionLength === 0) return 'noncanonical_header'
  if (envelope[3] !== 0) return 'unsupported_algorithm'
  if (descriptionLength !== 1 || envelope[4] !== 12) return 'noncanonical_header'
  if (envelope.length < ENVELOPE_HEADER_BYTES + 16) return 'truncated'
  return undefined
}
