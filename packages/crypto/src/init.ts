/**
 * Choosing and starting an engine. There is no top-level await and no global side effect: the first `init` loads, tests
 * and remembers an engine per choice of options; a failed start is forgotten, so that the next call tries again.
 */
import { HoldfastError, platformRandom, type Random } from '@holdfast/base'
import { Accelerator, type AcceleratorInfo, type NativeSource } from './accelerator'
import type { Backend, Engine } from './engine'
import { type SelfTest, selfTest } from './self-test'
import { createWasmEngine } from './wasm/engine'
import { type BuildStamp, hasSimd, loadWasm, loadWasmSync, readStamp, type WasmSource } from './wasm-bytes'

/** Why `auto` did not take the WASM core. A core that cannot be fetched, or is not the core, is an error instead. */
export interface Fallback {
  readonly from: 'wasm'
  readonly to: 'sodium'
  readonly reason: 'webassembly_missing' | 'simd_missing' | 'webassembly_refused' | 'self_test_failed'
  readonly cause: unknown
}

export interface InitOptions {
  /**
   * `auto` (the default): the WASM core, or libsodium when WebAssembly is missing, without SIMD, refused, or fails its
   * self-test. libsodium needs WebAssembly to load, so in the first and third case it must have been loaded before; else
   * the error is `backend_unavailable`.
   */
  readonly backend?: 'auto' | Backend
  /** Where the core comes from; default: what the entry you imported knows. */
  readonly wasm?: WasmSource
  /** Told once when `auto` falls back. */
  readonly onFallback?: (fallback: Fallback) => void
  /** Source of every `make…` and ephemeral key; default: the platform's CSPRNG. */
  readonly random?: Random
  /** Whether the WASM engine may hand long messages to the platform's own AEAD where there is one; default: it may. */
  readonly accelerate?: boolean
}

export interface InitSyncOptions {
  readonly wasm?: Uint8Array | ArrayBuffer | WebAssembly.Module
  readonly random?: Random
  readonly accelerate?: boolean
}

export interface BackendInfo {
  readonly backend: Backend
  /** Why this backend: `chosen`, `preferred`, or the fallback's reason. */
  readonly reason: 'chosen' | 'preferred' | Fallback['reason']
  readonly simd: boolean
  /** How the committed core was built, its hash included; `undefined` for libsodium. */
  readonly stamp: BuildStamp | undefined
  readonly selfTest: SelfTest
  /** What of the platform the WASM engine hands long messages to, as it is now; `undefined` where the entry knows none. */
  readonly accelerator: AcceleratorInfo | undefined
}

/** What an entry knows of its environment. */
export interface Environment {
  readonly wasm?: () => WasmSource | Promise<WasmSource>
  readonly wasmSync?: () => Uint8Array
  readonly native?: NativeSource
  /** Loads the fallback engine, only when it is needed. */
  readonly sodium?: (random: Random) => Promise<Engine>
}

interface Started {
  readonly engine: Engine
  readonly info: () => BackendInfo
}

const started = new Map<string, Started | Promise<Started>>()
const identities = new WeakMap<object, number>()
let latest: Started | undefined
let identity = 0

/** @returns `init` and `initSync` of an entry. */
export function initIn(environment: Environment) {
  return {
    async init(options: InitOptions = {}): Promise<Engine> {
      const key = keyOf(options)
      let starting = started.get(key)
      if (!starting) {
        starting = start(environment, options)
        started.set(key, starting)
        starting.then(
          (value) => started.set(key, value),
          () => started.delete(key),
        )
      }
      latest = await starting
      return latest.engine
    },

    initSync(options: InitSyncOptions = {}): Engine {
      const key = keyOf({ ...options, backend: 'wasm' })
      const known = started.get(key)
      latest = known && !(known instanceof Promise) ? known : startSync(environment, options)
      started.set(key, latest)
      return latest.engine
    },
  }
}

/** @throws {HoldfastError} `not_initialized`. */
export function engine(): Engine {
  return current().engine
}

