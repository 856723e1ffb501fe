/** `npm start [-- FOLDER] [--json]`: sets up, then walks the whole story on real files. */
import { join, resolve } from 'node:path'
import { root, run, setup } from './setup.mjs'

// npm runs scripts at the top of the project; a folder is meant from where the user stands.
const here = process.env.INIT_CWD ?? process.cwd()
const args = process.argv.slice(2).map((argument) => (argument.startsWith('--') ? argument : resolve(here, argument)))

await setup()
process.exit(await run(process.execPath, [join(root, 'packages', 'cli', 'dist', 'story.js'), ...args], { cwd: here }))
