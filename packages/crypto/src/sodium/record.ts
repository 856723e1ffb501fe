/**
 * CBOR of one file record (world-backup-client §3.3, §17): a map of `data`, `checksum`, `path`, `designator`, in which
 * both byte vectors are arrays of integers. The reader takes and refuses exactly what the reference's decoder does.
 */
import { type Bytes, concatBytes, decodeUtf8, encodeUtf8, equalBytes } from '@holdfast/base'
import type { FileRecord } from '../engine'
import { refuse } from '../refusal'

const DESIGNATORS = ['orb_pkg', 'document_pkg', 'credential_vault', 'face_pkg', 'anonymized_third_party_analytics']
/** The reference's scratch buffer: longer keys are not read. */
const MAX_KEY_BYTES = 4096
const MAX_DEPTH = 256

type Blake3 = (bytes: Uint8Array) => Uint8Array

const refused = () => refuse('invalid_file_record', 'a file record')

// Writing

export function encodeRecord(record: FileRecord, blake3: Blake3): Bytes {
  if (!DESIGNATORS.includes(record.designator)) throw refused()
  return concatBytes(
    new Uint8Array([0xa4]),
    encodeText('data'),
    encodeIntegers(record.content),
    encodeText('checksum'),
    encodeIntegers(blake3(record.content)),
    encodeText('path'),
    encodeText(record.path),
    encodeText('designator'),
    encodeText(record.designator),
  )
}

function encodeHead(major: number, value: number): Uint8Array {
  if (value < 24) return new Uint8Array([(major << 5) | value])
  if (value < 0x100) return new Uint8Array([(major << 5) | 24, value])
  if (value < 0x10000) return new Uint8Array([(major << 5) | 25, value >> 8, value & 0xff])
  return new Uint8Array([(major << 5) | 26, value >>> 24, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff])
}

function encodeText(text: string): Uint8Array {
  const bytes = encodeUtf8(text)
  return concatBytes(encodeHead(3, bytes.length), bytes)
}

function encodeIntegers(bytes: Uint8Array): Uint8Array {
  const head = encodeHead(4, bytes.length)
  const out = new Uint8Array(head.length + 2 * bytes.length)
  out.set(head)
  let at = head.length
  for (const byte of bytes) {
    if (byte >= 24) out[at++] = 0x18
    out[at++] = byte
  }
  return out.subarray(0, at)
}

// Reading

/** @throws `invalid_file_record`, `invalid_checksum`. Bytes after the map are ignored. */
export function decodeRecord(cbor: Uint8Array, blake3: Blake3): { designator: string; path: string; content: Bytes } {
  const { data, checksum, path, designator } = new Reader(cbor).record()
  if (!equalBytes(blake3(data), checksum)) throw refuse('invalid_checksum', 'a file record')
  return { designator, path, content: data }
}

interface Head {
  readonly major: number
  /** `undefined`: indefinite length, or the break code for major 7. */
  readonly value: number | undefined
  readonly info: number
}

class Reader {
  #at = 0
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  record(): { data: Bytes; checksum: Uint8Array; path: string; designator: string } {
    const map = this.#untagged()
    if (map.major !== 5) throw refused()
    let data: Bytes | undefined
    let checksum: Uint8Array | undefined
    let path: string | undefined
    let designator: string | undefined
    const once = (member: unknown) => {
      if (member !== undefined) throw refused()
    }
    for (let left = map.value; left === undefined || left > 0; left = left === undefined ? undefined : left - 1) {
      if (map.value === undefined && this.#takeBreak()) break
      const key = this.#key()
      if (key === 'data') {
        once(data)
        data = this.#integers()
      } else if (key === 'checksum') {
        once(checksum)
        checksum = this.#integers(32)
      } else if (key === 'path') {
        once(path)
        path = this.#text()
      } else if (key === 'designator') {
        once(designator)
        designator = this.#designator()
      } else {
        this.#skip(0)
      }
    }
    if (data === undefined || checksum === undefined || path === undefined || designator === undefined) throw refused()
    return { data, checksum, path, designator }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at]
    if (byte === undefined) throw refused()
    this.#at++
    return byte
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw refused()
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  #head(): Head {
    const byte = this.#byte()
    const major = byte >> 5
    const info = byte & 31
    if (info < 24) return { major, value: info, info }
    if (info === 31 && major >= 2 && major !== 6) return { major, value: undefined, info }
    if (info > 27) throw refused()
    let value = 0
    for (const next of this.#take(1 << (info - 24))) value = value * 256 + next
    return { major, value, info }
  }

  #untagged(): Head {
    for (;;) {
      const head = this.#head()
      if (head.major !== 6) return head
    }
  }

