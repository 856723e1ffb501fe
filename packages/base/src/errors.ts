/** What a caller can do about an error: machine-readable, one word per way out. */
export type Remedy =
  | 'fix-call'
  | 'fix-input'
  | 'retry'
  | 'authenticate-main-factor'
  | 'register-sync-factor'
  | 'fetch-remote'
  | 'wipe-local'
  | 'free-space'
  | 'change-environment'
  | 'contact-support'

/** Whether the same call may simply be made again, and after how many milliseconds at the earliest. */
export interface Retry {
  readonly safe: boolean
  readonly afterMs?: number
}

export interface HoldfastErrorOptions {
  readonly retry?: Retry
  readonly remedy?: Remedy
  readonly cause?: unknown
}

/**
 * The one base class of every error Holdfast throws.
 *
 * `message` has three parts: what happened, what was given, what to do. It never holds a secret, a key or plaintext.
 *
 * @example
 * ```ts
 * try { await backup.sync() } catch (error) {
 *   if (error instanceof HoldfastError && error.retry.safe) scheduleAnotherTry(error.retry.afterMs)
 *   else throw error
 * }
 * ```
 */
export class HoldfastError<Code extends string = string> extends Error {
  override readonly name: string = 'HoldfastError'
  readonly code: Code
  readonly retry: Retry
  readonly remedy: Remedy

  constructor(code: Code, message: string, options: HoldfastErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retry = options.retry ?? { safe: false }
    this.remedy = options.remedy ?? 'fix-call'
  }

  toJSON(): { name: string; code: Code; message: string; retry: Retry; remedy: Remedy } {
    return { name: this.name, code: this.code, message: this.message, retry: this.retry, remedy: this.remedy }
  }
}

/** Names what was looked at, what it should have been and what it was. Never pass secret bytes as `got`: lengths and versions only. */
export interface Expectation {
  readonly what: string
  readonly expected: string | number
  readonly got: string | number | undefined
}

function describe({ what, expected, got }: Expectation): string {
  return `expected ${expected}, got ${got ?? 'nothing'} (${what})`
}

/** Bytes or text that do not have the structure of their format. Found before any key is used. */
export class StructureError<Code extends string = string> extends HoldfastError<Code> {
  override readonly name = 'StructureError'

  constructor(code: Code, expectation: Expectation, options: HoldfastErrorOptions = {}) {
    super(code, `${code.replaceAll('_', ' ')}: ${describe(expectation)}; the data is damaged or of another format`, {
      remedy: 'fix-input',
      ...options,
    })
  }
}

/** An argument of the wrong kind or size: a mistake in the calling code. */
export class ArgumentError<Code extends string = 'invalid_argument'> extends HoldfastError<Code> {
  override readonly name = 'ArgumentError'

  constructor(expectation: Expectation, options: HoldfastErrorOptions = {}, code: Code = 'invalid_argument' as Code) {
    super(code, `invalid argument: ${describe(expectation)}; pass a value of that kind`, { remedy: 'fix-call', ...options })
  }
}

/** Wrong key or damaged ciphertext; which of the two cannot be told, and is not. */
export class AuthenticationError extends HoldfastError<'auth_failed'> {
  override readonly name = 'AuthenticationError'

  constructor(what: string, options: HoldfastErrorOptions = {}) {
    super('auth_failed', `authentication failed: ${what} does not open with this key; use the right key, or an undamaged copy`, {
      remedy: 'fix-input',
      ...options,
    })
  }
}
