/** The pool's entry for browsers: bundled by esbuild, and at work in Chromium under a strict content security policy. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { encodeHex } from '@holdfast/base'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { engines } from './engines'
import { type Installed, installWorkers } from './workers-package'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.wasm': 'application/wasm' }
const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"

let installed: Installed
beforeAll(async () => {
  installed = await installWorkers('browser')
}, 120_000)
afterAll(() => installed.remove())

describe('the bundle', () => {
  const text = (name: string) => readFileSync(installed.file(`dist/${name}`), 'utf8')

  test("names the worker's script and the core by expressions that bundlers find", () => {
    expect(text('workers/web.js')).toMatch(/new Worker\(new URL\("\.\/web-worker\.js", import\.meta\.url\), \{ type: "module" \}\)/)
    expect(text('workers/web.js')).toContain('new URL("../../wasm/core.wasm", import.meta.url)')
  })

  test('has no engine on the calling side, and libsodium only where it is asked for', () => {
    const imported = (name: string, seen = new Set<string>()): Set<string> => {
      seen.add(name)
      for (const [, next = ''] of text(name).matchAll(/(?:from|import)\s*"\.\.?\/([^"]+)"/g)) if (!seen.has(next)) imported(next, seen)
      return seen
    }
    const all = (name: string) => [...imported(name)].map(text).join('\n')
    for (const entry of ['workers/web.js', 'workers/web-worker.js']) expect(all(entry)).not.toContain('crypto_scalarmult')
    expect(readdirSync(installed.file('dist')).some((name) => name.endsWith('.js') && text(name).includes('crypto_scalarmult'))).toBe(true)
  })
})

describe.skipIf(CHROMIUM === undefined)(`in Chromium${CHROMIUM ? '' : ' (skipped: it is not on this machine)'}`, () => {
  test('gives the engine’s answers, aborts, and closes', async () => {
    const answer = await runInPage(
      `
      const pool = await startPool({ size: 2 })
      const message = new Uint8Array(100_000).fill(7)
      const hashing = pool.hash.blake3(message)
      const detached = message.length
      const options = { password: new Uint8Array(9), salt: new Uint8Array(16), opsLimit: 1, memLimit: 8192, length: 32 }
      const refused = await pool.aead.chacha20poly1305.open(new Uint8Array(32), new Uint8Array(12), new Uint8Array(7), new Uint8Array(40)).catch((error) => error)
      const controller = new AbortController()
      const endless = pool.kdf.argon2id({ ...options, opsLimit: 2 ** 31 }, { signal: controller.signal }).catch((error) => error.code)
      const derived = [...await pool.kdf.argon2id(options)]
      controller.abort()
      const steps = []
      const file = { designator: 'orb_pkg', path: 'a', content: new Uint8Array(50).fill(1) }
      const packed = [...await pool.container.pack('{}', [file], 0, { onProgress: (...step) => steps.push(step) })]
      const aborted = await endless
      const left = [1, 2].map(() => pool.kdf.argon2id({ ...options, opsLimit: 2 ** 31 }).catch((error) => error.code))
      await pool.close()
      return { backend: pool.backend, hash: [...await hashing], detached, refused, derived, packed, steps, aborted, left: await Promise.all(left) }
    `,
      STRICT,
    )
    const [, engine] = engines[0] ?? []
    const options = { password: new Uint8Array(9), salt: new Uint8Array(16), opsLimit: 1, memLimit: 8192, length: 32 }
    const file = { designator: 'orb_pkg', path: 'a', content: new Uint8Array(50).fill(1) }
    const hex = (list: unknown) => encodeHex(Uint8Array.from(list as number[]))
    expect(answer).toMatchObject({
      backend: 'wasm',
      detached: 0,
      refused: { name: 'AuthenticationError', code: 'auth_failed' },
      steps: [[50, 50]],
      aborted: 'aborted',
      left: ['pool_closed', 'pool_closed'],
    })
    expect(hex(answer.hash)).toBe(hex(engine?.hash.blake3(new Uint8Array(100_000).fill(7))))
    expect(hex(answer.derived)).toBe(hex(engine?.kdf.argon2id(options)))
    expect(hex(answer.packed)).toBe(hex(engine?.container.pack('{}', [file], 0)))
  }, 60_000)

  test('is refused where the policy has no place for workers, and where the script is missing', async () => {
    const start = "return { code: await startPool({ size: 1, ...options }).then(() => 'started', (error) => error.code) }"
    const without = `${STRICT}; worker-src 'none'`
    expect(await runInPage(`const options = {}; ${start}`, without)).toEqual({ code: 'workers_unavailable' })
    expect(await runInPage(`const options = { worker: '/gone.js' }; ${start}`, STRICT)).toEqual({ code: 'workers_unavailable' })
  }, 60_000)

  test('says so where the policy refuses WebAssembly: libsodium, as an ES module, is WebAssembly too', async () => {
    const answer = await runInPage(
      `
      const reasons = []
      const onFallback = ({ reason }) => reasons.push(reason)
      const code = await startPool({ size: 1, onFallback }).then(() => 'started', (error) => error.code)
      return { code, reasons }
    `,
      STRICT.replace(" 'wasm-unsafe-eval'", ''),
    )
    expect(answer).toEqual({ code: 'backend_unavailable', reasons: ['webassembly_refused'] })
  }, 60_000)
})

/** Runs the body of an async function in a page under `policy`. @returns what it returns, as JSON. */
async function runInPage(body: string, policy: string): Promise<Record<string, unknown>> {
  const script = `
    import { startPool } from '/dist/workers/web.js'
    const run = async () => {${body}}
    const answer = await run().catch((error) => ({ failed: String(error), code: error.code }))
    await fetch('/answer', { method: 'POST', body: JSON.stringify(answer) })
  `
  const server = createServer()
  const answer = new Promise<string>((resolve) => {
    server.on('request', async (request, response) => {
      const headers = { 'content-security-policy': policy }
      const path = request.url ?? '/'
      if (path === '/answer') {
        response.end()
        return resolve((await request.toArray()).join(''))
      }
      if (path === '/')
        return response.writeHead(200, { ...headers, 'content-type': 'text/html' }).end('<script type="module" src="/page.js"></script>')
      if (path === '/page.js') return response.writeHead(200, { ...headers, 'content-type': 'text/javascript' }).end(script)
      const file = installed.file(path)
      if (!existsSync(file)) return response.writeHead(404).end()
      response.writeHead(200, { ...headers, 'content-type': TYPES[extname(path)] ?? 'text/plain' }).end(readFileSync(file))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => close(server))
  await openChromium(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  return JSON.parse(await answer)
}

function close(server: Server): void {
  server.close()
  server.closeAllConnections()
}

/** Until the test has finished. */
async function openChromium(url: string): Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), 'holdfast-chromium-'))
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update']
  const browser: ChildProcess = spawn(
    CHROMIUM as string,
    [...flags, '--disable-sync', '--no-first-run', `--user-data-dir=${profile}`, url],
    { stdio: 'ignore', detached: true },
  )
  const ended = new Promise((resolve) => browser.on('exit', resolve))
  onTestFinished(async () => {
    process.kill(-(browser.pid as number))
    await ended
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  })
}
