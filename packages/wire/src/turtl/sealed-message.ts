/**
 * Turtl's asymmetric format, version 3 (turtl §2).
 *
 *   offset  size  field
 *   0       1     version, always 3; not authenticated
 *   1       32    ephemeral X25519 public key   ┐
 *   33      16    Poly1305 tag                  ├ libsodium crypto_box_seal
 *   49      n     ciphertext                    ┘
 *
 * Anyone who knows the recipient's public key can make one: a sealed message proves nothing about its sender.
 */
import { concatBytes, StructureError } from '@holdfast/base'
import type { Engine, KeyPair } from '@holdfast/crypto'

const VERSION = 3
/** Bytes a sealed message is longer than its plaintext: version, ephemeral key, tag. */
export const SEALED_MESSAGE_OVERHEAD = 1 + 32 + 16

/**
 * Seals `plaintext` to the holder of `recipient`.
 *
 * @param recipient X25519 public key, 32 bytes.
 * @returns `plaintext.length + 49` bytes.
 */
export function sealMessage(engine: Engine, recipient: Uint8Array, plaintext: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes(new Uint8Array([VERSION]), engine.sealedBox.seal(recipient, plaintext))
}

/**
 * Opens a message sealed to `recipient`. Both halves of the key pair are needed: the nonce is derived from the public one.
 *
 * @throws {StructureError} `truncated`, `unsupported_version`: found before a key is used.
 * @throws {AuthenticationError} `auth_failed`.
 */
export function openMessage(engine: Engine, recipient: KeyPair, message: Uint8Array): Uint8Array<ArrayBuffer> {
  if (message.length < SEALED_MESSAGE_OVERHEAD) {
    throw new StructureError('truncated', {
      what: 'Turtl sealed message',
      expected: `at least ${SEALED_MESSAGE_OVERHEAD} bytes`,
      got: `${message.length}`,
    })
  }
  if (message[0] !== VERSION) {
    throw new StructureError('unsupported_version', { what: 'Turtl sealed message', expected: VERSION, got: message[0] })
  }
  return engine.sealedBox.open(recipient, message.subarray(1))
}
