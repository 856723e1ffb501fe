/** Both engines, the core without help from the platform, and the linear memory of the one that has one. */
import { readFileSync } from 'node:fs'
import { HoldfastError } from '@holdfast/base'
import { type Engine, init } from '../src/node'

export const CORE = new Uint8Array(readFileSync(new URL('../wasm/core.wasm', import.meta.url)))

export const engines: readonly (readonly [string, Engine])[] = await Promise.all(
  (['wasm', 'sodium'] as const).map(async (backend) => [backend, await init({ backend, accelerate: false })] as const),
)

/**
 * A WASM engine of its own, and its linear memory: what a debugger would see. Instances are caught as they are made,
 * so that the core needs no export for it.
 */
export async function openWasmEngine(): Promise<{ engine: Engine; memory: () => Uint8Array }> {
  const Instance = WebAssembly.Instance
  let caught: WebAssembly.Instance | undefined
  WebAssembly.Instance = new Proxy(Instance, {
    construct(target, args: [WebAssembly.Module]) {
      caught = new target(...args)
      return caught
    },
  })
  const engine = await init({ backend: 'wasm', wasm: new Uint8Array(CORE), accelerate: false })
  return {
    engine,
    memory() {
      const memory = caught?.exports.memory as WebAssembly.Memory
      return new Uint8Array(memory.buffer)
    },
  }
}

/** The code that `run` throws. */
export function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof HoldfastError) return error.code
    throw error
  }
  return 'nothing thrown'
}
