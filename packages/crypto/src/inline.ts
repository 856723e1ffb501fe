/** One file and no request: the core as base64 text inside the script, a third larger. */
import { decodeBase64 } from '@holdfast/base'
import base64 from '../wasm/core.wasm?base64'
import { initIn } from './init'
import { loadSodiumEngine } from './sodium/load'

export * from './api'

const core = () => decodeBase64(base64)

/** @see the entry for browsers: the same, but for where the core is. */
export const { init, initSync } = initIn({ wasm: core, wasmSync: core, sodium: loadSodiumEngine })
