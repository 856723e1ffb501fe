import { createRequire } from 'node:module'
import type { Random } from '@holdfast/base'
import type { Engine } from '../engine'
import type { Sodium } from './engine'
import { loadSodiumEngine } from './load'

const require = createRequire(import.meta.url)

/** Of libsodium's two builds only the CommonJS one brings a JavaScript twin, for where there is no WebAssembly. */
export const loadSodiumEngineOnNode = (random: Random): Promise<Engine> =>
  loadSodiumEngine(random, async () => require('libsodium-wrappers-sumo') as Sodium)
