/**
 * The manifest and its hash (world-backup-client §4).
 *
 *   preimage = "BEDROCK_MANIFEST" || 00 || u32be(number of entries)
 *           || for each entry, sorted:  utf8(designator) || 00 || utf8(path) || 00 || checksum (32 bytes)
 *   hash     = BLAKE3-256(preimage)
 *
 * Sorted by the bytes of the lowercased path; the path goes in as it is. The JSON text itself is never hashed.
 */
import { concatBytes, decodeHex, encodeHex, encodeUtf8, StructureError } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { type Json, parseJson, readBufferedVariant, readRecord, readTagged, readText, readVariant } from '../json'
import { type Designator, isDesignator } from './designator'

export interface ManifestEntry {
  readonly designator: Designator
  readonly path: string
  /** BLAKE3-256 of the content, hex; written in lowercase. */
  readonly checksum: string
}

export interface Manifest {
  /** In order of insertion, which the hash does not depend on. */
  readonly files: readonly ManifestEntry[]
}

/** Hash of the manifest without entries (§4.4): the parent of a first sync. */
export const EMPTY_MANIFEST_HASH = '85c9d3437fbd13e892674f14603650fff5cb32db314d375722f39f84f501036f'

const PREFIX = encodeUtf8('BEDROCK_MANIFEST\0')
const NUL = new Uint8Array(1)

/**
 * Reads `manifest.json`.
 *
 * @throws {StructureError} `invalid_json`, `invalid_manifest`.
 */
export function decodeManifest(json: string): Manifest {
  const tagged = readTagged(parseJson(json, 'manifest'), 'manifest')
  if (tagged?.version !== 'V0') throw invalid('a V0 manifest')
  const files = readRecord(tagged.content, ['files'])?.files
  if (files?.kind !== 'array') throw invalid('a list of files')
  const readDesignator = tagged.isBuffered ? readBufferedVariant : readVariant
  return { files: files.items.map((item) => decodeEntry(item, readDesignator)) }
}

function decodeEntry(json: Json, readDesignator: typeof readVariant): ManifestEntry {
  const entry = readRecord(json, ['designator', 'file_path', 'checksum_hex'])
  const designator = readDesignator(entry?.designator)
  const path = readText(entry?.file_path)
  const checksum = readText(entry?.checksum_hex)
  if (designator === undefined || !isDesignator(designator) || path === undefined || checksum === undefined)
    throw invalid('designator, file_path and checksum_hex')
  return { designator, path, checksum }
}

const invalid = (expected: string) => new StructureError('invalid_manifest', { what: 'manifest', expected, got: 'something else' })

/** Compact JSON as the reference writes it; the order of entries is kept. */
export function encodeManifest(manifest: Manifest): string {
  const files = manifest.files.map(({ designator, path, checksum }) => ({ designator, file_path: path, checksum_hex: checksum }))
  return JSON.stringify({ version: 'V0', manifest: { files } })
}

/**
 * The state of a backup: 64 lowercase hex digits.
 *
 * Duplicates are found before checksums are judged, and checksums in sorted order (§17).
 *
 * @throws {StructureError} `duplicate_path`: two paths equal after lowercasing; `invalid_checksum_hex`.
 * @example
 * ```ts
 * hashManifest(engine, { files: [] }) === EMPTY_MANIFEST_HASH
 * ```
 */
export function hashManifest(engine: Engine, manifest: Manifest): string {
  checkUniquePaths(manifest)
  const sorted = manifest.files
    .map((entry) => ({ entry, key: encodeUtf8(entry.path.toLowerCase()) }))
    .sort((a, b) => compareBytes(a.key, b.key))
  const count = new Uint8Array(4)
  new DataView(count.buffer).setUint32(0, sorted.length)
  const parts = sorted.flatMap(({ entry }) => [
    encodeUtf8(entry.designator),
    NUL,
    encodeUtf8(entry.path),
    NUL,
    decodeChecksum(entry.checksum),
  ])
  return encodeHex(engine.hash.blake3(concatBytes(PREFIX, count, ...parts)))
}

/** @throws {StructureError} `duplicate_path`. */
export function checkUniquePaths(manifest: Manifest): void {
  const seen = new Map<string, string>()
  for (const { path } of manifest.files) {
    const key = path.toLowerCase()
    const other = seen.get(key)
    if (other !== undefined) {
      throw new StructureError('duplicate_path', {
        what: 'manifest',
        expected: 'paths that differ in more than case',
        got: `${other} and ${path}`,
      })
    }
    seen.set(key, path)
  }
}

function decodeChecksum(text: string): Uint8Array {
  const refuse = (cause?: unknown) =>
    new StructureError(
      'invalid_checksum_hex',
      { what: 'manifest checksum', expected: '64 hex digits', got: `${text.length} characters` },
      { cause },
    )
  let checksum: Uint8Array
  try {
    checksum = decodeHex(text)
  } catch (cause) {
    throw refuse(cause)
  }
  if (checksum.length !== 32) throw refuse()
  return checksum
}

/** Code-point order, which UTF-16 order is not (§4.3). */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}
