import type { VectorSuite } from '../vectors/format'
import type { LoadFile } from '../vectors/input'
import { runCase } from '../vectors/run-vectors'
import { AEAD_CHECKS } from './aead-checks'
import { ARGUMENT_CHECKS } from './argument-checks'
import { type Check, CheckFailure } from './check'
import { CONTAINER_CHECKS } from './container-checks'
import { CONTRACT_CHECKS } from './contract-checks'
import { ENVELOPE_CHECKS } from './envelope-checks'
import { HASH_CHECKS } from './hash-checks'
import { KDF_CHECKS } from './kdf-checks'
import { SEALED_BOX_CHECKS } from './sealed-box-checks'
import { X25519_CHECKS } from './x25519-checks'

/** Every edge case, law and argument error of the engine's interface. */
export const ENGINE_CHECKS: readonly Check[] = [
  ...AEAD_CHECKS,
  ...X25519_CHECKS,
  ...SEALED_BOX_CHECKS,
  ...HASH_CHECKS,
  ...KDF_CHECKS,
  ...ENVELOPE_CHECKS,
  ...CONTAINER_CHECKS,
  ...CONTRACT_CHECKS,
  ...ARGUMENT_CHECKS,
]

/**
 * The conformance suite: every case of `suites` and every check of the engine's interface, as functions that any test
 * framework, or none, can run. A case of an unknown operation fails: a suite that skips proves nothing.
 *
 * @example
 * ```ts
 * for (const { name, run } of conformanceChecks(suites)) test(name, () => run(engine))
 * ```
 */
export function conformanceChecks(suites: readonly VectorSuite[], options: { readonly loadFile?: LoadFile } = {}): readonly Check[] {
  return [...suites.flatMap((suite) => vectorChecks(suite, options.loadFile)), ...ENGINE_CHECKS]
}

function vectorChecks({ suite, cases }: VectorSuite, loadFile: LoadFile | undefined): readonly Check[] {
  return cases.map((vector) => ({
    name: `vector ${suite}: ${vector.id} (${vector.op})`,
    async run(engine) {
      const result = await runCase(engine, vector, loadFile)
      if (result.kind === 'skipped') throw new CheckFailure(`no such operation: ${vector.op}`)
      if (result.kind === 'failed') throw new CheckFailure(`expected ${result.expected}, got ${result.got}`)
    },
  }))
}
