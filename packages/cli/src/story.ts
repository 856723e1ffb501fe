/**
 * The main job on real files, told once (`npm start [-- FOLDER] [--json]`): two devices, one service, nothing mocked.
 * Every step is the `holdfast` command itself, run as a person would run it. Works on a copy; leaves nothing behind.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  cpSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { backendInfo, init } from '@holdfast/crypto'
import { count, formatBytes, quoted } from './format'

const HOLDFAST = fileURLToPath(new URL('../bin/holdfast.js', import.meta.url))
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

const json = process.argv.includes('--json')
const chosen = process.argv.slice(2).find((argument) => !argument.startsWith('--'))
const folder = resolve(chosen ?? join(ROOT, 'docs'))
const color = process.stderr.isTTY && !process.env.NO_COLOR
const paint = (code: number, text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
const say = (text: string) => {
  if (!json) process.stderr.write(`${text}\n`)
}

const work = mkdtempSync(join(tmpdir(), 'holdfast-story-'))
const children = new Set<ChildProcess>()

function cleanUp(): void {
  for (const child of children) child.kill('SIGKILL')
  rmSync(work, { recursive: true, force: true })
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    cleanUp()
    process.stderr.write('\ninterrupted; nothing is left behind\n')
    process.exit(130)
  })
}

/** A child that does not outlive the story. */
function start(args: readonly string[], stderr: 'inherit' | 'ignore'): ChildProcess {
  const child = spawn(process.execPath, [HOLDFAST, ...args, '--json'], { stdio: ['ignore', 'pipe', stderr] })
  children.add(child)
  child.on('close', () => children.delete(child))
  return child
}

interface Step {
  readonly what: string
  readonly ms: number
}
const steps: Step[] = []

interface Ran {
  readonly code: number
  readonly answer: Record<string, unknown>
}

/** Runs one command of a device; its progress bars go to the terminal. */
function holdfast(...args: string[]): Promise<Ran> {
  return new Promise((done, reject) => {
    const child = start(args, json ? 'ignore' : 'inherit')
    let output = ''
    child.stdout?.on('data', (chunk) => {
      output += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => {
      const line = output.trim().split('\n').at(-1) ?? ''
      done({ code: code ?? 1, answer: line === '' ? {} : (JSON.parse(line) as Record<string, unknown>) })
    })
  })
}

async function step(what: string, run: () => Promise<Ran>, expected: { readonly code: number; readonly kind: string }): Promise<Ran> {
  say(`\n${paint(1, what)}`)
  const started = performance.now()
  const ran = await run()
  const ms = Math.round(performance.now() - started)
  steps.push({ what, ms })
  if (ran.code !== expected.code || ran.answer.kind !== expected.kind) {
    const { error } = ran.answer as { error?: { message: string } }
    throw new Error(
      error?.message ??
        `"${what}" should have ended ${expected.kind} (${expected.code}), but ended ${JSON.stringify(ran.answer)} (${ran.code})`,
    )
  }
  say(`  ${paint(32, expected.kind)} ${paint(2, `${ms} ms`)}`)
  return ran
}

function startService(): Promise<string> {
  return new Promise((started, reject) => {
    const service = start(['serve', '--port', '0', '--data', join(work, 'service')], 'inherit')
    service.on('exit', (code) => reject(new Error(`the service ended at once (${code})`)))
    if (service.stdout)
      createInterface({ input: service.stdout }).once('line', (line) => started((JSON.parse(line) as { url: string }).url))
  })
}

function listFiles(at: string, top = at): string[] {
  return readdirSync(at, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? listFiles(join(at, entry.name), top) : [relative(top, join(at, entry.name))]))
    .sort()
}

function identical(a: string, b: string): boolean {
  const files = listFiles(a)
  return (
    files.join('\0') === listFiles(b).join('\0') && files.every((file) => readFileSync(join(a, file)).equals(readFileSync(join(b, file))))
  )
}

/** Real files only; a copy may be written to even where the original may not. */
function copyFolder(from: string, to: string): void {
  let leftOut = 0
  const filter = (path: string) => {
    const kind = lstatSync(path)
    if (kind.isFile() || kind.isDirectory()) return true
    leftOut++
    return false
  }
  cpSync(from, to, { recursive: true, filter })
  for (const file of listFiles(to)) chmodSync(join(to, file), 0o600)
  if (leftOut > 0) say(`left out of the copy: ${count(leftOut, 'link or special file')}`)
}

