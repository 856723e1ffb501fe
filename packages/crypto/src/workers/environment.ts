import type { WasmSource } from '../wasm-bytes'
import type { FromWorker, ToWorker } from './border'

/** A running worker. */
export interface Thread {
  post(message: ToWorker, transfer: ArrayBuffer[]): void
  /** While held, a process does not end by itself. */
  hold(): void
  release(): void
  terminate(): Promise<void>
}

/** What an entry knows of its environment. */
export interface WorkersEnvironment {
  readonly wasm: () => WasmSource | Promise<WasmSource>
  readonly cores: () => number
  /**
   * Starts a worker, held at first.
   *
   * @param script instead of the file beside the entry.
   * @param lose called when the worker ends otherwise than by `terminate`; perhaps more than once.
   * @throws whatever the platform throws.
   */
  readonly startThread: (script: URL | string | undefined, hear: (message: FromWorker) => void, lose: (cause: unknown) => void) => Thread
}
