import { ArgumentError } from '@holdfast/base'
import type { FileRecord, PasswordHashOptions } from './engine'

/** @throws {ArgumentError} `invalid_argument`: not a `Uint8Array` of exactly `length` bytes. */
export function checkLength(what: string, bytes: Uint8Array, length: number): void {
  checkBytes(what, bytes)
  if (bytes.length !== length) throw new ArgumentError({ what, expected: `${length} bytes`, got: `${bytes.length} bytes` })
}

/** @throws {ArgumentError} `invalid_argument`: not a `Uint8Array`. */
export function checkBytes(what: string, bytes: Uint8Array): void {
  if (!(bytes instanceof Uint8Array)) throw new ArgumentError({ what, expected: 'a Uint8Array', got: typeof bytes })
}

/** @throws {ArgumentError} `invalid_argument`: a file whose content is not a `Uint8Array`. */
export function checkFiles(files: readonly FileRecord[]): void {
  for (const { content } of files) checkBytes('file content', content)
}

/** @throws {ArgumentError} `invalid_argument`: not an integer from `least` to `most`. */
export function checkRange(what: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new ArgumentError({ what, expected: `an integer from ${least} to ${most}`, got: `${value}` })
  }
}

/** @throws {ArgumentError} `invalid_argument`: lists that should be parallel are not. */
export function checkParallel(what: string, ...lists: readonly (readonly unknown[])[]): void {
  const [first, ...others] = lists
  for (const other of others) {
    if (other.length !== first?.length)
      throw new ArgumentError({ what, expected: `${first?.length} items in each list`, got: other.length })
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
