/**
 * Builds the WASM core from source.
 *
 *   node scripts/build-wasm.mjs           builds, and writes packages/crypto/wasm/ with its stamp
 *   node scripts/build-wasm.mjs --check   builds twice in two places: fails when the two differ, or the committed core is stale
 *
 * Makes sure of its own tools: the wasm target, wasm-pack and wasm-bindgen. wasm-opt comes with the packages (binaryen).
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join, relative } from 'node:path'
import binaryen from 'binaryen'
import { env, giveUp, root, say } from './setup.mjs'

const OUT = join(root, 'packages', 'crypto', 'wasm')
const SOURCES = [
  'Cargo.toml',
  'Cargo.lock',
  'crates/holdfast-core/Cargo.toml',
  'crates/holdfast-core/src',
  'crates/holdfast-kernels/Cargo.toml',
  'crates/holdfast-kernels/src',
  'crates/holdfast-wasm/Cargo.toml',
  'crates/holdfast-wasm/src',
]
const WASM_BINDGEN = '0.2.130'
const RUST_FLAGS = [
  '-C',
  'target-feature=+simd128',
  // What is hot says itself what is to be inlined; what the compiler adds to that is weight.
  '-C',
  'llvm-args=-inline-threshold=10',
  // A panic is a trap: the file and line it would name reach nobody.
  '-Z',
  'location-detail=none',
]
const OPT_FLAGS = [
  '-O2',
  '--one-caller-inline-max-function-size=0',
  '--enable-simd',
  '--enable-bulk-memory',
  '--enable-sign-ext',
  '--enable-mutable-globals',
  '--enable-nontrapping-float-to-int',
  '--enable-reference-types',
  '--enable-multivalue',
  '--strip-debug',
  '--strip-producers',
  '--strip-target-features',
]

const cargoHome = process.env.CARGO_HOME ?? join(homedir(), '.cargo')
const toolEnv = { ...env, PATH: `${join(cargoHome, 'bin')}${delimiter}${env.PATH}` }

const output = (command, args) => {
  const result = spawnSync(command, args, { env: toolEnv, encoding: 'utf8' })
  return result.status === 0 ? result.stdout.trim() : undefined
}

function mustRun(what, command, args, options = {}) {
  const result = spawnSync(command, args, { env: toolEnv, stdio: ['ignore', 2, 2], ...options })
  if (result.status !== 0) giveUp(`${what} failed (${command} ${args.join(' ')}).`, 'its own message stands above')
}

// Tools

/** @returns the environment in which cargo builds for wasm32. */
function ensureTools() {
  if (!output('cargo', ['--version']))
    giveUp('cargo is not on this machine.', 'install Rust with rustup (rustup.rs); only changes in crates/ need it')
  const toolchain = ensureTarget()
  if (!output('wasm-bindgen', ['--version'])?.endsWith(WASM_BINDGEN)) {
    say(`installing wasm-bindgen-cli ${WASM_BINDGEN} (two to three minutes, once)`)
    mustRun('Installing wasm-bindgen-cli', 'cargo', ['install', 'wasm-bindgen-cli', '--version', WASM_BINDGEN])
  }
  if (!output('wasm-pack', ['--version'])) {
    say('installing wasm-pack (three to five minutes, once)')
    mustRun('Installing wasm-pack', 'cargo', ['install', 'wasm-pack', '--locked'])
  }
  return toolchain
}

function hasTarget(toolchain) {
  const sysroot = output('rustc', [...toolchain, '--print', 'sysroot'])
  return (
    sysroot &&
    existsSync(join(sysroot, 'lib/rustlib/wasm32-unknown-unknown/lib')) &&
    readdirSync(join(sysroot, 'lib/rustlib/wasm32-unknown-unknown/lib')).some((file) => file.startsWith('libstd-'))
  )
}

function ensureTarget() {
  if (hasTarget([])) return {}
  if (hasTarget(['+web'])) return { RUSTUP_TOOLCHAIN: 'web' }
  say('adding the wasm32 target')
  if (
    spawnSync('rustup', ['target', 'add', 'wasm32-unknown-unknown'], { env: toolEnv, stdio: ['ignore', 2, 2], timeout: 120_000 }).status ===
    0
  )
    return {}
  if (!output('apt-get', ['--version']) || process.getuid?.() !== 0) {
    giveUp(
      'The wasm32 target could not be added: rustup cannot reach its server.',
      'run this as root on Debian, where the distribution’s own Rust is used instead, or copy the target over',
    )
  }
  return installDebianRust()
}

