/** Contests in Chromium: a page of our own, served from a folder without a server. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import type { Competition } from './competition'
import type {} from './page'
import type { Reference } from './reference'

const BINARIES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]
/** Answered from the folder; nothing is listening there. */
const ORIGIN = 'http://localhost'
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' }
/** An isolated page has a clock of microseconds. */
const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }

export const CHROMIUM_REMEDY =
  'Chromium is not on this machine: left out; install it (Debian: apt-get install chromium) to have its figures'

/**
 * @param folder of the bundled page: `js/page.js` and `wasm/core.wasm`.
 * @returns `undefined` where no Chromium is installed.
 */
export async function openChromium(folder: string, reference: Reference | undefined): Promise<Competition | undefined> {
  const executablePath = BINARIES.find((path) => existsSync(path))
  if (!executablePath) return undefined
  const browser = await chromium.launch({ executablePath, args: FLAGS })
  const page = await openPage(await browser.newContext(), folder)
  if (reference) await page.exposeFunction('reference', reference)
  const contests = await page.evaluate(() => window.bench.open())
  return {
    runtime: `Chromium ${/^\d+/.exec(browser.version())?.[0]}`,
    contests,
    hold: (index, pace, wanted) =>
      page.evaluate(([index, pace, wanted]) => window.bench.hold(index, pace, wanted), [index, pace, wanted] as const),
    coldStart: (who) => inFreshPage(browser, folder, (fresh) => fresh.evaluate((who) => window.bench.coldStart(who), who)),
    close: () => browser.close(),
  }
}

async function inFreshPage<Result>(browser: Browser, folder: string, use: (page: Page) => Promise<Result>): Promise<Result> {
  const context = await browser.newContext()
  try {
    return await use(await openPage(context, folder))
  } finally {
    await context.close()
  }
}

async function openPage(context: BrowserContext, folder: string): Promise<Page> {
  const page = await context.newPage()
  await page.route(`${ORIGIN}/**`, async (route) => {
    const path = normalize(new URL(route.request().url()).pathname)
    if (path === '/') {
      await route.fulfill({
        contentType: 'text/html',
        headers: ISOLATED,
        body: '<!doctype html><script type="module" src="/js/page.js"></script>',
      })
      return
    }
    const contentType = TYPES[extname(path)]
    if (!contentType || !existsSync(join(folder, path))) return route.fulfill({ status: 404 })
    await route.fulfill({ contentType, headers: ISOLATED, body: await readFile(join(folder, path)) })
  })
  await page.goto(`${ORIGIN}/`)
  await page.waitForFunction(() => window.bench !== undefined)
  return page
}