/** What runs, and why. @throws {HoldfastError} `not_initialized`. */
export function backendInfo(): BackendInfo {
  return current().info()
}

function current(): Started {
  if (latest) return latest
  throw new HoldfastError('not_initialized', 'the crypto engine is not started: it was used before init; call `await init()` once, first', {
    remedy: 'fix-call',
  })
}

function keyOf({ backend, wasm, random, accelerate }: InitOptions): string {
  return [backend ?? 'auto', identify(wasm), identify(random), accelerate ?? true].join()
}

function identify(value: unknown): string {
  if (value === undefined) return '-'
  if (typeof value === 'string') return value
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return String(value)
  const known = identities.get(value) ?? ++identity
  identities.set(value, known)
  return String(known)
}

async function start(environment: Environment, options: InitOptions): Promise<Started> {
  const random = checkedRandom(options.random ?? platformRandom)
  const backend = options.backend ?? 'auto'
  if (backend === 'sodium') return startSodium(environment, random, 'chosen')
  try {
    const source = options.wasm ?? (await environment.wasm?.()) ?? noSource()
    const module = await loadWasm(source)
    return startWasm(module, random, acceleratorOf(environment, options), backend === 'wasm' ? 'chosen' : 'preferred')
  } catch (cause) {
    const reason = fallbackReason(cause)
    if (backend === 'wasm' || !reason || !environment.sodium) throw cause
    options.onFallback?.({ from: 'wasm', to: 'sodium', reason, cause })
    return startSodium(environment, random, reason)
  }
}

function startSync(environment: Environment, options: InitSyncOptions): Started {
  const random = checkedRandom(options.random ?? platformRandom)
  const module = loadWasmSync(options.wasm ?? environment.wasmSync?.() ?? noSource())
  return startWasm(module, random, acceleratorOf(environment, options), 'chosen')
}

function acceleratorOf({ native }: Environment, { accelerate = true }: InitSyncOptions): Accelerator | undefined {
  return native && new Accelerator(native, accelerate)
}

function noSource(): never {
  throw new HoldfastError(
    'core_unreachable',
    'the wasm backend cannot start: this entry does not know where the core is; pass `wasm`, or import another entry of the package',
    { remedy: 'fix-call' },
  )
}

/** Only what the platform cannot do is fallen back from: a core that is missing or damaged is a fault to mend. */
export function fallbackReason(cause: unknown): Fallback['reason'] | undefined {
  if (!(cause instanceof HoldfastError)) return undefined
  if (cause.code === 'self_test_failed') return 'self_test_failed'
  if (cause.code !== 'backend_unavailable') return undefined
  if (typeof WebAssembly === 'undefined') return 'webassembly_missing'
  return hasSimd() ? 'webassembly_refused' : 'simd_missing'
}

function startWasm(
  module: WebAssembly.Module,
  random: Random,
  accelerator: Accelerator | undefined,
  reason: BackendInfo['reason'],
): Started {
  const engine = createWasmEngine(module, random, accelerator)
  const facts = { backend: 'wasm', reason, simd: true, stamp: readStamp(), selfTest: selfTest(engine) } as const
  return { engine, info: () => ({ ...facts, accelerator: accelerator?.info }) }
}

async function startSodium({ sodium }: Environment, random: Random, reason: BackendInfo['reason']): Promise<Started> {
  if (!sodium) {
    throw new HoldfastError(
      'backend_unavailable',
      'libsodium is not part of this entry; import @holdfast/crypto itself for the sodium backend',
      {
        remedy: 'fix-call',
      },
    )
  }
  const engine = await sodium(random)
  const info = { backend: 'sodium', reason, simd: false, stamp: undefined, selfTest: selfTest(engine), accelerator: undefined } as const
  return { engine, info: () => info }
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
  // The platform's own is loaded by its first use, which takes milliseconds; it gives all it is asked for, or throws.
  if (random !== platformRandom) checked(1)
  return checked
}
