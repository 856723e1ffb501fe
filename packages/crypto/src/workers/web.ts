/** Browsers and bundlers: a pool of Web Workers, whose script bundlers find by the very expression below. */
import { startPoolIn } from './start-pool'

export type * from './api'

/**
 * Starts a pool of workers, each with an engine of its own; resolves when all of them are ready. The core is compiled once.
 *
 * @throws {HoldfastError} `workers_unavailable`: never does the work move to the calling thread; `invalid_argument`, and what
 *   `init` throws.
 * @example
 * ```ts
 * const pool = await startPool({ size: 2 })
 * const key = await pool.kdf.argon2id(options, { signal: AbortSignal.timeout(5_000) })
 * await pool.close()
 * ```
 */
export const startPool = startPoolIn({
  wasm: () => new URL('../../wasm/core.wasm', import.meta.url),
  cores: () => navigator.hardwareConcurrency,
  startThread(script, hear, lose) {
    const worker = script
      ? new Worker(script, { type: 'module' })
      : new Worker(new URL('./web-worker.js', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }) => hear(data)
    worker.onmessageerror = lose
    worker.onerror = (event) => {
      event.preventDefault()
      lose(new Error(event.message || 'the script of the worker could not be loaded'))
    }
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      hold() {},
      release() {},
      terminate: async () => worker.terminate(),
    }
  },
})
