import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { holdfastPackage } from '../../tsup.config'

const CORE = fileURLToPath(new URL('./wasm/core.wasm', import.meta.url))

const ENGINE = ['index', 'node', 'workerd', 'inline', 'slim']
const WORKERS = ['node', 'node-worker', 'web', 'web-worker']
const entries = [...ENGINE.map((name) => `src/${name}.ts`), ...WORKERS.map((name) => `src/workers/${name}.ts`)]

export default holdfastPackage(entries, {
  esbuildPlugins: [
    {
      name: 'core-wasm',
      setup(build) {
        // workerd imports the file itself; the inline entry carries it as text.
        build.onResolve({ filter: /core\.wasm$/ }, ({ path }) => ({ path, external: true }))
        build.onResolve({ filter: /core\.wasm\?base64$/ }, () => ({ path: CORE, namespace: 'base64' }))
        build.onLoad({ filter: /.*/, namespace: 'base64' }, async () => ({
          contents: (await readFile(CORE)).toString('base64'),
          loader: 'text',
          watchFiles: [CORE],
        }))
      },
    },
  ],
})
