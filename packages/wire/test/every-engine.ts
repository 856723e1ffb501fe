import { type Engine, init } from '@holdfast/crypto'
import { describe } from 'vitest'

const engines = [await init({ backend: 'wasm' }), await init({ backend: 'sodium' })]

/** The same tests on the WASM core and on libsodium. */
export function describeOnEveryEngine(name: string, tests: (engine: Engine) => void): void {
  describe.each(engines.map((engine) => [engine.backend, engine] as const))(`%s: ${name}`, (_, engine) => tests(engine))
}
