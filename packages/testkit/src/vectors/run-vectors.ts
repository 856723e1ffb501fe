import { encodeHex, HoldfastError } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import type { VectorCase, VectorSuite } from './format'
import { Input, type LoadFile, matches } from './input'
import { CRYPTO_OPERATIONS } from './ops-crypto'
import { TURNKEY_OPERATIONS } from './ops-turnkey'
import { TURTL_OPERATIONS } from './ops-turtl'
import { WORLD_OPERATIONS } from './ops-world'

const OPERATIONS = { ...CRYPTO_OPERATIONS, ...TURTL_OPERATIONS, ...WORLD_OPERATIONS, ...TURNKEY_OPERATIONS }

export interface VectorFailure {
  readonly suite: string
  readonly id: string
  readonly op: string
  readonly expected: string
  readonly got: string
}

export interface VectorReport {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly failures: readonly VectorFailure[]
  readonly unknownOps: readonly string[]
}

export type CaseResult =
  | { readonly kind: 'passed' }
  | { readonly kind: 'skipped' }
  | { readonly kind: 'failed'; readonly expected: string; readonly got: string }

/**
 * Runs suites of the shared format against an engine. A case whose operation is unknown is skipped, never passed; an
 * error that is not a `HoldfastError` is a failure even where an error is expected.
 *
 * @example
 * ```ts
 * const { failed } = await runVectors(await init(), [suite])
 * ```
 */
export async function runVectors(
  engine: Engine,
  suites: readonly VectorSuite[],
  options: { readonly loadFile?: LoadFile } = {},
): Promise<VectorReport> {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const failures: VectorFailure[] = []
  const unknownOps = new Set<string>()
  for (const { suite, cases } of suites) {
    for (const vector of cases) {
      const result = await runCase(engine, vector, options.loadFile)
      counts[result.kind]++
      if (result.kind === 'skipped') unknownOps.add(vector.op)
      if (result.kind === 'failed') failures.push({ suite, id: vector.id, op: vector.op, expected: result.expected, got: result.got })
    }
  }
  return { ...counts, failures, unknownOps: [...unknownOps] }
}

const noFiles: LoadFile = async (name) => {
  throw new TypeError(`the vector wants the file ${name}: pass loadFile`)
}

export async function runCase(engine: Engine, vector: VectorCase, loadFile: LoadFile = noFiles): Promise<CaseResult> {
  const operation = OPERATIONS[vector.op]
  if (!operation) return { kind: 'skipped' }
  let got: Record<string, unknown>
  try {
    got = await operation(engine, new Input(vector.in, loadFile))
  } catch (error) {
    return judgeError(vector, error)
  }
  if (vector.error !== undefined) return { kind: 'failed', expected: `error ${vector.error}`, got: show(got) }
  return matches(vector.out ?? {}, got, vector.subset === true)
    ? { kind: 'passed' }
    : { kind: 'failed', expected: show(vector.out), got: show(got) }
}

function judgeError(vector: VectorCase, error: unknown): CaseResult {
  const expected = vector.error === undefined ? show(vector.out) : `error ${vector.error}`
  if (!(error instanceof HoldfastError)) return { kind: 'failed', expected, got: `untyped ${String(error)}` }
  if (vector.error === true || vector.error === error.code) return { kind: 'passed' }
  return { kind: 'failed', expected, got: `error ${error.code}` }
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_, member: unknown) => (member instanceof Uint8Array ? encodeHex(member) : member)) ?? 'nothing'
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
