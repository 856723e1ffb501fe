/**
 * `npm run fuzz [-- --seconds N] [--target NAME]`: feeds the core's decoders with what cargo-fuzz thinks up, starting from
 * the vectors and from what was found before (crates/fuzz/kept). Each target runs for N seconds, 60 unless told. An input
 * that crashes, takes over five seconds or allocates over 64 MiB at once ends the run and is kept: mend the decoder, and
 * commit the file.
 *
 * Needs Rust and a C++ compiler; installs cargo-fuzz where it is missing.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { env, giveUp, root, run, say } from './setup.mjs'

const CARGO_FUZZ = '0.13.2'
const LIMITS = ['-timeout=5', '-rss_limit_mb=1024', '-malloc_limit_mb=64', '-max_len=65536', '-print_final_stats=1', '-verbosity=0']

/** What vectors give a target to begin with, by their operations. */
const SEEDS = {
  container: { 'world.container.decode': ({ container }) => Buffer.from(container, 'hex') },
  tar: { 'world.container.decode': ({ container }) => unzipped(Buffer.from(container, 'hex')) },
  record: { 'world.filerecord.decode': ({ cbor }) => Buffer.from(cbor, 'hex') },
  json: { 'world.manifest.hash': ({ json }) => Buffer.from(json), 'world.rootkey.parse': ({ json }) => Buffer.from(json) },
}

const { values: flags } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, target: { type: 'string' } } })
const crate = join(root, 'crates', 'fuzz')
const tools = join(root, '.cache', 'cargo-fuzz')
env.PATH = `${join(tools, 'bin')}:${env.PATH}`
// The instrumentation flags are of the nightly compiler; the sanitizer's runtime comes with the stable one as well.
env.RUSTC_BOOTSTRAP = '1'

await installCargoFuzz()
const all = readdirSync(join(crate, 'targets')).map((file) => file.replace('.rs', ''))
const targets = flags.target ? [flags.target] : all
if (!targets.every((target) => all.includes(target))) giveUp(`There is no fuzz target ${flags.target}.`, `choose one of: ${all.join(', ')}`)
if ((await run('cargo', ['fuzz', 'build', '--fuzz-dir', crate])) !== 0)
  giveUp('The fuzz targets could not be built; the errors stand above.', 'a C++ compiler is needed beside Rust')
for (const target of targets) await fuzz(target)

async function fuzz(target) {
  const corpus = join(root, '.cache', 'fuzz', target)
  const kept = join(crate, 'kept', target)
  for (const folder of [corpus, kept]) mkdirSync(folder, { recursive: true })
  for (const bytes of seedsOf(target)) writeFileSync(join(corpus, createHash('sha256').update(bytes).digest('hex').slice(0, 16)), bytes)
  const options = [...LIMITS, `-max_total_time=${flags.seconds}`, `-artifact_prefix=${kept}/`]
  const args = ['fuzz', 'run', '--fuzz-dir', crate, target, corpus, kept, '--', ...options]
  const { status, stderr } = spawnSync('cargo', args, { cwd: root, env, encoding: 'utf8', maxBuffer: 2 ** 28 })
  if (status !== 0) {
    say(stderr.slice(-8000))
    giveUp(
      `The decoder behind the fuzz target ${target} failed.`,
      `mend it, and commit the input that is now in crates/fuzz/kept/${target}`,
    )
  }
  const [, tried] = /number_of_executed_units: (\d+)/.exec(stderr) ?? []
  if (!Number(tried))
    giveUp(`The fuzz target ${target} tried nothing.`, `run it by hand: \`cargo fuzz run --fuzz-dir crates/fuzz ${target}\``)
  say(`fuzz ${target}: ${Number(tried).toLocaleString('en')} inputs in ${flags.seconds} s, none of them too much`)
}

function seedsOf(target) {
  const files = readdirSync(join(root, 'vectors')).filter((file) => file.endsWith('.json'))
  const cases = files.flatMap((file) => JSON.parse(readFileSync(join(root, 'vectors', file), 'utf8')).cases ?? [])
  return cases.flatMap(({ op, in: given }) => SEEDS[target]?.[op]?.(given) ?? [])
}

/** Nothing for a damaged one: some vectors are. */
function unzipped(gzip) {
  try {
    return gunzipSync(gzip)
  } catch {
    return undefined
  }
}

async function installCargoFuzz() {
  const version = spawnSync('cargo', ['fuzz', '--version'], { env, encoding: 'utf8' })
  if (version.stdout?.includes(CARGO_FUZZ)) return
  if (existsSync(join(tools, 'bin', 'cargo-fuzz'))) say('another version of cargo-fuzz is replaced')
  say(`installing cargo-fuzz ${CARGO_FUZZ} (about a minute, the first time)`)
  const code = await run('cargo', ['install', 'cargo-fuzz', '--version', CARGO_FUZZ, '--locked', '--quiet', '--root', tools])
  if (code !== 0)
    giveUp(
      'cargo-fuzz could not be installed.',
      'check that Rust is there and that its registry can be reached, then run the same command again',
    )
}
