import { ArgumentError, AuthenticationError, HoldfastError, StructureError } from '@holdfast/base'
import type { CryptoErrorCode } from './engine'

/** What each structure refusal wanted to see. */
const EXPECTED: Partial<Record<CryptoErrorCode, string>> = {
  truncated: 'a complete message',
  unsupported_version: 'a version this build reads',
  unsupported_algorithm: 'algorithm 0, ChaCha20-Poly1305',
  noncanonical_header: 'the canonical header',
  version_not_detected: 'the version tag of a V0 container',
  container_damaged: 'an intact gzip and tar',
  invalid_file_name: 'entry names in UTF-8',
  invalid_file_record: 'a CBOR file record',
  invalid_checksum: 'content that matches its BLAKE3 checksum',
  container_too_large: 'fewer decompressed bytes',
  invalid_path: 'a relative path without ".." or NUL',
  weak_public_key: 'a public key of full order',
  limit_exceeded: 'a size or cost within the limits',
}

/** The error of both engines for a code: one message, one class, one remedy per code. */
export function refuse(code: CryptoErrorCode, what: string): HoldfastError {
  switch (code) {
    case 'auth_failed':
      return new AuthenticationError(what)
    case 'invalid_argument':
      return new ArgumentError({ what, expected: 'an argument of the documented kind and size', got: 'another' })
    case 'randomness_unavailable':
      return new HoldfastError(code, `no secure randomness: ${what} gave none; pass a working \`random\``, { remedy: 'change-environment' })
    default:
      return new StructureError(code, { what, expected: EXPECTED[code] ?? 'valid input', got: 'something else' })
  }
}
