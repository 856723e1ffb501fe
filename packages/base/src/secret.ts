import type { Bytes } from './bytes'
import { ArgumentError, HoldfastError } from './errors'

const INSPECT = Symbol.for('nodejs.util.inspect.custom')
declare const purpose: unique symbol

/**
 * Secret bytes that redact themselves wherever they could be printed, and can be wiped.
 *
 * `Purpose` is a brand: a `Secret<'factor-secret'>` cannot be passed where a `Secret<'object-key'>` is wanted.
 * A `Secret` owns its bytes: it copies what it is given, and `wipe` zeroes that copy.
 *
 * @example
 * ```ts
 * const key = new Secret<'object-key'>('object-key', random(32))
 * key.use((bytes) => engine.aead.chacha20poly1305.seal(bytes, nonce, aad, plaintext))
 * key.wipe()
 * ```
 */
export class Secret<Purpose extends string = string> {
  declare readonly [purpose]: Purpose
  readonly #purpose: Purpose
  readonly #bytes: Bytes
  #wiped = false

  /** @param bytes copied; wipe your own copy when you no longer need it. */
  constructor(purpose: Purpose, bytes: Uint8Array, length?: number) {
    if (length !== undefined && bytes.length !== length) {
      throw new ArgumentError({ what: purpose, expected: `${length} bytes`, got: `${bytes.length} bytes` })
    }
    this.#purpose = purpose
    this.#bytes = new Uint8Array(bytes)
  }

  get purpose(): Purpose {
    return this.#purpose
  }

  get length(): number {
    return this.#bytes.length
  }

  /**
   * Lends the bytes to `reader`; they must not outlive the call.
   *
   * @throws {HoldfastError} `secret_wiped`.
   */
  use<Result>(reader: (bytes: Bytes) => Result): Result {
    if (this.#wiped) {
      throw new HoldfastError('secret_wiped', `secret already wiped: a ${this.#purpose} was used after wipe(); load or derive it again`)
    }
    return reader(this.#bytes)
  }

  /** A copy that the caller owns and wipes. */
  expose(): Bytes {
    return this.use((bytes) => new Uint8Array(bytes))
  }

  /** Zeroes the bytes; every later use throws `secret_wiped`. May be called twice. */
  wipe(): void {
    this.#bytes.fill(0)
    this.#wiped = true
  }

  [Symbol.dispose](): void {
    this.wipe()
  }

  toString(): string {
    return `[secret ${this.#purpose}]`
  }

  toJSON(): string {
    return this.toString()
  }

  [INSPECT](): string {
    return this.toString()
  }
}
