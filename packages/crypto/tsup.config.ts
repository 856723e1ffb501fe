import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { holdfastPackage } from '../../tsup.config'

const CORE = fileURLToPath(new URL('./wasm/core.wasm', import.meta.url))

export default holdfastPackage(['src/index.ts', 'src/node.ts', 'src/workerd.ts', 'src/inline.ts', 'src/slim.ts'], {
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
