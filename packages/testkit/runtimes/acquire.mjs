/**
 * Gets a runtime: what is on the machine first, then npm into `.cache/runtimes/`, then Debian's packages as root. The
 * versions from npm are pinned here, so that a run tomorrow is a run of today's.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runToEnd } from './children.mjs'

const cache = fileURLToPath(new URL('../../../.cache/runtimes/', import.meta.url))

/** What cannot be had, and what to do about it. */
export class Missing extends Error {}

/** Installs one package, without its scripts, in a folder of its own. @returns the path of `file` in it. */
export async function fromNpm(name, version, file, install = name) {
  const folder = join(cache, `${name.replace('/', '+')}-${version}`)
  const path = join(folder, 'node_modules', file)
  if (existsSync(path)) return path
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n')
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
  const { code, stderr } = await runToEnd('npm', ['install', ...flags, `${install}@${version}`], { cwd: folder })
  if (code === 0 && existsSync(path)) return path
  throw new Missing(`npm install ${install}@${version} failed (${stderr.trim().split('\n').at(-1)}); check \`npm config get registry\``)
}

/** The first of `commands` that is on the path, or after installing `packages` with apt as root. */
export async function fromDebian(packages, commands) {
  const found = () => commands.map(onPath).find((path) => path !== undefined)
  if (found()) return found()
  const remedy = `install it: apt-get install --no-install-recommends ${packages.join(' ')}`
  if (process.getuid?.() !== 0 || !onPath('apt-get')) throw new Missing(`${commands[0]} is not on this machine; ${remedy}`)
  await runToEnd('apt-get', ['update', '-qq'])
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const { stderr } = await runToEnd('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    env,
    timeoutMs: 600_000,
  })
  if (found()) return found()
  throw new Missing(`${commands[0]} could not be installed (${stderr.trim().split('\n').at(-1)}); ${remedy}`)
}

function onPath(command) {
  if (command.startsWith('/')) return existsSync(command) ? command : undefined
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, command)).find((path) => existsSync(path))
}
