/**
 * The nine runtimes: how each is had, and how the bundled suite runs in it. `run` answers the version and the report.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromDebian, fromNpm } from './acquire.mjs'
import { end, runToEnd, start } from './children.mjs'
import { servePage } from './page-server.mjs'

const TIMEOUT_MS = 240_000
const PLATFORM = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`

const DENO = process.platform === 'linux' ? `${PLATFORM}-glibc` : PLATFORM
const WORKERD = PLATFORM.replace('x64', '64')

export const RUNTIMES = [
  { name: 'node20', get: () => nodeOf(20, '20.20.2'), run: runProcess([]) },
  { name: 'node22', get: () => nodeOf(22, '22.23.3'), run: runProcess([]) },
  { name: 'node24', get: () => nodeOf(24, '24.21.0'), run: runProcess([]) },
  { name: 'bun', get: () => fromNpm('bun', '1.4.4', `@oven/bun-${PLATFORM}/bin/bun`), run: runProcess([]) },
  { name: 'deno', get: () => fromNpm('deno', '2.9.6', `@deno/${DENO}/deno`), run: runProcess(['run', '--no-prompt', '--allow-read']) },
  { name: 'workerd', get: () => fromNpm('workerd', '1.20261117.1', `@cloudflare/workerd-${WORKERD}/bin/workerd`), run: runWorkerd },
  { name: 'chromium', get: () => fromDebian(['chromium'], ['chromium', 'chromium-browser', 'google-chrome']), run: runChromium },
  { name: 'firefox', get: () => fromDebian(['firefox-esr'], ['firefox-esr', 'firefox']), run: runFirefox },
  {
    name: 'webkit',
    get: () =>
      fromDebian(
        ['webkit2gtk-driver', 'xvfb'],
        ['/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser', '/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser'],
      ),
    run: runWebKit,
  },
]

/** The Node that runs this, when it is of that line. */
async function nodeOf(major, version) {
  if (Number(process.versions.node.split('.')[0]) === major) return process.execPath
  return fromNpm(`node-${PLATFORM}`, version, `node-${PLATFORM}/bin/node`)
}

async function versionOf(path) {
  const { stdout } = await runToEnd(path, ['--version'], { timeoutMs: 20_000 })
  return /\d+([.-]\d+)+/.exec(stdout)?.[0] ?? 'of unknown version'
}

function runProcess(before) {
  return async (path, bundle, options) => {
    const args = [...before, join(bundle, 'js', 'process-host.mjs'), JSON.stringify(options)]
    const { code, stdout, stderr } = await runToEnd(path, args, { cwd: bundle, env: { NO_COLOR: '1' }, timeoutMs: TIMEOUT_MS })
    if (code !== 0) throw new Error(`exit code ${code}: ${stderr.trim().slice(-500)}`)
    return { version: await versionOf(path), parts: JSON.parse(stdout.trim().split('\n').at(-1)) }
  }
}

async function runWorkerd(path, bundle, options) {
  const child = start(path, ['serve', 'workerd.capnp', '--control-fd=3'], { cwd: bundle, fd3: true })
  try {
    const port = await firstMatch(child, child.stdio[3], /"socket":"http","port":(\d+)/)
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      body: JSON.stringify(options),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (!answer.ok) throw new Error(`HTTP ${answer.status}: ${child.output.slice(-500)}`)
    return { version: await versionOf(path), parts: await answer.json() }
  } finally {
    await end(child)
  }
}

/** What a child writes to a pipe, once it matches. */
function firstMatch(child, pipe, pattern) {
  return new Promise((resolve, reject) => {
    let text = ''
    pipe.on('data', (chunk) => {
      text += chunk
      const match = pattern.exec(text)
      if (match) resolve(match[1])
    })
    child.ended.then((code) => reject(new Error(`ended with ${code} before it was ready: ${child.output.slice(-500)}`)))
  })
}

async function runChromium(path, bundle, options) {
  return withProfile((profile) =>
    openPage(bundle, options, path, (url) => [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      `--user-data-dir=${profile}`,
      url,
    ]),
  )
}

async function runFirefox(path, bundle, options) {
  return withProfile((profile) =>
    openPage(bundle, options, path, (url) => ['--headless', '--no-remote', '--profile', profile, url], {
      HOME: profile,
      MOZ_CRASHREPORTER_DISABLE: '1',
    }),
  )
}

async function runWebKit(path, bundle, options) {
  const screen = start(await fromDebian(['xvfb'], ['Xvfb']), ['-displayfd', '3', '-screen', '0', '800x600x24', '-nolisten', 'tcp'], {
    fd3: true,
  })
  try {
    const display = await firstMatch(screen, screen.stdio[3], /^(\d+)\n/)
    return await withProfile((profile) => {
      const env = {
        DISPLAY: `:${display}`,
        HOME: profile,
        XDG_CACHE_HOME: profile,
        XDG_DATA_HOME: profile,
        LIBGL_ALWAYS_SOFTWARE: '1',
        NO_AT_BRIDGE: '1',
      }
      return openPage(bundle, options, path, (url) => ['--private', url], env)
    })
  } finally {
    await end(screen)
  }
}

async function withProfile(use) {
  const profile = mkdtempSync(join(tmpdir(), 'holdfast-browser-'))
  try {
    return await use(profile)
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}

/** Opens the page in a browser and waits for its report; the browser needs no driver. */
async function openPage(bundle, options, path, args, env) {
  const page = await servePage(bundle, options)
  const browser = start(path, args(page.url), { env })
  let timer
  try {
    const tooLate = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no report within ${TIMEOUT_MS / 1000} s: ${browser.output.slice(-500)}`)), TIMEOUT_MS)
    })
    const gone = browser.ended.then((code) => {
      throw new Error(`the browser ended with ${code} before its report: ${browser.output.slice(-500)}`)
    })
    const { agent, parts } = await Promise.race([page.report, tooLate, gone])
    return { version: /(?:Chrome|Firefox|Version)\/([\d.]+)/.exec(agent)?.[1] ?? agent, parts }
  } finally {
    clearTimeout(timer)
    await end(browser)
    await page.close()
  }
}
