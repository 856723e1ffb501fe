import { HoldfastError } from '@holdfast/base'
import type { Store } from './store'

/** A store in memory, for tests and for applications that keep files elsewhere. */
export function createMemoryStore(files: Readonly<Record<string, Uint8Array>> = {}): Store {
  const contents = new Map(Object.entries(files).map(([path, bytes]) => [path, new Uint8Array(bytes)]))
  const records = new Map<string, string>()
  let locked = false
  return {
    files: {
      list: async () => [...contents.keys()].sort(),
      read: async (path) => {
        const bytes = contents.get(path)
        return bytes && new Uint8Array(bytes)
      },
      write: async (path, bytes) => {
        contents.set(path, new Uint8Array(bytes))
      },
      remove: async (path) => {
        contents.delete(path)
      },
    },
    state: {
      load: async (name) => records.get(name),
      save: async (name, text) => {
        records.set(name, text)
      },
      remove: async (name) => {
        records.delete(name)
      },
    },
    lock: async () => {
      if (locked) throw storeBusy()
      locked = true
      return async () => {
        locked = false
      }
    },
  }
}

export function storeBusy(): HoldfastError {
  return new HoldfastError('store_busy', 'the device is busy: another process works on this backup; wait for it to end, then try again', {
    remedy: 'retry',
    retry: { safe: true, afterMs: 1000 },
  })
}
