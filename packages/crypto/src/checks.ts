import { ArgumentError, HoldfastError } from '@holdfast/base'
import { countOf } from './batch'
import type { FileRecord, Messages, PasswordHashOptions } from './engine'

/** What one call may take in all, and a buffer hold. */
export const MAX_BYTES = 2 ** 29

/** @throws {ArgumentError} `invalid_argument`: not a `Uint8Array` of exactly `length` bytes. */
export function checkLength(what: string, bytes: Uint8Array, length: number): void {
  checkBytes(what, bytes)
  if (bytes.length !== length) throw new ArgumentError({ what, expected: `${length} bytes`, got: `${bytes.length} bytes` })
}

/** @throws {ArgumentError} `invalid_argument`: not a `Uint8Array`. */
export function checkBytes(what: string, bytes: Uint8Array): void {
  if (!(bytes instanceof Uint8Array)) throw new ArgumentError({ what, expected: 'a Uint8Array', got: typeof bytes })
}

/** @throws {ArgumentError} `invalid_argument`: neither a list of items of `length` bytes, nor one array of them all. */
export function checkEach(what: string, items: Uint8Array | readonly Uint8Array[], length: number, count: number): void {
  if (Array.isArray(items)) for (const item of items) checkLength(what, item, length)
  else checkLength(what, items as Uint8Array, length * count)
}

/** @throws {ArgumentError} `invalid_argument`: a file whose content is not a `Uint8Array`. */
export function checkFiles(files: readonly FileRecord[]): void {
  for (const { content } of files) checkBytes('file content', content)
}

/** @throws {ArgumentError} `invalid_argument`: no room for the result. */
export function checkOut(out: Uint8Array, length: number): void {
  checkBytes('out', out)
  if (out.length < length) throw new ArgumentError({ what: 'out', expected: `at least ${length} bytes`, got: `${out.length} bytes` })
}

/** @throws {HoldfastError} `limit_exceeded`: more than one call may take. */
export function checkLimit(length: number): void {
  if (length > MAX_BYTES) {
    throw new HoldfastError('limit_exceeded', `limit exceeded: ${length} bytes in one call, of at most ${MAX_BYTES}; split the message`, {
      remedy: 'fix-call',
    })
  }
}

/** @throws {ArgumentError} `invalid_argument`: not an integer from `least` to `most`. */
export function checkRange(what: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new ArgumentError({ what, expected: `an integer from ${least} to ${most}`, got: `${value}` })
  }
}

/** @throws {ArgumentError} `invalid_argument`: a list that should go with the messages is not as long. */
export function checkParallel(what: string, messages: Messages, ...lists: readonly unknown[]): void {
  if (!Array.isArray(messages) && !('offsets' in messages))
    throw new ArgumentError({ what, expected: 'a list or a batch', got: typeof messages })
  const count = countOf(messages)
  for (const list of lists) {
    if (Array.isArray(list) && list.length !== count)
      throw new ArgumentError({ what, expected: `${count} items in each list`, got: list.length })
  }
  if ('offsets' in messages) checkOffsets(what, messages.bytes, messages.offsets)
  else for (const message of messages) checkBytes(what, message)
}

function checkOffsets(what: string, bytes: Uint8Array, offsets: Uint32Array): void {
  checkBytes(what, bytes)
  if (!(offsets instanceof Uint32Array) || offsets.length === 0)
    throw new ArgumentError({ what, expected: 'one offset more than messages', got: 'none' })
  let last = 0
  for (const offset of offsets) {
    if (offset < last || offset > bytes.length)
      throw new ArgumentError({ what, expected: 'rising offsets within the bytes', got: `${offset} after ${last}` })
    last = offset
  }
}

/**
 * The limits of libsodium's password hashes, and ours on memory, checked before anything is allocated.
 *
 * @throws {ArgumentError} `invalid_argument`.
 */
export function checkPasswordHash(options: PasswordHashOptions, saltLength: 16 | 32): void {
  checkBytes('password', options.password)
  checkLength('salt', options.salt, saltLength)
  checkRange('output length', options.length, 16, 1024)
  checkRange('opsLimit', options.opsLimit, saltLength === 16 ? 1 : 32768, 2 ** 32 - 1)
  checkRange('memLimit', options.memLimit, saltLength === 16 ? 8192 : 2 ** 24, 2 ** 30)
}
