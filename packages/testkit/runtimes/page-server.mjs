/** Serves the bundle to one browser page under a strict content security policy, and waits for what the page posts back. */

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'

/** Nothing but our own scripts, and WASM: no `unsafe-eval`, no inline script. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; base-uri 'none'; form-action 'none'"
const TYPES = { '.html': 'text/html; charset=utf-8', '.mjs': 'text/javascript', '.wasm': 'application/wasm' }

/** @returns the page's address, its report as a promise, and `close`. */
export async function servePage(folder, options) {
  const violations = []
  let settle
  const report = new Promise((resolve, reject) => {
    settle = { resolve, reject }
  })
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      const body = JSON.parse(await textOf(request))
      response.end()
      if (request.url === '/violation') violations.push(body)
      else if (body.error) settle.reject(new Error([body.error, ...violations].join('; policy violation: ')))
      else settle.resolve(body)
      return
    }
    if (request.url === '/options') return response.end(JSON.stringify(options))
    const path = request.url === '/' ? '/page.html' : request.url
    const type = TYPES[extname(path)]
    try {
      if (!type || path.includes('..')) throw new Error('not served')
      const bytes = await readFile(join(folder, path))
      response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY, 'x-content-type-options': 'nosniff' })
      response.end(bytes)
    } catch {
      response.writeHead(404).end() // a browser asks for a favicon
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${server.address().port}/`, report, close }
}

async function textOf(request) {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}