/** Where rustup cannot download: Debian's newer Rust, with a wasm standard library built once from its own sources. */
function installDebianRust() {
  say('rustup cannot download here: using Debian’s Rust, and building its wasm standard library once (two minutes)')
  mustRun('apt-get update', 'apt-get', ['update', '-qq'])
  mustRun('Installing Debian’s Rust', 'apt-get', [
    'install',
    '-y',
    '-qq',
    '--no-install-recommends',
    'rustc-web',
    'cargo-web',
    'rust-web-src',
    'lld-19',
  ])
  const work = mkdtempSync(join(tmpdir(), 'holdfast-std-'))
  writeFileSync(join(work, 'Cargo.toml'), '[package]\nname = "dummy"\nversion = "0.0.0"\nedition = "2021"\n[lib]\ncrate-type = ["rlib"]\n')
  mkdirSync(join(work, 'src'))
  writeFileSync(join(work, 'src', 'lib.rs'), '')
  mustRun(
    'Building the wasm standard library',
    '/usr/bin/cargo',
    ['build', '--release', '--target', 'wasm32-unknown-unknown', '-Zbuild-std=std,panic_abort,test'],
    {
      cwd: work,
      env: { ...toolEnv, RUSTC_BOOTSTRAP: '1', RUSTC: '/usr/bin/rustc', RUSTFLAGS: '-C embed-bitcode=yes' },
    },
  )
  const built = join(work, 'target/wasm32-unknown-unknown/release/deps')
  const lib = '/usr/lib/rustlib/wasm32-unknown-unknown/lib'
  mkdirSync(lib, { recursive: true })
  for (const file of readdirSync(built))
    if (file.endsWith('.rlib') && !file.startsWith('libdummy')) cpSync(join(built, file), join(lib, file))
  rmSync(work, { recursive: true })
  const linker = join(cargoHome, 'bin', 'rust-lld')
  if (!output('rust-lld', ['-flavor', 'wasm', '--version']) && !existsSync(linker)) symlinkSync('/usr/bin/wasm-ld-19', linker)
  mustRun('Linking the toolchain', 'rustup', ['toolchain', 'link', 'web', '/usr'])
  return { RUSTUP_TOOLCHAIN: 'web' }
}

// Building

function* filesOf(path) {
  if (statSync(path).isFile()) yield path
  else for (const name of readdirSync(path).sort()) yield* filesOf(join(path, name))
}

function hashSources() {
  const hash = createHash('sha256')
  for (const source of SOURCES) {
    for (const file of filesOf(join(root, source)))
      hash
        .update(`${relative(root, file)}\0`)
        .update(readFileSync(file))
        .update('\0')
  }
  return hash.digest('hex')
}

/** Copies the sources to a fresh place and builds there; nothing of the place may reach the result. */
function buildIn(place, toolchain) {
  for (const source of [...SOURCES, 'crates/holdfast-core/tests', 'crates/holdfast-core/benches']) {
    if (existsSync(join(root, source))) cpSync(join(root, source), join(place, source), { recursive: true })
  }
  const remap = (from, to) => ['--remap-path-prefix', `${from}=${to}`]
  const sysroot = execFileSync('rustc', ['--print', 'sysroot'], { env: { ...toolEnv, ...toolchain }, encoding: 'utf8' }).trim()
  const flags = [...RUST_FLAGS, ...remap(place, '/holdfast'), ...remap(cargoHome, '/cargo'), ...remap(sysroot, '/rust')]
  mustRun(
    'Building the core',
    'wasm-pack',
    [
      'build',
      'crates/holdfast-wasm',
      '--mode',
      'no-install',
      '--target',
      'web',
      '--profile',
      'wasm',
      '--out-dir',
      'pkg',
      '--out-name',
      'core',
      '--no-pack',
      '--',
      '--locked',
    ],
    {
      cwd: place,
      env: {
        ...toolEnv,
        ...toolchain,
        CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f'),
        CARGO_TARGET_DIR: join(place, 'target'),
        SOURCE_DATE_EPOCH: '0',
        RUSTC_BOOTSTRAP: '1', // for `-Z`
      },
    },
  )
  const built = join(place, 'crates', 'holdfast-wasm', 'pkg')
  dropGlue(join(built, 'core_bg.wasm'), join(built, 'plain.wasm'))
  mustRun('Optimising the core', 'wasm-opt', [...OPT_FLAGS, join(built, 'plain.wasm'), '-o', join(built, 'core.wasm')])
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(join(built, 'core.wasm'))))
  if (imports.length > 0)
    giveUp(`The core imports ${imports.map(({ name }) => name).join(', ')}.`, 'it may import nothing: look for what needs the platform')
  return built
}

