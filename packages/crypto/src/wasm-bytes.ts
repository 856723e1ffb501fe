/** How the core's bytes arrive. The only file that differs between environments. */
import { HoldfastError } from '@holdfast/base'
import stamp from '../wasm/stamp.json'

/** The core as bytes, a compiled module, an HTTP answer or a URL to fetch. */
export type WasmSource = Uint8Array | ArrayBuffer | WebAssembly.Module | Response | URL | string

/** How the committed core was built. */
export interface BuildStamp {
  readonly sha256: string
  readonly glueSha256: string
  readonly sources: string
  readonly rustc: string
  readonly wasmBindgen: string
  readonly wasmOpt: string
  readonly flags: string
}

export function readStamp(): BuildStamp {
  return stamp
}

const MAGIC = [0x00, 0x61, 0x73, 0x6d]

/** @throws {HoldfastError} `backend_unavailable`: not there, not WASM, or refused by policy. */
export async function loadWasm(source: WasmSource = new URL('../wasm/core.wasm', import.meta.url)): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source
  const bytes = await loadBytes(source as BytesSource)
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) {
    const looksLike = bytes[0] === 0x3c ? 'an HTML page' : `${bytes.length} bytes of something else`
    throw unavailable(`the core is not WASM but ${looksLike}; serve core.wasm itself, or pass \`wasm\``)
  }
  try {
    return await WebAssembly.compile(bytes)
  } catch (cause) {
    throw unavailable(
      'the core could not be compiled: it is damaged, or a content security policy refuses it; replace core.wasm, or allow wasm-unsafe-eval',
      cause,
    )
  }
}

/** `WebAssembly.Module` is an empty type, which TypeScript cannot take away from a union. */
type BytesSource = Uint8Array | ArrayBuffer | Response | URL | string

async function loadBytes(source: BytesSource): Promise<Uint8Array<ArrayBuffer>> {
  if (source instanceof Uint8Array) return new Uint8Array(source)
  if (source instanceof ArrayBuffer) return new Uint8Array(source)
  const url = source instanceof URL || typeof source === 'string' ? new URL(source) : undefined
  try {
    if (url?.protocol === 'file:') {
      const { readFile } = await import('node:fs/promises')
      return new Uint8Array(await readFile(url))
    }
    const response = url ? await fetch(url) : (source as Response)
    if (!response.ok) throw new Error(`HTTP status ${response.status}`)
    return new Uint8Array(await response.arrayBuffer())
  } catch (cause) {
    throw unavailable('the core could not be loaded; check that core.wasm is where the package put it, or pass `wasm`', cause)
  }
}

function unavailable(text: string, cause?: unknown): HoldfastError {
  return new HoldfastError('backend_unavailable', `the wasm backend cannot start: ${text}`, { remedy: 'change-environment', cause })
}