async function tell(): Promise<boolean> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`${folder} is not a folder; pass one to back up`)
  const [a, b, phrase] = [join(work, 'device-a'), join(work, 'device-b'), join(work, 'phrase.txt')]
  copyFolder(folder, a)
  const files = listFiles(a)
  if (files.length === 0) throw new Error(`${folder} holds no files; pass a folder with some`)
  const bytes = files.reduce((sum, file) => sum + statSync(join(a, file)).size, 0)
  say(`${paint(1, 'Two devices, one backup.')} ${files.length} files, ${formatBytes(bytes)}, from a copy of ${folder}`)
  const url = await startService()
  const onA = ['--state', join(work, 'state-a')]
  const onB = ['--state', join(work, 'state-b')]
  const withPhrase = ['--phrase-file', phrase]

  const created = await step(
    'Device A creates a backup, and a recovery phrase',
    () => holdfast('init', a, '--service', url, '--phrase-out', phrase, ...onA),
    { code: 0, kind: 'committed' },
  )
  await step(
    'Device B restores it elsewhere, with the phrase alone',
    () => holdfast('restore', b, '--service', url, ...withPhrase, ...onB),
    { code: 0, kind: 'restored' },
  )
  const [first = '', last = first] = [files[0], files.at(-1)]
  appendFileSync(join(b, first), '\nchanged on device B\n')
  await step(`Device B changes ${first} and syncs`, () => holdfast('sync', b, ...onB), { code: 0, kind: 'committed' })
  if (files.length > 1) appendFileSync(join(a, last), '\nchanged on device A\n')
  writeFileSync(join(a, 'written on device A.txt'), 'new on device A\n')
  await step(`Device A changes ${last} and tries to sync: it is told it is stale`, () => holdfast('sync', a, ...onA), {
    code: 4,
    kind: 'stale',
  })
  const settled = await step(
    'Device A authenticates, takes the remote state, re-applies its change, syncs',
    () => holdfast('sync', a, ...withPhrase, ...onA),
    { code: 0, kind: 'committed' },
  )
  await step('Device B takes it over', () => holdfast('sync', b, ...withPhrase, ...onB), { code: 0, kind: 'up-to-date' })
  const checked = await holdfast('verify', b, ...withPhrase, ...onB)

  const same = identical(a, b)
  await init()
  const { backend, reason, simd } = backendInfo()
  const table = {
    files: listFiles(a).length,
    bytes,
    sealedBytes: settled.answer.sealedBytes ?? created.answer.sealedBytes,
    identical: same,
    verified: checked.answer.ok === true,
    backend,
    reason,
    simd,
    steps,
  }
  if (json) process.stdout.write(`${JSON.stringify(table)}\n`)
  else printTable(table)
  return same && table.verified
}

function printTable(table: {
  files: number
  bytes: number
  sealedBytes: unknown
  identical: boolean
  verified: boolean
  backend: string
  reason: string
  simd: boolean
}): void {
  const rows = [
    ['files', String(table.files)],
    ['bytes', formatBytes(table.bytes)],
    ['sealed', formatBytes(Number(table.sealedBytes))],
    ['folders', table.identical ? paint(32, 'byte-identical') : paint(31, 'DIFFERENT')],
    ['verified', table.verified ? paint(32, 'everything opens') : paint(31, 'NO')],
    ['crypto', `${table.backend} (${table.reason}${table.simd ? ', simd' : ''})`],
    ['time', `${steps.reduce((sum, { ms }) => sum + ms, 0)} ms in ${steps.length} commands`],
  ]
  process.stdout.write(`\n${rows.map(([name = '', value]) => `  ${name.padEnd(10)}${value}`).join('\n')}\n`)
  const own = quoted(folder)
  process.stdout.write(
    `\nTry next${process.cwd() === resolve(ROOT) ? '' : `, in ${quoted(resolve(ROOT))}`} (the first keeps its terminal; the others want a second one):
  npx holdfast serve
  npx holdfast init ${own} --service http://127.0.0.1:8787
  npx holdfast status ${own}\n`,
  )
}

try {
  process.exitCode = (await tell()) ? 0 : 1
} catch (error) {
  process.stderr.write(`\nthe story broke off: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
} finally {
  cleanUp()
}
