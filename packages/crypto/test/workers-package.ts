/** The package as somebody has it who installed it, as far as the pool needs it: scripts of workers are files. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'tsup'

export interface Installed {
  /** Where an application would be, that imports `@holdfast/crypto/workers`. */
  readonly folder: string
  /** A built file of the package. */
  file(path: string): string
  worker(name: 'node-worker'): URL
  remove(): void
}

/** Builds the pool's entries for `platform` into a fresh folder. */
export async function installWorkers(platform: 'node' | 'browser'): Promise<Installed> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-workers-'))
  const home = join(folder, 'node_modules', '@holdfast', 'crypto')
  const source = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
  const names = platform === 'node' ? ['node', 'node-worker'] : ['web', 'web-worker']
  await build({
    config: false,
    silent: true,
    entry: Object.fromEntries(names.map((name) => [`workers/${name}`, source(`src/workers/${name}.ts`)])),
    outDir: join(home, 'dist'),
    format: 'esm',
    platform,
    target: 'es2022',
    splitting: true,
    noExternal: [/./],
    esbuildOptions(options) {
      options.conditions = ['holdfast-source', platform]
    },
  })
  mkdirSync(join(home, 'wasm'))
  for (const path of ['package.json', 'wasm/core.wasm']) copyFileSync(source(path), join(home, path))
  return {
    folder,
    file: (path) => join(home, path),
    worker: (name) => pathToFileURL(join(home, 'dist', 'workers', `${name}.js`)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
