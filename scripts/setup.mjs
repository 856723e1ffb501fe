/**
 * Sets up whatever is missing, and nothing that is there: packages by pnpm, the TypeScript build by turbo.
 * Needs Node 20 and npm; pnpm comes through npx. Safe to run again: seconds when nothing changed.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'node_modules', '.bin')

/** Child processes find the project's own tools first, and send nothing home. */
export const env = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  NO_UPDATE_NOTIFIER: '1',
}

/** @returns the exit code; output goes to stderr so that a command's own stdout stays clean. */
export function run(command, args, { stdout = 'inherit', cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = ['ignore', stdout === 'stderr' ? process.stderr : stdout, 'inherit']
    const child = spawn(command, args, { cwd, env, stdio, shell: process.platform === 'win32' })
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)))
  })
}

export function say(text) {
  process.stderr.write(`${text}\n`)
}

/** Says what failed and what to do, and ends the process. */
export function giveUp(what, remedy) {
  say(`\n${what}\n  → ${remedy}`)
  process.exit(1)
}

function installStamp() {
  const hash = createHash('sha256')
  for (const file of ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml']) hash.update(readFileSync(join(root, file)))
  return `${hash.digest('hex')} ${process.version} ${process.platform}-${process.arch}\n`
}

export async function installPackages() {
  const stampFile = join(root, 'node_modules', '.holdfast-installed')
  const stamp = installStamp()
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  say(`installing packages (${packageManager}; about a minute the first time)`)
  const code = await run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile', '--reporter=append-only'], { stdout: 'stderr' })
  if (code !== 0)
    giveUp('The packages could not be installed.', 'check the network and `npm config get registry`, then run the same command again')
  writeFileSync(stampFile, stamp)
}

async function build() {
  say('building packages (cached: seconds when nothing changed)')
  const code = await run('turbo', ['run', 'build', '--output-logs=errors-only'], { stdout: 'stderr' })
  if (code !== 0) giveUp('The build failed; its errors stand above.', 'mend the sources it names, then run the same command again')
}

export async function setup() {
  const major = Number(process.versions.node.split('.')[0])
  if (major < 20) giveUp(`Node ${process.versions.node} is too old.`, 'install Node 20 or newer')
  await installPackages()
  await build()
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await setup()
