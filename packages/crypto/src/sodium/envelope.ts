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
import { type Bytes, concatBytes } from '@holdfast/base'
import type sodiumModule from 'libsodium-wrappers-sumo'
import { countOf, keyOf, listOf, nonceOf, openedListOf } from '../batch'
import { checkEach, checkParallel } from '../checks'
import type { CryptoErrorCode, Envelopes } from '../engine'
import { decodeTexts } from './base64'
import { openEach, sealEach } from './batches'
import { checkKeys, keyBytes } from './handles'

const ENVELOPE_HEADER_BYTES = 17

function encodeEnvelopeHeader(nonce: Uint8Array): Uint8Array {
  return concatBytes(new Uint8Array([0, 6, 1, 0, 12]), nonce)
}

/** Judges the structure from cheap to costly, before a key is used. @returns the code to refuse with, or `undefined`. */
function judgeEnvelope(envelope: Uint8Array): CryptoErrorCode | undefined {
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

export function createEnvelopes(sodium: typeof sodiumModule): Envelopes {
  function open(key: Uint8Array, envelope: Uint8Array): Bytes | CryptoErrorCode {
    const code = judgeEnvelope(envelope)
    if (code) return code
    const header = envelope.subarray(0, ENVELOPE_HEADER_BYTES)
    try {
      const ciphertext = envelope.subarray(ENVELOPE_HEADER_BYTES)
      return sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, ciphertext, header, header.subarray(5), key) as Bytes
    } catch {
      return 'auth_failed' // libsodium's error adds nothing a caller may know
    }
  }

  const sealBatch: Envelopes['sealBatch'] = (keys, nonces, plaintexts) => {
    checkParallel('the envelope', plaintexts, keys, nonces)
    checkKeys(keys, countOf(plaintexts))
    checkEach('nonce', nonces, 12, countOf(plaintexts))
    return sealEach(plaintexts, (plaintext, i) => {
      const nonce = nonceOf(nonces, i, 12)
      const header = encodeEnvelopeHeader(nonce)
      const key = keyBytes(keyOf(keys, i))
      return concatBytes(header, sodium.crypto_aead_chacha20poly1305_ietf_encrypt(plaintext, header, null, nonce, key))
    })
  }
  const openBatch: Envelopes['openBatch'] = (keys, envelopes) => {
    checkParallel('the envelope', envelopes, keys)
    checkKeys(keys, countOf(envelopes))
    return openEach(envelopes, (envelope, i) => open(keyBytes(keyOf(keys, i)), envelope))
  }
  return {
    decodeTexts,
    sealBatch,
    sealMany: (keys, nonces, plaintexts) => listOf(sealBatch(keys, nonces, plaintexts)),
    openTexts: (keys, texts) => openBatch(keys, decodeTexts(texts)),
    openBatch,
    openMany: (keys, envelopes) => openedListOf(openBatch(keys, envelopes)),
  }
}
