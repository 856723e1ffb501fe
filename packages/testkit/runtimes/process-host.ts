/** Node, Bun and Deno: options by argument, report on standard output. */
import { init } from '@holdfast/crypto'
import { runSuite } from './suite'

const options = JSON.parse(process.argv[2] ?? '{}')
console.log(JSON.stringify(await runSuite((backend) => init({ backend }), options)))
