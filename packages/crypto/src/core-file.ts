import { readFileSync } from 'node:fs'
import { HoldfastError } from '@holdfast/base'

/** At once: waiting for a thread to read it takes longer than reading it. @throws {HoldfastError} `core_unreachable`. */
export function readCore(file: URL): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    return unreadable(cause)
  }
}

function unreadable(cause: unknown): never {
  throw new HoldfastError(
    'core_unreachable',
    'the wasm backend cannot start: core.wasm cannot be read; keep it beside the package (a bundler may have left it behind), or pass `wasm`',
    { remedy: 'change-environment', cause },
  )
}
