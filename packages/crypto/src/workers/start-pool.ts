import { checkRange } from '../checks'
import type { Backend } from '../engine'
import { fallbackReason } from '../init'
import { loadWasm } from '../wasm-bytes'
import type { ContainerJobOptions, Pool, PooledAead, PoolOptions } from './api'
import type { Start } from './border'
import type { WorkersEnvironment } from './environment'
import { takeInputs } from './inputs'
import { bulkArgumentOf, type JobName } from './jobs'
import { aborted } from './refusals'
import { Scheduler } from './scheduler'

const MOST_WORKERS = 64
/** More are not started unless asked for: each holds an engine. */
const DEFAULT_MOST = 8

/** @returns `startPool` of an entry. */
export function startPoolIn(environment: WorkersEnvironment) {
  async function startWith(options: PoolOptions, size: number, start: Start): Promise<Pool> {
    const scheduler = new Scheduler(size, (hear, lose) => environment.startThread(options.worker, hear, lose), start)
    await scheduler.start()
    return createPool(scheduler, start.backend, size)
  }

  return async function startPool(options: PoolOptions = {}): Promise<Pool> {
    const size = options.size ?? Math.min(DEFAULT_MOST, Math.max(1, environment.cores()))
    checkRange('pool size', size, 1, MOST_WORKERS)
    const { backend = 'auto' } = options
    if (backend === 'sodium') return startWith(options, size, { kind: 'start', backend, module: undefined })
    try {
      const module = await loadWasm(options.wasm ?? (await environment.wasm()))
      return await startWith(options, size, { kind: 'start', backend: 'wasm', module })
    } catch (cause) {
      const reason = fallbackReason(cause)
      if (backend === 'wasm' || !reason) throw cause
      options.onFallback?.({ from: 'wasm', to: 'sodium', reason, cause })
      return startWith(options, size, { kind: 'start', backend: 'sodium', module: undefined })
    }
  }
}

function createPool(scheduler: Scheduler, backend: Backend, size: number): Pool {
  /** Takes the inputs before the call returns, that is before anything is waited for. */
  async function run<Result>(name: JobName, args: readonly unknown[], job: ContainerJobOptions = {}): Promise<Result> {
    const { signal, inputs = 'transfer', onProgress } = job
    scheduler.checkOpen()
    if (signal?.aborted) throw aborted(signal.reason)
    const taken = takeInputs(args, inputs === 'copy' ? undefined : bulkArgumentOf(name))
    return scheduler.run(name, taken, signal, onProgress) as Promise<Result>
  }

  const aead = (name: 'aead.chacha20poly1305' | 'aead.xchacha20poly1305'): PooledAead => ({
    seal: (key, nonce, aad, plaintext, job) => run(`${name}.seal`, [key, nonce, aad, plaintext], job),
    open: (key, nonce, aad, ciphertext, job) => run(`${name}.open`, [key, nonce, aad, ciphertext], job),
    sealBatch: (keys, nonces, aads, plaintexts, job) => run(`${name}.sealBatch`, [keys, nonces, aads, plaintexts], job),
    sealMany: (keys, nonces, aads, plaintexts, job) => run(`${name}.sealMany`, [keys, nonces, aads, plaintexts], job),
    openBatch: (keys, nonces, aads, ciphertexts, job) => run(`${name}.openBatch`, [keys, nonces, aads, ciphertexts], job),
    openMany: (keys, nonces, aads, ciphertexts, job) => run(`${name}.openMany`, [keys, nonces, aads, ciphertexts], job),
  })
  const close = () => scheduler.close()

  return {
    backend,
    size,
    aead: { chacha20poly1305: aead('aead.chacha20poly1305'), xchacha20poly1305: aead('aead.xchacha20poly1305') },
    x25519: {
      derivePublicKeys: (secretKeys, job) => run('x25519.derivePublicKeys', [secretKeys], job),
      sharedSecrets: (secretKeys, publicKeys, job) => run('x25519.sharedSecrets', [secretKeys, publicKeys], job),
    },
    sealedBox: {
      seal: (publicKey, plaintext, job) => run('sealedBox.seal', [publicKey, plaintext], job),
      open: (keyPair, box, job) => run('sealedBox.open', [keyPair, box], job),
      sealBatch: (publicKeys, plaintexts, job) => run('sealedBox.sealBatch', [publicKeys, plaintexts], job),
      sealMany: (publicKeys, plaintexts, job) => run('sealedBox.sealMany', [publicKeys, plaintexts], job),
      openBatch: (keyPair, boxes, job) => run('sealedBox.openBatch', [keyPair, boxes], job),
      openMany: (keyPair, boxes, job) => run('sealedBox.openMany', [keyPair, boxes], job),
    },
    hash: {
      blake2b: (message, options, job) => run('hash.blake2b', [message, options], job),
      blake3: (message, options, job) => run('hash.blake3', [message, options], job),
    },
    kdf: {
      scrypt: (options, job) => run('kdf.scrypt', [options], job),
      argon2id: (options, job) => run('kdf.argon2id', [options], job),
    },
    envelopes: {
      sealBatch: (keys, nonces, plaintexts, job) => run('envelopes.sealBatch', [keys, nonces, plaintexts], job),
      sealMany: (keys, nonces, plaintexts, job) => run('envelopes.sealMany', [keys, nonces, plaintexts], job),
      openBatch: (keys, envelopes, job) => run('envelopes.openBatch', [keys, envelopes], job),
      openMany: (keys, envelopes, job) => run('envelopes.openMany', [keys, envelopes], job),
    },
    container: {
      pack: (rootKeyJson, files, mtime, job) => run('container.pack', [rootKeyJson, files, mtime], job),
      unpack: (container, maxBytes, job) => run('container.unpack', [container, maxBytes], job),
      packSealed: (publicKey, rootKeyJson, files, mtime, job) => run('container.packSealed', [publicKey, rootKeyJson, files, mtime], job),
      unpackSealed: (keyPair, sealed, maxBytes, job) => run('container.unpackSealed', [keyPair, sealed, maxBytes], job),
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
