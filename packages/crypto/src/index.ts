/** Browsers and bundlers: the core is a file beside this one, which bundlers find by this very expression. */
import { initIn } from './init'
import { loadSodiumEngine } from './sodium/load'

export * from './api'

/**
 * Starts an engine, or returns the one already started for the same options.
 *
 * @throws {HoldfastError} `backend_unavailable`, `core_unreachable`, `core_damaged`, `self_test_failed`, `randomness_unavailable`.
 * @example
 * ```ts
 * const engine = await init()
 * const digest = engine.hash.blake3(new Uint8Array())
 * ```
 */
export const { init, initSync } = initIn({
  wasm: () => new URL('../wasm/core.wasm', import.meta.url),
  sodium: loadSodiumEngine,
})
