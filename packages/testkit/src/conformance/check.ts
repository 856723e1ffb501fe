/**
 * A check is one sentence that must hold of an engine: a name and a function, and nothing of any test framework, so that
 * vitest, bare Node, Bun, Deno, workerd and a browser page run the same ones.
 */
import { encodeHex, HoldfastError } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'

export interface Check {
  /** A sentence of the specification. */
  readonly name: string
  /** Returns (or resolves) when it holds. @throws {CheckFailure} when it does not. */
  run(engine: Engine): void | Promise<void>
}

/** What was expected and what was found; both are public test data. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure'
}

/** @throws {CheckFailure} when the bytes differ. `expected` may be lowercase hex. */
export function expectBytes(got: Uint8Array, expected: Uint8Array | string, what = 'bytes'): void {
  const wanted = typeof expected === 'string' ? expected : encodeHex(expected)
  if (!(got instanceof Uint8Array)) throw new CheckFailure(`${what}: expected a Uint8Array, got ${typeof got}`)
  if (encodeHex(got) !== wanted) throw new CheckFailure(`${what}: expected ${shorten(wanted)}, got ${shorten(encodeHex(got))}`)
}

/** @throws {CheckFailure} when the values are not the same by `Object.is`. */
export function expectSame(got: unknown, expected: unknown, what: string): void {
  if (!Object.is(got, expected)) throw new CheckFailure(`${what}: expected ${String(expected)}, got ${String(got)}`)
}

/** @throws {CheckFailure} when `run` does anything but throw a `HoldfastError` of this code. */
export function expectCode(code: string, run: () => unknown, what = 'the call'): void {
  const outcome = outcomeOf(run)
  if (outcome.kind === 'refused' && outcome.code === code) return
  throw new CheckFailure(`${what}: expected the error ${code}, got ${describeOutcome(outcome)}`)
}

/** What a call came to. A crash is an error that is not of the `HoldfastError` family: never a right answer. */
export type Outcome =
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'crashed'; readonly error: unknown }

export function outcomeOf(run: () => unknown): Outcome {
  try {
    return { kind: 'returned', value: run() }
  } catch (error) {
    return error instanceof HoldfastError ? { kind: 'refused', code: error.code } : { kind: 'crashed', error }
  }
}

/** The same text exactly when two outcomes are the same: bytes as hex, errors by code. */
export function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'returned':
      return `returned ${serialise(outcome.value)}`
    case 'refused':
      return `error ${outcome.code}`
    case 'crashed':
      return `a crash: ${String(outcome.error)}`
  }
}

function serialise(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => (member instanceof Uint8Array ? encodeHex(member) : member)) ?? 'nothing'
}

export function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}… (${text.length} characters)` : text
}
