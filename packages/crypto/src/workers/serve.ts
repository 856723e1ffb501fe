import type { Engine } from '../engine'
import { initIn } from '../init'
import { loadSodiumEngine } from '../sodium/load'
import { type FromWorker, flattenError, type Start, type ToWorker, type Work } from './border'
import { buffersOf, wipeAll } from './inputs'
import { callJob } from './jobs'

const { init } = initIn({ sodium: loadSodiumEngine })

/**
 * The worker's side: starts an engine, then does one job after another. Results are given back by transfer; inputs are
 * wiped when a job is done, whatever came of it, so that nothing of it stays between jobs.
 *
 * @param post to the pool.
 * @returns what to call with each message of the pool.
 */
export function serve(post: (message: FromWorker, transfer: ArrayBuffer[]) => void): (message: ToWorker) => Promise<void> {
  let engine: Engine | undefined

  async function start({ backend, module }: Start): Promise<void> {
    engine = await init(module ? { backend, wasm: module } : { backend })
    post({ kind: 'ready' }, [])
  }

  function work({ name, args, progress }: Work): void {
    const tell = (done: number, total: number) => post({ kind: 'progress', done, total }, [])
    try {
      const result = callJob(engine, name, progress ? [...args, tell] : args)
      post({ kind: 'done', result }, [...buffersOf(result)])
    } finally {
      wipeAll(args)
    }
  }

  return async (message) => {
    try {
      if (message.kind === 'start') await start(message)
      else work(message)
    } catch (error) {
      post({ kind: 'failed', error: flattenError(error) }, [])
    }
  }
}
