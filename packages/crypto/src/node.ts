/** Node, Bun and Deno: the core is a file on disk. */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { HoldfastError } from '@holdfast/base'
import { initIn } from './init'
import { loadSodiumEngine } from './sodium/load'

export * from './api'

const FILE = new URL('../wasm/core.wasm', import.meta.url)

/** @see the entry for browsers: the same, but for where the core is. */
export const { init, initSync } = initIn({
  wasm: () => readFile(FILE).catch(unreadable),
  wasmSync: () => {
    try {
      return readFileSync(FILE)
    } catch (cause) {
      return unreadable(cause)
    }
  },
  sodium: loadSodiumEngine,
})

function unreadable(cause: unknown): never {
  throw new HoldfastError(
    'core_unreachable',
    'the wasm backend cannot start: core.wasm cannot be read; keep it beside the package (a bundler may have left it behind), or pass `wasm`',
    { remedy: 'change-environment', cause },
  )
}
