/** Cloudflare's workerd compiles WASM ahead of time: the core is imported as a module. There is no fallback. */
import module from '../wasm/core.wasm'
import { initIn } from './init'

export * from './api'

/** @see the entry for browsers: the same, but for where the core is. */
export const { init, initSync } = initIn({ wasm: () => module })
