/**
 * Turtl's symmetric format, version 6 (turtl §1):
 *
 *   offset  size  field
 *   0       2     version, big-endian, always 6          ┐
 *   2       1     description length, always 1           │
 *   3       1     algorithm index, 0 = ChaCha20-Poly1305 │ the header is the associated data
 *   4       1     nonce length, always 12                │
 *   5       12    nonce                                  ┘
 *   17      n+16  ciphertext and tag
 *
 * Nothing names the object it belongs to: an envelope moved to another place with the same key opens there too.
 */
import type { CryptoErrorCode, Engine } from '@holdfast/crypto'
import { refuse } from '@holdfast/crypto'

/** Bytes an envelope is longer than its plaintext. */
export const ENVELOPE_OVERHEAD = 17 + 16

/**
 * Seals `plaintext` under an object key.
 *
 * @param key 32 bytes.
 * @param nonce 12 bytes; random unless a vector or Turtl's auth token pins it. Never use one twice with a key.
 * @returns `plaintext.length + 33` bytes.
 * @throws {ArgumentError} `invalid_argument`: a key or nonce of another length.
 */
export function sealEnvelope(
  engine: Engine,
  key: Uint8Array,
  plaintext: Uint8Array,
  nonce: Uint8Array = engine.random(12),
): Uint8Array<ArrayBuffer> {
  const [envelope] = engine.envelopes.sealMany([key], [nonce], [plaintext])
  if (!envelope) throw refuse('invalid_argument', 'Turtl envelope')
  return envelope
}

/**
 * Opens an envelope; only the header that today's writers write is taken.
 *
 * @param key 32 bytes.
 * @throws {StructureError} `truncated`, `unsupported_version`, `unsupported_algorithm`, `noncanonical_header`: found before the key is used.
 * @throws {AuthenticationError} `auth_failed`: another key, or damage; which of the two cannot be told.
 * @throws {ArgumentError} `invalid_argument`: a key of another length.
 */
export function openEnvelope(engine: Engine, key: Uint8Array, envelope: Uint8Array): Uint8Array<ArrayBuffer> {
  const [opened] = engine.envelopes.openMany([key], [envelope])
  if (opened instanceof Uint8Array) return opened
  throw refuse(opened ?? ('invalid_argument' satisfies CryptoErrorCode), 'the Turtl envelope')
}
