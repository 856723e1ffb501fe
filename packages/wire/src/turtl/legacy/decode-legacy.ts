import { type Bytes, decodeBase64, decodeHex, decodeUtf8, StructureError } from '@holdfast/base'
import { BLOCK_BYTES } from './cbc'

export type LegacyVersion = 0 | 1 | 2 | 3 | 4 | 5

interface Parts {
  readonly iv: Bytes
  readonly ciphertext: Bytes
}

/** What an old ciphertext is made of; nothing in it is authenticated yet. */
export type Legacy =
  | (Parts & { readonly version: 0 })
  | (Parts & { readonly version: 1 | 2 | 3 | 4; readonly mac: Bytes; readonly description: Bytes })
  | (Parts & { readonly version: 5; readonly aad: Bytes })

const IV_BYTES = 16
const MAC_BYTES = 32
const TAG_BYTES = 16
/** Two bytes of text, read as a number, are above it; the first two bytes of a blob are far below. */
const HIGHEST_VERSION_NUMBER = 2000
const IV_MARK = ':i'

const AES = 0
const CBC = 0
const GCM = 1
const PADDINGS = 2
const PBKDF2_SHA256 = 0

/**
 * Tells the versions apart and takes a ciphertext to pieces. Needs no key.
 *
 * @param serialized a blob, its base64 text, or the text of version 0.
 */
export function decodeLegacy(serialized: Uint8Array): Legacy {
  const blob = isText(serialized) && !isVersion0(serialized) ? decodeBase64(textOf(serialized), WHAT, 'optional') : serialized
  if (isText(blob)) return decodeVersion0(textOf(blob))
  const reader = new Reader(blob)
  const version = reader.uint16()
  switch (version) {
    case 1:
    case 2:
    case 3:
    case 4:
      return decodeWithMac(version, reader)
    case 5:
      return decodeWithTag(reader)
    default:
      throw new StructureError('unsupported_version', { what: WHAT, expected: '0 to 5', got: version })
  }
}

const WHAT = 'old Turtl ciphertext'

function isText(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && new Reader(bytes).uint16() > HIGHEST_VERSION_NUMBER
}

function isVersion0(text: Uint8Array): boolean {
  const [colon, letter] = [IV_MARK.charCodeAt(0), IV_MARK.charCodeAt(1)]
  for (let at = text.indexOf(colon); at >= 0; at = text.indexOf(colon, at + 1)) if (text[at + 1] === letter) return true
  return false
}

function textOf(bytes: Uint8Array): string {
  return decodeUtf8(bytes, WHAT)
}

function decodeVersion0(text: string): Legacy {
  const mark = text.indexOf(IV_MARK)
  if (mark < 0)
    throw new StructureError('unsupported_version', { what: WHAT, expected: `${IV_MARK} and an IV in the text`, got: 'neither' })
  const iv = decodeHex(text.slice(mark + IV_MARK.length), 'IV of an old Turtl ciphertext')
  if (iv.length !== IV_BYTES) throw new StructureError('invalid_iv', { what: WHAT, expected: '32 hex digits', got: 2 * iv.length })
  return { version: 0, iv, ciphertext: wholeBlocks(decodeBase64(text.slice(0, mark), WHAT, 'optional')) }
}

function decodeWithMac(version: 1 | 2 | 3 | 4, reader: Reader): Legacy {
  const mac = reader.take(MAC_BYTES)
  const description = reader.take(reader.uint8())
  const iv = reader.take(IV_BYTES)
  const ciphertext = wholeBlocks(reader.rest())
  const [cipher, mode, padding, kdf] = description
  checkAlgorithm('cipher', cipher === AES, cipher)
  checkAlgorithm('block mode', mode === CBC, mode)
  checkAlgorithm('padding', padding !== undefined && padding < PADDINGS, padding)
  checkAlgorithm('key derivation', kdf === PBKDF2_SHA256, kdf)
  return { version, mac, description, iv, ciphertext }
}

function decodeWithTag(reader: Reader): Legacy {
  const [cipher, mode] = reader.take(reader.uint8())
  const iv = reader.take(IV_BYTES)
  const aad = reader.taken()
  const ciphertext = reader.rest()
  if (ciphertext.length <= TAG_BYTES) {
    throw new StructureError('truncated', { what: WHAT, expected: 'a marker byte and a tag of 16', got: `${ciphertext.length} bytes` })
  }
  checkAlgorithm('cipher', cipher === AES, cipher)
  checkAlgorithm('block mode', mode === GCM, mode)
  return { version: 5, iv, aad, ciphertext }
}

function wholeBlocks(ciphertext: Bytes): Bytes {
  if (ciphertext.length > 0 && ciphertext.length % BLOCK_BYTES === 0) return ciphertext
  throw new StructureError('truncated', { what: WHAT, expected: 'one or more blocks of 16 bytes', got: `${ciphertext.length} bytes` })
}

function checkAlgorithm(what: string, known: boolean, index: number | undefined): void {
  if (!known)
    throw new StructureError('unsupported_algorithm', { what: `${what} of an old Turtl ciphertext`, expected: 'a known index', got: index })
}

/** Takes bytes from the front, as copies: what was checked stays what is decrypted, whatever the caller does meanwhile. */
class Reader {
  #at = 0
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  take(length: number): Bytes {
    const left = this.#bytes.length - this.#at
    if (left < length) throw new StructureError('truncated', { what: WHAT, expected: `${length} more bytes`, got: `${left}` })
    this.#at += length
    return new Uint8Array(this.#bytes.slice(this.#at - length, this.#at))
  }

  uint8(): number {
    const [value = 0] = this.take(1)
    return value
  }

  uint16(): number {
    return this.uint8() * 256 + this.uint8()
  }

  /** Everything taken so far. */
  taken(): Bytes {
    return new Uint8Array(this.#bytes.slice(0, this.#at))
  }

  rest(): Bytes {
    return this.take(this.#bytes.length - this.#at)
  }
}
