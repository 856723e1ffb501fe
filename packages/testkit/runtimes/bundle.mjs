/**
 * Bundles the suite with each kind of host, in the layout in which the crypto package finds its core: `js/` beside `wasm/`.
 */
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../../../', import.meta.url))

/** The folder of vectors as one module. */
const vectors = {
  name: 'vectors',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^holdfast:vectors$/ }, () => ({ path: 'vectors', namespace: 'holdfast' }))
    onLoad({ filter: /.*/, namespace: 'holdfast' }, () => {
      const folder = join(root, 'vectors')
      const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
      const suites = files.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
      return { contents: JSON.stringify(suites.filter(({ schema }) => schema === 'holdfast-vectors/1')), loader: 'json' }
    })
  },
}

/** The core as a module, for a runtime that imports it: left to the runtime. */
const core = {
  name: 'core',
  setup({ onResolve }) {
    onResolve({ filter: /\/core\.wasm$/ }, () => ({ path: './core.wasm', external: true }))
  },
}

/** One file of ES modules, from the workspace's sources, that runs anywhere. */
export const bundleOptions = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  conditions: ['holdfast-source'],
  external: ['node:*', 'fs', 'path', 'crypto'],
  plugins: [vectors, core],
  logLevel: 'warning',
}

/** The same for Node, Bun and Deno. */
export const nodeOptions = { ...bundleOptions, platform: 'node', conditions: ['holdfast-source', 'node'] }

/** Puts the core where a bundle in `js/` looks for it. */
export function copyCore(folder) {
  cpSync(join(root, 'packages/crypto/wasm/core.wasm'), join(folder, 'wasm', 'core.wasm'))
}

/** @returns the folder of the bundle. */
export async function bundleSuite(folder) {
  rmSync(folder, { recursive: true, force: true })
  const bundle = (host, options) =>
    build({ ...bundleOptions, ...options, entryPoints: [join(here, `${host}.ts`)], outfile: join(folder, 'js', `${host}.mjs`) })
  await bundle('process-host', nodeOptions)
  await bundle('page-host', {})
  // workerd compiles no WASM at run time; only libsodium's CommonJS build brings the JavaScript it then falls back to.
  const commonJs = createRequire(join(root, 'packages/crypto/package.json')).resolve('libsodium-wrappers-sumo')
  await bundle('workerd-host', { alias: { 'libsodium-wrappers-sumo': commonJs } })
  for (const file of ['page.html', 'workerd.capnp']) cpSync(join(here, file), join(folder, file))
  copyCore(folder)
  return folder
}
