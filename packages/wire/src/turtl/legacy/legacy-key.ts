import { ArgumentError, type Bytes, decodeUtf8 } from '@holdfast/base'

const KEY_BYTES = 32

/**
 * The 32 key bytes of an old key (turtl appendix A). Old clients kept keys in text: a key longer than 32 bytes is the UTF-8
 * form of a text whose code points are the key bytes.
 *
 * @returns a copy; the caller wipes it.
 * @throws {StructureError} `invalid_utf8`: longer than 32 bytes, and no text.
 * @throws {ArgumentError} `invalid_argument`: not 32 bytes when decoded.
 */
export function decodeLegacyKey(key: Uint8Array): Bytes {
  const bytes = key.length > KEY_BYTES ? codePointsOf(key) : Array.from(key)
  try {
    if (bytes.length !== KEY_BYTES || bytes.some((byte) => byte > 255)) {
      throw new ArgumentError({ what: 'old Turtl key', expected: '32 bytes, or their UTF-8 text', got: `${key.length} bytes` })
    }
    return new Uint8Array(bytes)
  } finally {
    bytes.fill(0)
  }
}

function codePointsOf(key: Uint8Array): number[] {
  return Array.from(decodeUtf8(key, 'old Turtl key'), (character) => character.codePointAt(0) ?? 0)
}
