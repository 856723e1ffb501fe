import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { HoldfastError } from '@holdfast/base'

/** @throws {HoldfastError} `core_unreachable`. */
export function readCore(file: URL): Promise<Uint8Array> {
  return readFile(file).catch(unreadable)
}

/** @throws {HoldfastError} `core_unreachable`. */
export function readCoreSync(file: URL): Uint8Array {
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
