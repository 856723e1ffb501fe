/**
 * Tar as the World reference writes and reads it (world-backup-client §3.2, §3.5, §17): old GNU headers, GNU long names;
 * the reader also understands ustar prefixes, PAX local headers, base-256 sizes and V7 headers.
 */
import { concatBytes, decodeUtf8, encodeUtf8 } from '@holdfast/base'
import { refuse } from '../refusal'
import type { Inflated } from './gzip'

const BLOCK = 512
const NAME_BYTES = 100

export interface TarEntry {
  readonly name: Uint8Array
  /** Shorter than the header's size when the archive was cut inside it. */
  readonly data: Uint8Array
}

// Writing

export const END_OF_ARCHIVE = new Uint8Array(2 * BLOCK)

/** @throws `invalid_path`: absolute, `..`, NUL or empty. */
export function encodeEntry(name: string, data: Uint8Array, mtime: number): Uint8Array[] {
  return [...encodeNameBlocks(name, data.length, mtime), data, new Uint8Array(padding(data.length))]
}

const padding = (length: number) => (BLOCK - (length % BLOCK)) % BLOCK

function encodeNameBlocks(name: string, size: number, mtime: number): Uint8Array[] {
  const raw = encodeUtf8(name)
  const normalised = encodeUtf8(normaliseName(name))
  if (normalised.length <= NAME_BYTES) return [encodeHeader({ name: normalised, mode: 0o600, size, mtime, type: 0 })]
  const longLink = encodeHeader({
    name: encodeUtf8('././@LongLink'),
    mode: 0o644,
    owner: '0000000\0',
    size: raw.length + 1,
    mtime: 0,
    type: 0x4c,
  })
  const cut = encodeUtf8(normaliseName(decodePrefix(raw)))
  return [longLink, raw, new Uint8Array(1 + padding(raw.length + 1)), encodeHeader({ name: cut, mode: 0o600, size, mtime, type: 0 })]
}

/** The first 100 bytes, cut back to a character boundary. */
function decodePrefix(raw: Uint8Array): string {
  let end = NAME_BYTES
  while (end > 0 && ((raw[end] ?? 0) & 0xc0) === 0x80) end--
  return decodeUtf8(raw.subarray(0, end))
}

/** `./x/./y.bin` → `x/y.bin`; a trailing slash stays, and of a path that is nothing but `.` one stays (§17). */
function normaliseName(name: string): string {
  const segments = name.split('/').filter((segment) => segment !== '')
  const kept = segments.filter((segment) => segment !== '.')
  if (name.startsWith('/') || name.includes('\0') || segments.includes('..') || segments.length === 0)
    throw refuse('invalid_path', 'a file path')
  return (kept.length === 0 ? '.' : kept.join('/')) + (name.endsWith('/') ? '/' : '')
}

