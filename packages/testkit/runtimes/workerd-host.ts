/** workerd: compiles no WASM at run time, so the core is a module of the worker, and libsodium runs as JavaScript. */
import { init } from '@holdfast/crypto'
import core from '../../crypto/wasm/core.wasm'
import { runSuite } from './suite'

// libsodium's loader asks a worker for its address, which workerd has not.
Object.assign(globalThis, { location: { href: 'http://suite.invalid/' } })

export default {
  async fetch(request: Request): Promise<Response> {
    return Response.json(await runSuite((backend) => init({ backend, wasm: core }), await request.json()))
  },
}