  #takeBreak(): boolean {
    if (this.#bytes[this.#at] !== 0xff) return false
    this.#at++
    return true
  }

  /** Known keys may be text or bytes; unknown ones are skipped only in those forms, definite and short. */
  #key(): string {
    const head = this.#untagged()
    if ((head.major !== 2 && head.major !== 3) || head.value === undefined || head.value > MAX_KEY_BYTES) throw refused()
    const bytes = this.#take(head.value)
    if (head.major === 3) return utf8(bytes)
    return String.fromCharCode(...bytes)
  }

  #text(): string {
    const head = this.#untagged()
    if (head.major !== 3) throw refused()
    return this.#textSegments(head)
  }

  #textSegments(head: Head): string {
    return this.#segments(head, 3).map(utf8).join('')
  }

  #segments(head: Head, major: number): Uint8Array[] {
    if (head.value !== undefined) return [this.#take(head.value)]
    const segments: Uint8Array[] = []
    while (!this.#takeBreak()) {
      const segment = this.#head()
      if (segment.major !== major) throw refused()
      segments.push(...(segment.value === undefined ? this.#segments(segment, major) : [this.#take(segment.value)]))
    }
    return segments
  }

  /** An array of integers, or a byte string. With `wanted`, exactly that many are read and what is left stays unread, as in the reference. */
  #integers(wanted?: number): Bytes {
    const head = this.#untagged()
    if (head.major === 2) {
      const bytes = concatBytes(...this.#segments(head, 2))
      if (wanted !== undefined && bytes.length < wanted) throw refused()
      return wanted === undefined ? bytes : bytes.slice(0, wanted)
    }
    if (head.major !== 4) throw refused()
    const declared = head.value
    if (wanted !== undefined) {
      if (declared !== undefined && declared < wanted) throw refused()
      return Uint8Array.from({ length: wanted }, () => this.#integer())
    }
    if (declared !== undefined) {
      if (declared > this.#bytes.length - this.#at) throw refused()
      const out = new Uint8Array(declared)
      for (let i = 0; i < declared; i++) out[i] = this.#integer()
      return out
    }
    const out: number[] = []
    while (!this.#takeBreak()) out.push(this.#integer())
    return Uint8Array.from(out)
  }

  #integer(): number {
    const first = this.#bytes[this.#at]
    if (first !== undefined && first < 24) {
      this.#at++
      return first
    }
    for (;;) {
      const head = this.#head()
      if (head.major === 6) {
        if (head.value === 2) return this.#bignum()
        if (head.value === 3) throw refused() // a negative bignum is no byte
        continue
      }
      if (head.major !== 0 || head.value === undefined || head.value > 255) throw refused()
      return head.value
    }
  }

  #bignum(): number {
    const head = this.#head()
    if (head.major !== 2) throw refused()
    const bytes = concatBytes(...this.#segments(head, 2))
    const significant = bytes.findIndex((byte) => byte !== 0)
    if (significant >= 0 && significant !== bytes.length - 1) throw refused()
    return bytes.at(-1) ?? 0
  }

  /** Text, or a map of one entry, of which the reference reads the key only: the value is taken for the record's next key. */
  #designator(): string {
    const start = this.#at
    const head = this.#untagged()
    const isWrapped = head.major === 5 && head.value === 1
    if (!isWrapped && head.major !== 3) throw refused()
    if (!isWrapped) this.#at = start
    const name = this.#key()
    if (!DESIGNATORS.includes(name)) throw refused()
    return name
  }

  /** Scans an unknown value: odd simple values, bad UTF-8 and deep nesting are refused. */
  #skip(depth: number): void {
    if (depth >= MAX_DEPTH) throw refused()
    const head = this.#head()
    switch (head.major) {
      case 0:
      case 1:
        return
      case 2:
        this.#segments(head, 2)
        return
      case 3:
        this.#textSegments(head)
        return
      case 4:
      case 5: {
        const perItem = head.major === 5 ? 2 : 1
        for (let left = head.value; left === undefined || left > 0; left = left === undefined ? undefined : left - 1) {
          if (head.value === undefined && this.#takeBreak()) return
          for (let i = 0; i < perItem; i++) this.#skip(depth + 1)
        }
        return
      }
      case 6:
        // A negative bignum of 128 bits is beyond the reference's integers.
        if (head.value === 3 && this.#bytes[this.#at] === 0x50 && (this.#bytes[this.#at + 1] ?? 0) >= 0x80) throw refused()
        this.#skip(depth + 1)
        return
      default:
        if (head.value === undefined) throw refused()
        if (head.info < 25 && !(head.value >= 20 && head.value <= 23)) throw refused()
    }
  }
}

function utf8(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes, 'text of a file record')
  } catch {
    throw refused() // one code for every way in which a record fails to decode
  }
}
