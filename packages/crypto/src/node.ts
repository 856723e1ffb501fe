/** Node, Bun and Deno: the core is a file on disk. */
import { readCore } from './core-file'
import { initIn } from './init'
import { nodeCrypto } from './native-aead'
import { loadSodiumEngine } from './sodium/load'

export * from './api'

const core = () => readCore(new URL('../wasm/core.wasm', import.meta.url))

/** @see the entry for browsers: the same, but for where the core is. */
export const { init, initSync } = initIn({
  wasm: core,
  wasmSync: core,
  native: nodeCrypto,
  sodium: loadSodiumEngine,
})
