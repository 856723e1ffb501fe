import type { Random } from '@holdfast/base'
import type { Engine } from '../engine'

/** Nothing of libsodium is loaded before this is called. */
export async function loadSodiumEngine(random: Random): Promise<Engine> {
  const { createSodiumEngine } = await import('./engine')
  return createSodiumEngine(random)
}
