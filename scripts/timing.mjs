/**
 * `npm run test:timing [-- --short] [--backend wasm] [--samples N] [--seed TEXT] [--json]`: statistical timing tests in the
 * manner of dudect. Sample size of each class: 100,000, in the short form 10,000. A difference counts only when it repeats,
 * three times, on fresh inputs and in the same direction.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { copyCore, nodeOptions } from '../packages/testkit/runtimes/bundle.mjs'
import { installPackages, root, run, say } from './setup.mjs'

const { values: flags } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    backend: { type: 'string' },
    samples: { type: 'string' },
    seed: { type: 'string', default: String(Date.now()) },
    json: { type: 'boolean', default: false },
  },
})

await installPackages()
const folder = join(root, '.cache', 'timing')
mkdirSync(join(folder, 'js'), { recursive: true })
await build({ ...nodeOptions, entryPoints: [join(root, 'packages/testkit/timing/run.ts')], outfile: join(folder, 'js', 'run.mjs') })
copyCore(folder)
const options = {
  backends: flags.backend ? [flags.backend] : ['wasm', 'sodium'],
  samples: Number(flags.samples ?? (flags.short ? 10_000 : 100_000)),
  seed: flags.seed,
  json: flags.json,
}
say(`seed ${flags.seed}, ${options.samples} times of each class`)
process.exit(await run(process.execPath, [join(folder, 'js', 'run.mjs'), JSON.stringify(options)]))
