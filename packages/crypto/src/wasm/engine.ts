/** The preferred engine: the Rust core compiled to WASM, behind the same interface as libsodium. */
import type { Random } from '@holdfast/base'
import { type Accelerator, accelerate } from '../accelerator'
import type { Engine } from '../engine'
import { createAead } from './aead'
import { createContainer } from './container'
import { Core } from './core'
import { createEnvelopes } from './envelopes'
import { CoreBuffer } from './handles'
import { createHash, createKdf } from './hash'
import { createSealedBox } from './sealed-box'
import { createX25519 } from './x25519'

/** @throws {HoldfastError} `backend_unavailable`. */
export function createWasmEngine(module: WebAssembly.Module, random: Random, accelerator?: Accelerator): Engine {
  const core = new Core(module)
  const chacha20poly1305 = createAead(core, random, false)
  return {
    backend: 'wasm',
    random,
    makeBuffer: (length) => new CoreBuffer(core, length),
    aead: {
      chacha20poly1305: accelerator ? accelerate(chacha20poly1305, accelerator) : chacha20poly1305,
      xchacha20poly1305: createAead(core, random, true),
    },
    x25519: createX25519(core),
    sealedBox: createSealedBox(core, random),
    hash: createHash(core),
    kdf: createKdf(core),
    envelopes: createEnvelopes(core),
    container: createContainer(core, random),
  }
}
