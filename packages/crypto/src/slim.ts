/** Brings no bytes and no fallback: pass `wasm`, or let the application start the engine. What libraries import. */
import { initIn } from './init'

export * from './api'

/** @see the entry for browsers: the same, but `wasm` is yours to pass. */
export const { init, initSync } = initIn({})
