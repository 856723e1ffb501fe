/**
 * Turtl's client-made ids (turtl §4.2): 80 lowercase hex digits that sort by time.
 *
 *   digits  field
 *   12      Unix milliseconds
 *   64      client id, 32 random bytes an installation
 *   4       counter, modulo 65536
 *
 * A note's creation time is nowhere but in its id.
 */
import { encodeHex, encodeUtf8, StructureError } from '@holdfast/base'
import { sha256 } from '@noble/hashes/sha2.js'

const CLIENT_MADE = /^[0-9a-f]{80}$/
/** Of accounts older than 0.7: seconds in the first eight digits. */
const OLD = /^[0-9a-f]{24}$/

export interface IdParts {
  /** Unix time in milliseconds, below 2^48. */
  readonly timestampMs: number
  /** 64 lowercase hex digits. */
  readonly clientId: string
  /** Taken modulo 65536. */
  readonly counter: number
}

/**
 * @returns 80 lowercase hex digits.
 * @example
 * ```ts
 * const id = encodeId({ timestampMs: clock.now(), clientId, counter: 3 })
 * ```
 */
export function encodeId({ timestampMs, clientId, counter }: IdParts): string {
  const digits = (value: number, length: number) => value.toString(16).padStart(length, '0')
  return digits(timestampMs, 12) + clientId + digits(counter % 65536, 4)
}

/** @throws {StructureError} `invalid_id`: not 80 lowercase hex digits. */
export function decodeId(id: string): IdParts {
  if (!CLIENT_MADE.test(id))
    throw new StructureError('invalid_id', { what: 'Turtl id', expected: '80 lowercase hex digits', got: `${id.length} characters` })
  return { timestampMs: Number.parseInt(id.slice(0, 12), 16), clientId: id.slice(12, 76), counter: Number.parseInt(id.slice(76), 16) }
}

/** Unix milliseconds at which an object was made, or `undefined` for ids that do not say (turtl §4.2). */
export function createdAt(id: string): number | undefined {
  if (CLIENT_MADE.test(id)) return decodeId(id).timestampMs
  return OLD.test(id) ? Number.parseInt(id.slice(0, 8), 16) * 1000 : undefined
}

/**
 * The id an imported object gets (turtl §4.11): time and counter stay, the client id becomes that of the account. So the
 * same import a second time meets its own objects.
 *
 * @param endpoint of the API, without a slash at its end.
 * @throws {StructureError} `invalid_id`.
 */
export function remapId(id: string, endpoint: string, userId: string): string {
  const clientId = encodeHex(sha256(encodeUtf8(`${endpoint}/${userId}`)))
  return encodeId({ ...decodeId(id), clientId })
}
