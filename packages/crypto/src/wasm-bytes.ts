/** From wherever the core's bytes are to a compiled module, and what to say when that fails. */
import { HoldfastError, type Remedy } from '@holdfast/base'
import stamp from '../wasm/stamp.json'

/** The core as bytes, a compiled module, an HTTP answer, or a URL to fetch. */
export type WasmSource = Uint8Array | ArrayBuffer | WebAssembly.Module | Response | URL | string

/** How the committed core was built. */
export interface BuildStamp {
  /** Of `core.wasm`. */
  readonly sha256: string
  /** Of the crates and their lock file. */
  readonly sources: string
  readonly rustc: string
  readonly wasmBindgen: string
  readonly wasmOpt: string
  readonly flags: string
}

export function readStamp(): BuildStamp {
  return stamp
}

/** Why a core did not start: the platform cannot run it, or what came is not the core. */
export type LoadErrorCode = 'backend_unavailable' | 'core_damaged' | 'core_unreachable'

/**
 * @throws {HoldfastError} `backend_unavailable`: WebAssembly or its SIMD is missing, or refused by policy;
 *   `core_unreachable`: the URL gives nothing; `core_damaged`: what it gives is not the core.
 */
export async function loadWasm(source: WasmSource): Promise<WebAssembly.Module> {
  checkPlatform()
  if (source instanceof WebAssembly.Module) return source
  const bytes = source as BytesSource
  if (bytes instanceof Uint8Array || bytes instanceof ArrayBuffer) return compile(checkBytes(new Uint8Array(bytes)))
  const response = await fetchCore(bytes)
  if (response.headers.get('content-type')?.startsWith('application/wasm') && typeof WebAssembly.compileStreaming === 'function') {
    try {
      return await WebAssembly.compileStreaming(response.clone())
    } catch {
      // The bytes are looked at below: they say why.
    }
  }
  return compile(checkBytes(new Uint8Array(await response.arrayBuffer().catch(unreachable))))
}

/** `loadWasm`, of what needs no waiting. */
export function loadWasmSync(source: Uint8Array | ArrayBuffer | WebAssembly.Module): WebAssembly.Module {
  checkPlatform()
  if (source instanceof WebAssembly.Module) return source
  const bytes = checkBytes(new Uint8Array(source as Uint8Array | ArrayBuffer))
  try {
    return new WebAssembly.Module(bytes)
  } catch (cause) {
    throw refused(bytes, cause)
  }
}

/** A module of nothing but one vector instruction: valid only where WASM has SIMD. */
export function hasSimd(): boolean {
  return WebAssembly.validate(
    new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]),
  )
}

/** `WebAssembly.Module` is an empty type, which TypeScript cannot take away from a union. */
type BytesSource = Uint8Array | ArrayBuffer | Response | URL | string

function checkPlatform(): void {
  if (typeof WebAssembly === 'undefined')
    throw fail('backend_unavailable', 'WebAssembly is missing here, and libsodium needs it too; use a platform that has it')
  if (!hasSimd()) throw fail('backend_unavailable', 'WebAssembly has no SIMD here; use the sodium backend, or a newer runtime')
}

async function fetchCore(source: Response | URL | string): Promise<Response> {
  const response = source instanceof Response ? source : await fetch(source).catch(unreachable)
  if (!response.ok) return unreachable(new Error(`HTTP status ${response.status}`))
  return response
}

function unreachable(cause: unknown): never {
  throw fail(
    'core_unreachable',
    'the core could not be fetched; check that core.wasm is served where the package expects it, or pass `wasm`',
    cause,
  )
}

const MAGIC = [0x00, 0x61, 0x73, 0x6d]
const LESS_THAN = 0x3c

function checkBytes(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (MAGIC.every((byte, i) => bytes[i] === byte)) return bytes
  const first = bytes.find((byte) => byte > 0x20 && byte < 0x80)
  const given = first === LESS_THAN ? 'an HTML page' : `${bytes.length} bytes of something else`
  throw fail(
    'core_damaged',
    `the core is not WASM but ${given}; serve core.wasm itself at that address (a fallback to index.html hides a missing file), or pass \`wasm\``,
  )
}

async function compile(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes)
  } catch (cause) {
    throw refused(bytes, cause)
  }
}

function refused(bytes: Uint8Array<ArrayBuffer>, cause: unknown): HoldfastError {
  if (!WebAssembly.validate(bytes)) {
    return fail('core_damaged', `the core is cut short or damaged (${bytes.length} bytes); serve core.wasm as the package has it`, cause)
  }
  return fail(
    'backend_unavailable',
    "compiling WebAssembly is refused here; allow 'wasm-unsafe-eval' in the content security policy's script-src; libsodium needs it too",
    cause,
  )
}

function fail(code: LoadErrorCode, text: string, cause?: unknown): HoldfastError {
  const remedy: Remedy = code === 'core_unreachable' ? 'retry' : 'change-environment'
  return new HoldfastError(code, `the wasm backend cannot start: ${text}`, { remedy, retry: { safe: code === 'core_unreachable' }, cause })
}
