/**
 * Choosing and starting an engine. There is no top-level await and no global side effect: the first `init` loads, tests
 * and remembers an engine per backend; a failed start is forgotten, so that the next call tries again.
 */
import { HoldfastError, platformRandom, type Random } from '@holdfast/base'
import type { Backend, Engine } from './engine'
import { type SelfTest, selfTest } from './self-test'
import { createSodiumEngine } from './sodium/engine'
import { createWasmEngine, hasSimd } from './wasm/engine'
import { type BuildStamp, readStamp, type WasmSource } from './wasm-bytes'

/** Why `auto` did not take the WASM core. */
export interface Fallback {
  readonly from: 'wasm'
  readonly to: 'sodium'
  readonly reason: 'webassembly_missing' | 'webassembly_refused' | 'self_test_failed'
  readonly cause: unknown
}

export interface InitOptions {
  /** `auto` (the default): the WASM core, or libsodium when WebAssembly is missing, refused or fails its self-test. */
  readonly backend?: 'auto' | Backend
  /** Where the core comes from; default: the file beside this package. */
  readonly wasm?: WasmSource
  /** Told once when `auto` falls back. */
  readonly onFallback?: (fallback: Fallback) => void
  /** Source of every `make…`; default: the platform's CSPRNG. */
  readonly random?: Random
}

export interface BackendInfo {
  readonly backend: Backend
  /** Why this backend: `chosen`, `preferred`, or the fallback's reason. */
  readonly reason: 'chosen' | 'preferred' | Fallback['reason']
  readonly simd: boolean
  /** How the committed core was built; `undefined` for libsodium. */
  readonly stamp: BuildStamp | undefined
  readonly selfTest: SelfTest
}

interface Started {
  readonly engine: Engine
  readonly info: BackendInfo
}

const started = new Map<string, Promise<Started>>()
const identities = new WeakMap<object, number>()
let latest: Started | undefined
let identity = 0

/**
 * Starts an engine, or returns the one already started for the same options.
 *
 * @throws {HoldfastError} `backend_unavailable`, `self_test_failed`, `randomness_unavailable`.
 * @example
 * ```ts
 * const engine = await init()
 * const digest = engine.hash.blake3(new Uint8Array())
 * ```
 */
export async function init(options: InitOptions = {}): Promise<Engine> {
  const key = [options.backend ?? 'auto', identify(options.wasm), identify(options.random)].join()
  let starting = started.get(key)
  if (!starting) {
    starting = start(options)
    started.set(key, starting)
    starting.catch(() => started.delete(key))
  }
  latest = await starting
  return latest.engine
}

/** @throws {HoldfastError} `not_initialized`. */
export function engine(): Engine {
  return current().engine
}

/** What runs, and why. @throws {HoldfastError} `not_initialized`. */
export function backendInfo(): BackendInfo {
  return current().info
}

function current(): Started {
  if (latest) return latest
  throw new HoldfastError('not_initialized', 'the crypto engine is not started: it was used before init; call `await init()` once, first', {
    remedy: 'fix-call',
  })
}

function identify(value: unknown): string {
  if (value === undefined) return '-'
  if (typeof value === 'string') return value
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return String(value)
  const known = identities.get(value) ?? ++identity
  identities.set(value, known)
  return String(known)
}

async function start(options: InitOptions): Promise<Started> {
  const random = checkedRandom(options.random ?? platformRandom)
  const backend = options.backend ?? 'auto'
  if (backend === 'sodium') return startSodium(random, 'chosen')
  try {
    return await startWasm(options.wasm, random, backend === 'wasm' ? 'chosen' : 'preferred')
  } catch (cause) {
    if (backend === 'wasm') throw cause
    const reason = fallbackReason(cause)
    options.onFallback?.({ from: 'wasm', to: 'sodium', reason, cause })
    return startSodium(random, reason)
  }
}

function fallbackReason(cause: unknown): Fallback['reason'] {
  if (cause instanceof HoldfastError && cause.code === 'self_test_failed') return 'self_test_failed'
  return typeof WebAssembly === 'undefined' ? 'webassembly_missing' : 'webassembly_refused'
}

async function startWasm(source: WasmSource | undefined, random: Random, reason: BackendInfo['reason']): Promise<Started> {
  if (typeof WebAssembly === 'undefined') {
    throw new HoldfastError('backend_unavailable', 'WebAssembly is missing here: the wasm backend cannot start; use the sodium backend', {
      remedy: 'change-environment',
    })
  }
  const engine = await createWasmEngine(source, random)
  return { engine, info: { backend: 'wasm', reason, simd: hasSimd(), stamp: readStamp(), selfTest: selfTest(engine) } }
}

async function startSodium(random: Random, reason: BackendInfo['reason']): Promise<Started> {
  const engine = await createSodiumEngine(random)
  return { engine, info: { backend: 'sodium', reason, simd: false, stamp: undefined, selfTest: selfTest(engine) } }
}

/** Fails closed: a source that gives too few bytes, or none, is never used. */
function checkedRandom(random: Random): Random {
  const checked: Random = (length) => {
    const bytes = random(length)
    if (!(bytes instanceof Uint8Array) || bytes.length !== length) {
      throw new HoldfastError(
        'randomness_unavailable',
        `no secure randomness: \`random\` gave other than ${length} bytes; pass a working source`,
        { remedy: 'change-environment' },
      )
    }
    return bytes
  }
  checked(1)
  return checked
}
