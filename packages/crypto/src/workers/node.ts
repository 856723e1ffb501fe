/** Node, Bun and Deno: a pool of `worker_threads`. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { readCore } from '../core-file'
import { startPoolIn } from './start-pool'

export type * from './api'

/** @see the entry for browsers: the same, on `worker_threads`. A pool with nothing to do does not keep a process alive. */
export const startPool = startPoolIn({
  wasm: () => readCore(new URL('../../wasm/core.wasm', import.meta.url)),
  cores: availableParallelism,
  startThread(script, hear, lose) {
    // The script needs nothing of the environment, and whatever secrets lie there are none of its business.
    const worker = new Worker(script ?? new URL('./node-worker.js', import.meta.url), { env: {} })
    worker.on('message', hear)
    worker.on('messageerror', lose)
    worker.on('error', lose)
    worker.on('exit', (code) => lose(new Error(`the worker ended with exit code ${code}`)))
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      hold: () => worker.ref(),
      release: () => worker.unref(),
      terminate: async () => void (await worker.terminate()),
    }
  },
})
