/** Strict byte codecs. `Buffer.from(text, 'hex' | 'base64')` skips what it does not understand; these refuse it. */
import { StructureError } from './errors'

export type Bytes = Uint8Array<ArrayBuffer>

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const BASE64_VALUE = new Int8Array(128).fill(-1)
for (let i = 0; i < 64; i++) BASE64_VALUE[BASE64.charCodeAt(i)] = i

/** Lowercase hex, no prefix. */
export function encodeHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += HEX[byte]
  return text
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  if (code >= 97 && code <= 102) return code - 87
  if (code >= 65 && code <= 70) return code - 55
  return -1
}

/**
 * Decodes hex of either case; no prefix is stripped.
 *
 * @throws {StructureError} `invalid_hex`: odd length or a character that is not a hex digit.
 */
export function decodeHex(text: string, what = 'hex text'): Bytes {
  const refuse = () =>
    new StructureError('invalid_hex', { what, expected: 'an even number of hex digits', got: `${text.length} characters` })
  if (text.length % 2 !== 0) throw refuse()
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) {
    const high = hexDigit(text.charCodeAt(2 * i))
    const low = hexDigit(text.charCodeAt(2 * i + 1))
    if (high < 0 || low < 0) throw refuse()
    bytes[i] = high * 16 + low
  }
  return bytes
}

/** Standard base64 with padding (RFC 4648 §4). */
export function encodeBase64(bytes: Uint8Array): string {
  const parts: string[] = []
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const a = bytes[i] ?? 0
    const b = bytes[i + 1] ?? 0
    const c = bytes[i + 2] ?? 0
    text += BASE64.charAt(a >> 2) + BASE64.charAt(((a & 3) << 4) | (b >> 4))
    text += i + 1 < bytes.length ? BASE64.charAt(((b & 15) << 2) | (c >> 6)) : '='
    text += i + 2 < bytes.length ? BASE64.charAt(c & 63) : '='
    if (text.length >= 8192) {
      parts.push(text)
      text = ''
    }
  }
  return parts.join('') + text
}

/**
 * Decodes standard base64 and nothing else: the URL-safe alphabet, white space and non-zero trailing bits are refused.
 *
 * @param padding `'required'` (the default) or `'optional'`: Turtl's reader also takes unpadded text (turtl §1.4).
 * @throws {StructureError} `invalid_base64`.
 */
export function decodeBase64(text: string, what = 'base64 text', padding: 'required' | 'optional' = 'required'): Bytes {
  const refuse = () => new StructureError('invalid_base64', { what, expected: 'standard base64', got: `${text.length} characters` })
  let end = text.length
  while (end > text.length - 2 && text.charCodeAt(end - 1) === 61) end--
  const padded = end < text.length
  if ((padding === 'required' || padded) && text.length % 4 !== 0) throw refuse()
  if (end % 4 === 1) throw refuse()
  const bytes = new Uint8Array(Math.floor((end * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (let i = 0; i < end; i++) {
    const code = text.charCodeAt(i)
    const value = code < 128 ? (BASE64_VALUE[code] ?? -1) : -1
    if (value < 0) throw refuse()
    bits = ((bits << 6) | value) & 0xffff
    held += 6
    if (held >= 8) {
      held -= 8
      bytes[at++] = (bits >> held) & 0xff
    }
  }
  if ((bits & ((1 << held) - 1)) !== 0) throw refuse()
  return bytes
}

/** URL-safe base64 without padding (RFC 4648 §5). */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** UTF-8; a lone surrogate becomes U+FFFD, so judge well-formedness before where it matters. */
export function encodeUtf8(text: string): Bytes {
  return new TextEncoder().encode(text) as Bytes
}

/**
 * Decodes UTF-8 strictly; a byte-order mark is kept as a character.
 *
 * @throws {StructureError} `invalid_utf8`.
 */
export function decodeUtf8(bytes: Uint8Array, what = 'text'): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new StructureError('invalid_utf8', { what, expected: 'well-formed UTF-8', got: `${bytes.length} bytes that are not` }, { cause })
  }
}

/** A new array that holds the parts one after the other. */
export function concatBytes(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Compares without an early exit; only the lengths are public. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}
