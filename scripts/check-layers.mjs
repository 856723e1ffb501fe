/**
 * Arrows point down only, one door per package, and the pure packages touch no clock, network, disk or randomness.
 * Part of `npm run lint`; prints every violation with the file that holds it.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What each package may import, beside itself. A door of its own, such as `wire/turtl-legacy`, is for what loads on demand. */
const MAY_IMPORT = {
  base: [],
  crypto: ['base'],
  wire: ['base', 'crypto'],
  keys: ['base', 'crypto', 'wire'],
  turnkey: ['base', 'crypto', 'wire', 'keys'],
  sync: ['base', 'crypto', 'wire', 'keys'],
  'backup-service': ['base', 'crypto', 'wire', 'keys'],
  backup: ['base', 'crypto', 'wire', 'keys', 'sync', 'backup-service', 'turnkey'],
  turtl: ['base', 'crypto', 'wire', 'wire/turtl-legacy', 'keys', 'keys/turtl-legacy', 'sync/node'],
  server: ['base', 'crypto', 'wire', 'keys', 'backup-service/contract'],
  testkit: ['base', 'crypto', 'wire', 'wire/turtl-legacy', 'keys', 'turnkey'],
  cli: [
    ...['base', 'crypto', 'wire', 'keys', 'sync', 'sync/node', 'backup-service', 'backup', 'server', 'testkit'],
    ...['turtl', 'turtl/markdown', 'testkit/turtl-server'],
  ],
  bench: ['base', 'crypto', 'wire', 'keys', 'turtl', 'turtl/sample', 'testkit'],
}

const PURE = ['base', 'crypto', 'wire', 'keys']
/** Files that bring the world in: contracts of base, how the WASM bytes arrive, and what only Node has. */
const WORLDLY = [
  'packages/base/src/world.ts',
  'packages/crypto/src/wasm-bytes.ts',
  'packages/crypto/src/core-file.ts',
  'packages/crypto/src/workers/node.ts',
  'packages/crypto/src/workers/node-worker.ts',
  'packages/crypto/src/native-aead.ts',
]
const IMPURE = [
  [/\bDate\.now\(|new Date\(\)|performance\.now\(/, 'the clock'],
  [/\bMath\.random\(|getRandomValues\(|randomUUID\(/, 'randomness'],
  [/\bfetch\(|XMLHttpRequest|WebSocket\(/, 'the network'],
  [/from 'node:|import\('node:/, 'a Node module'],
  [/\bsetTimeout\(|\bsetInterval\(/, 'timers'],
]

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sources(path)
    else if (/\.(ts|mts|js|mjs)$/.test(entry.name) && !entry.name.endsWith('.d.ts')) yield path
  }
}

const withoutComments = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
const violations = []

for (const name of readdirSync(join(root, 'packages'))) {
  const allowed = MAY_IMPORT[name]
  if (!allowed) {
    violations.push(`packages/${name}: not in the table of scripts/check-layers.mjs; say which packages it may import`)
    continue
  }
  for (const path of sources(join(root, 'packages', name, 'src'))) {
    const file = relative(root, path)
    const text = withoutComments(readFileSync(path, 'utf8'))
    for (const [, target] of text.matchAll(/(?:from|import)\s*\(?\s*'(@holdfast\/[^']+)'/g)) {
      const door = target.slice('@holdfast/'.length)
      if (!allowed.includes(door))
        violations.push(`${file}: ${name} may not import ${target} (it may import: ${allowed.join(', ') || 'nothing'})`)
    }
    for (const [, target] of text.matchAll(/from\s*'(\.\.?\/[^']+)'/g)) {
      if (relative(join(root, 'packages', name), join(path, '..', target)).startsWith('..'))
        violations.push(`${file}: reaches into another package by path (${target})`)
    }
    if (PURE.includes(name) && !WORLDLY.includes(file)) {
      for (const [pattern, what] of IMPURE)
        if (pattern.test(text)) violations.push(`${file}: ${name} is pure, but touches ${what}; take it as an argument`)
    }
  }
}

for (const violation of violations) console.error(violation)
console.log(violations.length === 0 ? 'layers hold' : `${violations.length} layer violations`)
process.exit(violations.length === 0 ? 0 : 1)
