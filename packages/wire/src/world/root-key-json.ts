/**
 * The account's root key as JSON (world-backup-client §5.1, §17):
 *
 *   {"version":"V1","key":"<64 lowercase hex digits>"}
 *   {"version":"V0","key":"<any string>"}
 */
import { decodeHex, encodeHex, StructureError } from '@holdfast/base'
import { parseJson, readTagged, readText } from '../json'

export interface RootKeyJson {
  readonly version: 'V0' | 'V1'
  /** V1: 64 lowercase hex digits. V0: any text, kept verbatim. */
  readonly key: string
}

/**
 * Reads root key JSON as the reference does: members in either order, unknown ones passed over, duplicates refused.
 *
 * @throws {StructureError} `invalid_root_key`; neither message nor cause quotes the text.
 * @example
 * ```ts
 * decodeRootKey('{"version":"V0","key":"any text"}') // { version: 'V0', key: 'any text' }
 * ```
 */
export function decodeRootKey(json: string): RootKeyJson {
  const invalid = (cause?: unknown) =>
    new StructureError(
      'invalid_root_key',
      { what: 'root key', expected: 'V0 or V1 root key JSON', got: `${json.length} characters of something else` },
      { cause },
    )
  let tagged: ReturnType<typeof readTagged>
  try {
    tagged = readTagged(parseJson(json, 'root key'), 'key')
  } catch (cause) {
    throw invalid(cause)
  }
  const key = readText(tagged?.content)
  if (key === undefined) throw invalid()
  if (tagged?.version === 'V0') return { version: 'V0', key }
  if (tagged?.version !== 'V1' || !/^[0-9a-fA-F]{64}$/.test(key)) throw invalid()
  return { version: 'V1', key: encodeHex(decodeHex(key)) }
}

/** The canonical text: `version` before `key`. */
export function encodeRootKey({ version, key }: RootKeyJson): string {
  return JSON.stringify({ version, key })
}
