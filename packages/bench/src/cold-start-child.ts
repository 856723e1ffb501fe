/** `node cold-start-child.js holdfast`: one cold start, as JSON. */
import { coldStart } from './cold-start'

const who = process.argv[2]
if (who !== 'holdfast' && who !== 'libsodium.js') throw new Error('expected: holdfast or libsodium.js')

console.log(JSON.stringify(await coldStart(who)))
