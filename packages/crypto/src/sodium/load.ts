import type { Random } from '@holdfast/base'
import type { Engine } from '../engine'
import type { Sodium } from './engine'

/** Nothing of libsodium is loaded before this is called. Its ES module needs WebAssembly itself. */
export async function loadSodiumEngine(random: Random, load: () => Promise<Sodium> = importSodium): Promise<Engine> {
  const { createSodiumEngine } = await import('./engine')
  return createSodiumEngine(random, load)
}

const importSodium = async (): Promise<Sodium> => (await import('libsodium-wrappers-sumo')).default
