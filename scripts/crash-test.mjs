/**
 * `node scripts/crash-test.mjs [KILLS] [SEED]`: SIGKILL of the client or the server at random moments of a sync. After
 * each, the next sync finds the change committed or commits it; at the end a fresh restore equals the folder.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { root } from './setup.mjs'

const HOLDFAST = join(root, 'packages', 'cli', 'bin', 'holdfast.js')
const kills = Number(process.argv[2] ?? 100)
const seed = process.argv[3] ?? String(Date.now())
console.log(`seed ${seed}`)

let draws = 0
/** A number in [0, below), the same for the same seed. */
const random = (below) => (createHash('sha256').update(`${seed}/${draws++}`).digest().readUInt32BE(0) / 2 ** 32) * below

const work = mkdtempSync(join(tmpdir(), 'holdfast-crash-'))
const [folder, state, phrase, data] = ['folder', 'state', 'phrase.txt', 'data'].map((name) => join(work, name))
let server
let port = 0

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const exited = (child) =>
  new Promise((resolve) => (child.exitCode !== null || child.signalCode !== null ? resolve() : child.once('exit', resolve)))

async function startServer() {
  server = spawn(process.execPath, [HOLDFAST, 'serve', '--port', String(port), '--data', data, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: server.stdout }).once('line', (line) => resolve(JSON.parse(line).url))
    server.once('exit', (code) => reject(new Error(`the server did not start (${code})`)))
  })
  server.removeAllListeners('exit')
  port = Number(new URL(url).port)
  return url
}

function start(...args) {
  const child = spawn(process.execPath, [HOLDFAST, ...args, '--state', state, '--json'], { stdio: ['ignore', 'pipe', 'ignore'] })
  child.output = ''
  child.stdout.on('data', (chunk) => {
    child.output += chunk
  })
  return child
}

async function run(...args) {
  const child = start(...args)
  await new Promise((resolve) => child.once('close', resolve))
  return { code: child.exitCode, answer: JSON.parse(child.output.trim() || '{}') }
}

const contents = (at) =>
  Object.fromEntries(
    readdirSync(at)
      .sort()
      .map((name) => [name, readFileSync(join(at, name), 'utf8')]),
  )

const result = { passed: 0, failed: 0 }
const judge = (ok, what) => {
  result[ok ? 'passed' : 'failed']++
  if (!ok) console.log(`FAILED ${what}`)
}

try {
  mkdirSync(folder)
  for (let i = 0; i < 20; i++) writeFileSync(join(folder, `file ${i}.txt`), `file ${i}\n`.repeat(500))
  const url = await startServer()
  const created = await run('init', folder, '--service', url, '--phrase-out', phrase)
  if (created.code !== 0) throw new Error(`init failed: ${JSON.stringify(created)}`)
  const began = performance.now()
  await run('sync', folder)
  const typical = performance.now() - began
  for (let kill = 1; kill <= kills; kill++) {
    writeFileSync(
      join(folder, `file ${Math.floor(random(20))}.txt`),
      `changed before kill ${kill}\n`.repeat(200 + Math.floor(random(2000))),
    )
    if (random(10) < 2) writeFileSync(join(folder, `new ${kill}.txt`), `${kill}\n`)
    const before = contents(folder)
    const client = start('sync', folder)
    const victim = random(2) < 1 ? client : server
    await sleep(random(typical * 1.2))
    victim.kill('SIGKILL')
    await exited(victim)
    await exited(client)
    if (victim === server) await startServer()
    const { code, answer } = await run('sync', folder)
    const settled = code === 0 && (answer.kind === 'committed' || answer.kind === 'up-to-date')
    const kept = JSON.stringify(contents(folder)) === JSON.stringify(before)
    judge(
      settled && kept,
      `kill ${kill} of the ${victim === client ? 'client' : 'server'}: ${JSON.stringify(answer)}${kept ? '' : ', and the folder changed'}`,
    )
    if (kill % 20 === 0) console.log(`${kill} of ${kills} kills`)
  }
  const restored = join(work, 'restored')
  const child = spawn(
    process.execPath,
    [HOLDFAST, 'restore', restored, '--service', url, '--phrase-file', phrase, '--state', join(work, 'state-2'), '--json'],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  await exited(child)
  judge(
    child.exitCode === 0 && JSON.stringify(contents(restored)) === JSON.stringify(contents(folder)),
    'the restored folder is the backed-up one',
  )
} catch (error) {
  judge(false, error.stack)
} finally {
  server?.kill('SIGKILL')
  rmSync(work, { recursive: true, force: true, maxRetries: 5 })
}
console.log(`${result.passed} passed, ${result.failed} failed, 0 skipped`)
process.exit(result.failed === 0 ? 0 : 1)
