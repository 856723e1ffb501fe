/** Who takes part in a runtime. */
import { type Engine, init } from '@holdfast/crypto'
import { loadLibsodium } from './libraries/libsodium'
import { noble } from './libraries/noble'
import { FALLBACK, HOLDFAST, type Library } from './library'
import type { Contender } from './measure'
import type { Reference } from './reference'

export interface Lab {
  /** The WASM core alone: what the goals speak of. */
  readonly wasm: Engine
  /** The same, with long messages handed to the platform's own AEAD; `undefined` where the platform has none. */
  readonly accelerated: Engine | undefined
  /** Our interface over libsodium.js: what a platform without SIMD gets. */
  readonly sodium: Engine
  /** libsodium.js comes first, and is the base. */
  readonly libsodium: Awaited<ReturnType<typeof loadLibsodium>>
  readonly libraries: readonly Library[]
  /** The container in native Rust, where cargo is at hand. */
  readonly reference: Reference | undefined
}

/** @param natives libraries that only this runtime has. */
export async function openLab(natives: readonly Library[], reference: Reference | undefined): Promise<Lab> {
  const libsodium = await loadLibsodium()
  return {
    wasm: await init({ backend: 'wasm', accelerate: false }),
    accelerated: natives.length === 0 ? undefined : await init({ backend: 'wasm' }),
    sodium: await init({ backend: 'sodium' }),
    libsodium,
    libraries: [libsodium, noble, ...natives],
    reference,
  }
}

/** Each library that has the operation. */
export function libraryContenders(lab: Lab, choose: (library: Library) => (() => unknown) | undefined): Contender[] {
  return lab.libraries.flatMap((library) => {
    const run = choose(library)
    return run ? [{ name: library.name, contract: library.contract, run }] : []
  })
}

/** Each library that has the operation, in a loop over a batch. */
export function loopContenders(
  lab: Lab,
  count: number,
  choose: (library: Library) => ((index: number) => Uint8Array) | undefined,
): Contender[] {
  return libraryContenders(lab, (library) => {
    const one = choose(library)
    // Results written into one array are overwritten: none is kept.
    if (library.contract === 'into') return one && (() => void forEach(count, one))
    return one && (() => Array.from({ length: count }, (_, index) => one(index)))
  }).map((contender) => ({ ...contender, variant: 'one by one' }))
}

function forEach(count: number, run: (index: number) => unknown): void {
  for (let index = 0; index < count; index++) run(index)
}

/** Both engines through the api contract. */
export function engineContenders(lab: Lab, run: (engine: Engine) => unknown): Contender[] {
  return [
    { name: HOLDFAST, contract: 'api', run: () => run(lab.wasm) },
    { name: FALLBACK, contract: 'api', run: () => run(lab.sodium) },
  ]
}

/** Bytes as a reader would write them. */
export function sizeLabel(bytes: number): string {
  if (bytes >= 1 << 20) return `${bytes / (1 << 20)} MiB`
  return bytes >= 1024 ? `${bytes / 1024} KiB` : `${bytes} B`
}

/** Shorter messages stay in the core (README of the crypto package). */
const ACCELERATED_FROM = 64 << 10

/** The engine with the platform's own AEAD, where there is one and the message is long enough for it. */
export function acceleratedContender({ accelerated }: Lab, size: number, run: (engine: Engine) => unknown): Contender[] {
  return accelerated && size >= ACCELERATED_FROM
    ? [{ name: HOLDFAST, contract: 'api', variant: 'accelerated', run: () => run(accelerated) }]
    : []
}
