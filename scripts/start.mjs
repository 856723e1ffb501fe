/** `npm start [-- FOLDER] [--json]`: sets up, then walks the whole story on real files. */
import { join } from 'node:path'
import { root, run, setup } from './setup.mjs'

await setup()
process.exit(await run(process.execPath, [join(root, 'packages', 'cli', 'dist', 'story.js'), ...process.argv.slice(2)]))
