/**
 * `npm run bench [-- --short] [--json FILE] [--only TEXT] [--runtimes node,chromium]`: sets up, bundles the page for
 * Chromium, and runs the benchmarks. The full form writes docs/benchmarks.{md,svg,json}. Fails when a ratio lies below
 * its floor, or a size above its ceiling; never because of a time.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { bundleOptions, copyCore } from '../packages/testkit/runtimes/bundle.mjs'
import { root, run, setup } from './setup.mjs'

await setup()
const page = join(root, '.cache', 'bench')
rmSync(page, { recursive: true, force: true })
await build({
  ...bundleOptions,
  entryPoints: [join(root, 'packages/bench/src/page.ts')],
  outdir: join(page, 'js'),
  splitting: true,
})
copyCore(page)
const main = join(root, 'packages', 'bench', 'dist', 'main.js')
process.exit(await run(process.execPath, [main, '--root', root, '--page', page, ...process.argv.slice(2)]))
