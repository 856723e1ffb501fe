/** `npm run bench [-- --short] [--json FILE]`: sets up, then runs the benchmarks. */
import { join } from 'node:path'
import { root, run, setup } from './setup.mjs'

await setup()
process.exit(await run(process.execPath, [join(root, 'packages', 'bench', 'dist', 'index.js'), ...process.argv.slice(2)]))
