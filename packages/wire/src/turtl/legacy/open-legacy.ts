/**
 * Turtl's symmetric formats before 0.7 (turtl appendix A), to be read and never written again. Numbers are big-endian.
 *
 *   version 0, text:  base64(ciphertext) ":i" 32 hex digits of IV           AES-256-CBC, no authentication at all
 *   versions 1 to 4:  version(2) MAC(32) description length(1) description(4) IV(16) ciphertext
 *                                                                           AES-256-CBC, HMAC-SHA256
 *   version 5:        version(2) description length(1) description(2) IV(16) ciphertext tag(16)
 *                                                                           AES-256-GCM, a 16-byte IV, AAD = all before the ciphertext
 *
 *   description: cipher (0 AES), block mode (0 CBC, 1 GCM), and up to version 4 padding (0 ANSI X9.23, 1 PKCS#7), KDF (0)
 *   versions 4 and 5: the first plaintext byte is a marker, not part of the plaintext
 *
 * Versions 1 to 5 come as blobs (files) or as their base64 text (everything else). Version 0 proves nothing: whoever could
 * write to the server could change it, so what opens is a guess at what was meant, and another key may give garbage.
 */
import { AuthenticationError, type Bytes, concatBytes, encodeUtf8, StructureError } from '@holdfast/base'
import { pbkdf2 } from '@noble/hashes/pbkdf2.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { BLOCK_BYTES, decryptCbc } from './cbc'
import { decodeLegacy, type Legacy } from './decode-legacy'
import { decodeLegacyKey } from './legacy-key'

export type { LegacyVersion } from './decode-legacy'

const KDF_ITERATIONS = 2
const KEY_BYTES = 32

/**
 * Opens a ciphertext of version 0 to 5.
 *
 * @param subtle the platform's own cryptography: `crypto.subtle`.
 * @param key 32 bytes; longer: the UTF-8 text whose code points are those 32 bytes.
 * @param serialized bytes of a blob, of its base64 text, or of the text of version 0.
 * @throws {StructureError} `unsupported_version`, `truncated`, `unsupported_algorithm`, `invalid_base64`, `invalid_hex`, `invalid_iv`,
 *   `invalid_utf8`: found before the key is used. `invalid_padding`: nobody can have written this plaintext; in version 0 most
 *   likely the wrong key.
 * @throws {AuthenticationError} `auth_failed`, from version 1 on: another key, or damage; which of the two cannot be told.
 * @throws {ArgumentError} `invalid_argument`: a key that is not of 32 bytes.
 * @example
 * ```ts
 * const { openLegacy } = await import('@holdfast/wire/turtl-legacy')
 * const plaintext = await openLegacy(crypto.subtle, key, new TextEncoder().encode(note.body))
 * ```
 */
export async function openLegacy(subtle: SubtleCrypto, key: Uint8Array, serialized: Uint8Array): Promise<Bytes> {
  const legacy = decodeLegacy(serialized)
  const keyBytes = decodeLegacyKey(key)
  try {
    const plaintext = await decrypt(subtle, keyBytes, legacy)
    return legacy.version < 4 ? plaintext : withoutMarker(plaintext)
  } finally {
    keyBytes.fill(0)
  }
}

async function decrypt(subtle: SubtleCrypto, key: Bytes, legacy: Legacy): Promise<Bytes> {
  switch (legacy.version) {
    case 0:
      return withoutPadding(await decryptCbc(subtle, key, legacy.iv, legacy.ciphertext))
    case 5:
      return decryptGcm(subtle, key, legacy)
    default:
      return decryptWithMac(subtle, key, legacy)
  }
}

async function decryptWithMac(subtle: SubtleCrypto, key: Bytes, legacy: Exclude<Legacy, { version: 0 | 5 }>): Promise<Bytes> {
  // Not WebCrypto's: WebKitGTK refuses an empty salt.
  const keys = pbkdf2(sha256, key, new Uint8Array(0), { c: KDF_ITERATIONS, dkLen: 2 * KEY_BYTES }) as Bytes
  try {
    const hmac = { name: 'HMAC', hash: 'SHA-256' }
    const macKey = await subtle.importKey('raw', keys.subarray(KEY_BYTES), hmac, false, ['verify'])
    if (!(await subtle.verify('HMAC', macKey, legacy.mac, macInput(legacy)))) throw new AuthenticationError('the old Turtl ciphertext')
    return withoutPadding(await decryptCbc(subtle, keys.subarray(0, KEY_BYTES), legacy.iv, legacy.ciphertext))
  } finally {
    keys.fill(0)
  }
}

/** The writer added the two numbers where it meant to put them side by side, and of the sum kept the first digit. */
function macInput({ version, description, iv, ciphertext }: Exclude<Legacy, { version: 0 | 5 }>): Bytes {
  const digit = String(version + description.length).charAt(0)
  return concatBytes(encodeUtf8(digit), description, iv, ciphertext)
}

async function decryptGcm(subtle: SubtleCrypto, key: Bytes, legacy: Extract<Legacy, { version: 5 }>): Promise<Bytes> {
  const aes = await subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt'])
  try {
    return new Uint8Array(await subtle.decrypt({ name: 'AES-GCM', iv: legacy.iv, additionalData: legacy.aad }, aes, legacy.ciphertext))
  } catch (cause) {
    if ((cause as { name?: unknown }).name === 'OperationError') throw new AuthenticationError('the old Turtl ciphertext')
    throw cause
  }
}

/** Either padding: the last byte says how many bytes to drop, itself included. */
function withoutPadding(padded: Bytes): Bytes {
  const count = padded[padded.length - 1] ?? 0
  try {
    if (count === 0 || count > BLOCK_BYTES) {
      throw new StructureError('invalid_padding', {
        what: 'plaintext of an old Turtl ciphertext',
        expected: '1 to 16',
        got: 'another length',
      })
    }
    return padded.slice(0, padded.length - count)
  } finally {
    padded.fill(0)
  }
}

function withoutMarker(marked: Bytes): Bytes {
  try {
    if (marked.length === 0)
      throw new StructureError('truncated', { what: 'plaintext of an old Turtl ciphertext', expected: 'a marker byte', got: 0 })
    return marked.slice(1)
  } finally {
    marked.fill(0)
  }
}