/** Of wasm-bindgen nothing is used: without its exports, all of it is dead code, its import included. */
function dropGlue(from, to) {
  const module = binaryen.readBinary(readFileSync(from))
  module.setFeatures(binaryen.Features.All)
  const names = Array.from({ length: module.getNumExports() }, (_, i) => binaryen.getExportInfo(module.getExportByIndex(i)).name)
  for (const name of names) if (name.startsWith('__')) module.removeExport(name)
  writeFileSync(to, module.emitBinary())
}

const sha256 = (file) => createHash('sha256').update(readFileSync(file)).digest('hex')

function makeStamp(built, toolchain) {
  return {
    sha256: sha256(join(built, 'core.wasm')),
    sources: hashSources(),
    rustc: execFileSync('rustc', ['--version'], { env: { ...toolEnv, ...toolchain }, encoding: 'utf8' }).trim(),
    wasmBindgen: WASM_BINDGEN,
    wasmOpt: output('wasm-opt', ['--version']),
    flags: [...RUST_FLAGS, ...OPT_FLAGS].join(' '),
  }
}

function buildAndWrite(toolchain) {
  // A place that stays keeps the compiled dependencies; `--check` builds in fresh ones.
  const place = join(root, '.cache', 'wasm-build')
  rmSync(join(place, 'crates'), { recursive: true, force: true })
  say('building the WASM core (about a minute the first time)')
  const built = buildIn(place, toolchain)
  mkdirSync(OUT, { recursive: true })
  cpSync(join(built, 'core.wasm'), join(OUT, 'core.wasm'))
  const stamp = makeStamp(built, toolchain)
  writeFileSync(join(OUT, 'stamp.json.new'), `${JSON.stringify(stamp, null, 2)}\n`)
  renameSync(join(OUT, 'stamp.json.new'), join(OUT, 'stamp.json'))
  say(`wrote packages/crypto/wasm: ${statSync(join(OUT, 'core.wasm')).size} bytes, sha256 ${stamp.sha256.slice(0, 16)}…`)
}

function check(toolchain) {
  const committed = JSON.parse(readFileSync(join(OUT, 'stamp.json'), 'utf8'))
  const remedy = 'run `npm run build:wasm` and commit packages/crypto/wasm'
  if (committed.sources !== hashSources()) giveUp('The committed WASM core is stale: the sources in crates/ have changed since.', remedy)
  if (committed.sha256 !== sha256(join(OUT, 'core.wasm'))) giveUp('The committed WASM core is not what its stamp says.', remedy)
  const stamps = ['one', 'another-and-longer'].map((name) => {
    const place = join(mkdtempSync(join(tmpdir(), 'holdfast-check-')), name)
    mkdirSync(place)
    say(`building the WASM core in ${name} place (about a minute)`)
    const stamp = makeStamp(buildIn(place, toolchain), toolchain)
    rmSync(join(place, '..'), { recursive: true })
    return stamp
  })
  const [one, another] = stamps
  if (one.sha256 !== another.sha256)
    giveUp('Two builds in two places differ: the build is not reproducible.', 'look for a path or a time that reaches the binary')
  const tools = ['rustc', 'wasmBindgen', 'wasmOpt', 'flags']
  const otherTools = tools.filter((tool) => one[tool] !== committed[tool])
  if (otherTools.length > 0) {
    say(
      `the two builds agree; the committed core was built with other tools (${otherTools.map((tool) => `${tool}: ${committed[tool]}, here ${one[tool]}`).join('; ')}), so only its sources were compared`,
    )
  } else if (one.sha256 !== committed.sha256) {
    giveUp('The committed WASM core differs from what its sources build, with the same tools.', remedy)
  } else {
    say(`the committed core, and two builds in two places, are the same bytes (sha256 ${one.sha256.slice(0, 16)}…)`)
  }
}

const toolchain = ensureTools()
if (process.argv.includes('--check')) check(toolchain)
else buildAndWrite(toolchain)
