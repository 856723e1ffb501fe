import type { Store } from '@holdfast/sync'

/** The process died. */
export class Killed extends Error {}

/**
 * A device that dies at its `killAt`-th step (counted from 1): before a write reaches the disk, or right after, alternately.
 * Once dead it does nothing more. Its lock dies with it.
 */
export function createCrashingStore(store: Store, killAt: number): Store & { readonly isDead: () => boolean } {
  let step = 0
  let dead = false
  const die = () => {
    dead = true
    throw new Killed('killed')
  }
  const reads =
    <Args extends unknown[], Result>(run: (...args: Args) => Promise<Result>) =>
    async (...args: Args) => {
      if (dead) die()
      return run(...args)
    }
  const writes =
    <Args extends unknown[], Result>(run: (...args: Args) => Promise<Result>) =>
    async (...args: Args) => {
      if (dead || ++step === killAt) die()
      const result = await run(...args)
      if (++step === killAt) die()
      return result
    }
  return {
    files: {
      list: reads(store.files.list),
      read: reads(store.files.read),
      write: writes(store.files.write),
      remove: writes(store.files.remove),
    },
    state: { load: reads(store.state.load), save: writes(store.state.save), remove: writes(store.state.remove) },
    lock: async () => async () => {},
    isDead: () => dead,
  }
}