function encodeHeader(entry: { name: Uint8Array; mode: number; owner?: string; size: number; mtime: number; type: number }): Uint8Array {
  const header = new Uint8Array(BLOCK)
  const put = (at: number, text: string) => header.set(encodeUtf8(text), at)
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`
  header.set(entry.name, 0)
  put(100, octal(entry.mode, 7))
  if (entry.owner) put(108, entry.owner + entry.owner)
  put(124, octal(entry.size, 11))
  put(136, octal(entry.mtime, 11))
  header[156] = entry.type
  put(257, 'ustar  \0')
  put(148, octal(checksum(header), 7))
  return header
}

/** Sum over the header with the checksum field as spaces. */
function checksum(header: Uint8Array): number {
  let sum = 8 * 32
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += header[i] ?? 0
  return sum
}

// Reading

/**
 * Walks the archive lazily: an entry is yielded before what follows it is judged.
 *
 * @throws `container_damaged`; `container_too_large`: more was needed than the cap let through.
 */
export function* decodeTar({ bytes, end }: Inflated): Generator<TarEntry> {
  const damaged = () => refuse('container_damaged', 'the container')
  const cutShort = () => refuse(end === 'capped' ? 'container_too_large' : 'container_damaged', 'the container')
  let at = 0
  let longName: Uint8Array | undefined
  let longLink = false
  let pax: Uint8Array | undefined
  while (true) {
    const left = bytes.length - at
    if (left < BLOCK) {
      // Without its end-of-archive blocks the archive ends where the stream ends, if that end is a clean one.
      if (left > 0 || end !== 'clean' || longName || longLink || pax) throw cutShort()
      return
    }
    const header = bytes.subarray(at, at + BLOCK)
    if (header.every((byte) => byte === 0)) {
      if (longName || longLink || pax) throw damaged()
      return
    }
    if (readOctal(header.subarray(148, 156)) !== checksum(header)) throw damaged()
    const paxSize = pax && readPax(pax, 'size')
    const size = paxSize && /^\d+$/.test(paxSize) ? Number(paxSize) : readNumber(header.subarray(124, 136))
    const dataEnd = at + BLOCK + size
    const data = bytes.subarray(at + BLOCK, Math.min(dataEnd, bytes.length))
    if (data.length < size && end !== 'clean') throw cutShort()
    const next = dataEnd + padding(size)
    const type = header[156]
    const recognised = isUstar(header) || isGnu(header)
    if (recognised && (type === 0x4c || type === 0x4b || type === 0x78)) {
      if ((type === 0x4c && longName) || (type === 0x4b && longLink) || (type === 0x78 && pax)) throw damaged()
      if (type === 0x4c) longName = data
      if (type === 0x4b) longLink = true
      if (type === 0x78) pax = data
    } else {
      yield { name: entryName(header, longName, pax), data }
      longName = pax = undefined
      longLink = false
    }
    if (next > bytes.length) throw cutShort()
    at = next
  }
}

const magic = (header: Uint8Array, text: string) => encodeUtf8(text).every((byte, i) => header[257 + i] === byte)
const isUstar = (header: Uint8Array) => magic(header, 'ustar\x0000')
const isGnu = (header: Uint8Array) => magic(header, 'ustar  \0')

function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0)
  return end < 0 ? bytes : bytes.subarray(0, end)
}

function entryName(header: Uint8Array, longName: Uint8Array | undefined, pax: Uint8Array | undefined): Uint8Array {
  if (longName) return longName.at(-1) === 0 ? longName.subarray(0, -1) : longName
  const path = pax && readPaxBytes(pax, 'path')
  if (path) return path
  const name = untilNul(header.subarray(0, NAME_BYTES))
  const prefix = isUstar(header) ? untilNul(header.subarray(345, 500)) : new Uint8Array()
  return prefix.length > 0 ? concatBytes(prefix, new Uint8Array([0x2f]), name) : name
}

function readOctal(field: Uint8Array): number {
  const text = String.fromCharCode(...untilNul(field)).trim()
  if (!/^\+?[0-7]+$/.test(text)) throw refuse('container_damaged', 'the container')
  return Number.parseInt(text.replace('+', ''), 8)
}

/** Octal, or base-256 when the top bit is set: then the last eight bytes, big-endian. */
function readNumber(field: Uint8Array): number {
  if (((field[0] ?? 0) & 0x80) === 0) return readOctal(field)
  let value = 0
  for (const byte of field.subarray(field.length - 8)) value = value * 256 + byte
  if (!Number.isSafeInteger(value)) throw refuse('container_damaged', 'the container')
  return value
}

/** PAX records are `<length> <key>=<value>\n`; the first record of a key counts. */
function readPaxBytes(records: Uint8Array, key: string): Uint8Array | undefined {
  let at = 0
  while (at < records.length) {
    const space = records.indexOf(0x20, at)
    const length = space < 0 ? Number.NaN : Number(String.fromCharCode(...records.subarray(at, space)))
    if (!Number.isInteger(length) || length <= space - at || at + length > records.length) return undefined
    const record = records.subarray(space + 1, at + length - 1)
    const equals = record.indexOf(0x3d)
    if (equals >= 0 && String.fromCharCode(...record.subarray(0, equals)) === key) return record.subarray(equals + 1)
    at += length
  }
  return undefined
}

function readPax(records: Uint8Array, key: string): string | undefined {
  const value = readPaxBytes(records, key)
  return value && String.fromCharCode(...value)
}
