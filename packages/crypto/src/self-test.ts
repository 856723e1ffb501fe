import { decodeHex, encodeHex, encodeUtf8, HoldfastError } from '@holdfast/base'
import type { Engine } from './engine'

export interface SelfTest {
  readonly passed: true
  readonly checks: number
}

const bytes = (value: number, length: number) => new Uint8Array(length).fill(value)

/**
 * Known answers, computed with libsodium and confirmed with an independent implementation. As few as touch the ciphers, the curve
 * and the hashes: code is compiled when it first runs, and for most of a start that is what is waited for.
 */
const ANSWERS: readonly (readonly [name: string, run: (engine: Engine) => Uint8Array, expected: string])[] = [
  [
    'ChaCha20-Poly1305 (RFC 8439)',
    (engine) => engine.aead.chacha20poly1305.seal(bytes(1, 32), bytes(2, 12), bytes(3, 5), bytes(4, 7)),
    'e218f62a89a7ec6a935bef006c65fbad044f8518ba552b',
  ],
  [
    'X25519, BLAKE2b and XSalsa20-Poly1305 in a sealed box (world-backup-client §14)',
    (engine) =>
      engine.sealedBox.open(
        {
          publicKey: decodeHex('a02b5456513ecdef47b2eb97681b058bf2db46617d53dcf5b0f5284491f02f40'),
          secretKey: decodeHex('67a9b25d7cd2e11cba781af1d4be91c73d3561e5a8fbc2904cb6c2f274acae37'),
        },
        decodeHex(
          'a4e09292b651c278b9772c569f5fa9bb13d906b46ab68c9df9dc2b4409f8a2096c28813bfd2227d2c3dc1e4faf7d4543453305b6dd14ad7dbf187e7a30492a941ec79ded167011c0cde72b50ed84e5b5',
        ),
      ),
    '02'.repeat(32),
  ],
  [
    'BLAKE3',
    (engine) => engine.hash.blake3(encodeUtf8('Hello, World!')),
    '288a86a79f20a3d6dccdca7713beaed178798296bdfa7913fa2a62d9727bf8f8',
  ],
]

/** Runs the known answers: a few milliseconds. @throws {HoldfastError} `self_test_failed`, naming the primitive. */
export function selfTest(engine: Engine): SelfTest {
  for (const [name, run, expected] of ANSWERS) {
    if (encodeHex(run(engine)) !== expected) {
      throw new HoldfastError(
        'self_test_failed',
        `self-test failed: ${name} of the ${engine.backend} backend gave a wrong answer; use the other backend and report this`,
        {
          remedy: 'change-environment',
        },
      )
    }
  }
  return { passed: true, checks: ANSWERS.length }
}
