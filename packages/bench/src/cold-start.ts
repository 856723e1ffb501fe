/** From nothing to the first use. Each library starts once in a process: a second start would find its code compiled. */
import type { ColdStart, ColdStarter } from './competition'

export async function coldStart(who: ColdStarter): Promise<ColdStart> {
  const begin = performance.now()
  if (who === 'libsodium.js') {
    const { default: sodium } = await import('libsodium-wrappers-sumo')
    await sodium.ready
    return { total: performance.now() - begin }
  }
  const { init } = await import('@holdfast/crypto')
  const loaded = performance.now()
  await init({ backend: 'wasm' })
  const end = performance.now()
  return { total: end - begin, start: end - loaded }
}
