/** `npm run bench [-- --short] [--json FILE]`: all contenders interleaved in one process; ratios, never absolute goals. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { equalBytes, platformRandom } from '@holdfast/base'
import { type Engine, init } from '@holdfast/crypto'
import sodium from 'libsodium-wrappers-sumo'

const short = process.argv.includes('--short')
const jsonAt = process.argv.indexOf('--json')
const jsonFile = jsonAt < 0 ? '.cache/bench.json' : (process.argv[jsonAt + 1] ?? '.cache/bench.json')
const ROUNDS = short ? 3 : 9
const ROUND_MS = short ? 40 : 150

interface Contest {
  readonly name: string
  /** How results reach the caller; `api`: a fresh array per result. */
  readonly contract: 'api' | 'arrays'
  /** The first is what the others are measured against. */
  readonly contenders: Readonly<Record<string, () => unknown>>
}

interface Row {
  readonly name: string
  readonly contract: string
  readonly contender: string
  readonly opsPerSecond: number
  readonly medianRatio: number
  readonly bestRatio: number
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** Milliseconds per call, over at least `ms` milliseconds. */
function time(run: () => unknown, ms: number): number {
  let calls = 0
  const start = performance.now()
  let elapsed = 0
  do {
    run()
    calls++
    elapsed = performance.now() - start
  } while (elapsed < ms)
  return elapsed / calls
}

function hold({ name, contract, contenders }: Contest): Row[] {
  const entries = Object.entries(contenders)
  const times = new Map(entries.map(([contender]) => [contender, [] as number[]]))
  for (const [, run] of entries) run()
  for (let round = 0; round < ROUNDS; round++) {
    for (const [contender, run] of entries) times.get(contender)?.push(time(run, ROUND_MS))
  }
  const base = times.get(entries[0]?.[0] ?? '') ?? []
  return entries.map(([contender]) => {
    const own = times.get(contender) ?? []
    return {
      name,
      contract,
      contender,
      opsPerSecond: 1000 / median(own),
      medianRatio: median(own.map((ms, i) => (base[i] ?? Number.NaN) / ms)),
      bestRatio: Math.min(...base) / Math.min(...own),
    }
  })
}

await sodium.ready
const wasm = await init({ backend: 'wasm' })
const fallback = await init({ backend: 'sodium' })
const engines: readonly Engine[] = [wasm, fallback]

const key = platformRandom(32)
const nonce = platformRandom(12)
const aad = platformRandom(17)
const pair = wasm.sealedBox.makeKeyPair()
const label = (size: number) => (size >= 1 << 20 ? `${size >> 20} MiB` : size >= 1024 ? `${size >> 10} KiB` : `${size} B`)
const perEngine = (run: (engine: Engine) => unknown) => Object.fromEntries(engines.map((engine) => [engine.backend, () => run(engine)]))

function aeadContests(size: number): Contest[] {
  const plaintext = platformRandom(size)
  const ciphertext = wasm.aead.chacha20poly1305.seal(key, nonce, aad, plaintext)
  if (!equalBytes(ciphertext, fallback.aead.chacha20poly1305.seal(key, nonce, aad, plaintext)))
    throw new Error('the engines seal differently')
  return [
    {
      name: `ChaCha20-Poly1305 seal ${label(size)}`,
      contract: 'api',
      contenders: {
        libsodium: () => sodium.crypto_aead_chacha20poly1305_ietf_encrypt(plaintext, aad, null, nonce, key),
        ...perEngine((engine) => engine.aead.chacha20poly1305.seal(key, nonce, aad, plaintext)),
      },
    },
    {
      name: `ChaCha20-Poly1305 open ${label(size)}`,
      contract: 'api',
      contenders: {
        libsodium: () => sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, ciphertext, aad, nonce, key),
        ...perEngine((engine) => engine.aead.chacha20poly1305.open(key, nonce, aad, ciphertext)),
      },
    },
  ]
}

function sealedBoxContests(size: number): Contest[] {
  const plaintext = platformRandom(size)
  const box = wasm.sealedBox.seal(pair.publicKey, plaintext)
  if (!equalBytes(fallback.sealedBox.open(pair, box), plaintext)) throw new Error('the engines open differently')
  return [
    {
      name: `sealed box seal ${label(size)}`,
      contract: 'api',
      contenders: {
        libsodium: () => sodium.crypto_box_seal(plaintext, pair.publicKey),
        ...perEngine((engine) => engine.sealedBox.seal(pair.publicKey, plaintext)),
      },
    },
    {
      name: `sealed box open ${label(size)}`,
      contract: 'api',
      contenders: {
        libsodium: () => sodium.crypto_box_seal_open(box, pair.publicKey, pair.secretKey),
        ...perEngine((engine) => engine.sealedBox.open(pair, box)),
      },
    },
  ]
}

function envelopeContests(size: number): Contest[] {
  const count = 256
  const keys = Array.from({ length: count }, () => platformRandom(32))
  const nonces = keys.map(() => platformRandom(12))
  const plaintexts = keys.map(() => platformRandom(size))
  const envelopes = wasm.envelopes.sealMany(keys, nonces, plaintexts)
  fallback.envelopes.openMany(keys, envelopes).forEach((opened, i) => {
    if (!(opened instanceof Uint8Array) || !equalBytes(opened, plaintexts[i] ?? key))
      throw new Error('the engines open envelopes differently')
  })
  const openPlain = () =>
    envelopes.map((envelope, i) =>
      sodium.crypto_aead_chacha20poly1305_ietf_decrypt(
        null,
        envelope.subarray(17),
        envelope.subarray(0, 17),
        envelope.subarray(5, 17),
        keys[i] ?? key,
      ),
    )
  return [
    {
      name: `open ${count} envelopes of ${label(size)}`,
      contract: 'arrays',
      contenders: { 'libsodium loop': openPlain, ...perEngine((engine) => engine.envelopes.openMany(keys, envelopes)) },
    },
  ]
}

function containerContests(kind: 'random' | 'text'): Contest[] {
  const size = short ? 256 << 10 : 1 << 20
  const content =
    kind === 'random' ? platformRandom(size) : new TextEncoder().encode('The quick brown fox jumps over the lazy dog. '.repeat(size / 45))
  const rootKeyJson = `{"version":"V1","key":"${'11'.repeat(32)}"}`
  const files = [{ designator: 'document_pkg', path: 'a.bin', content }]
  const packed = wasm.container.pack(rootKeyJson, files, 0)
  if (!equalBytes(fallback.container.unpack(packed, 1 << 30).files[0]?.content ?? key, content))
    throw new Error('the engines unpack differently')
  return [
    {
      name: `container pack ${label(size)} ${kind}`,
      contract: 'api',
      contenders: { sodium: () => fallback.container.pack(rootKeyJson, files, 0), wasm: () => wasm.container.pack(rootKeyJson, files, 0) },
    },
    {
      name: `container unpack ${label(size)} ${kind}`,
      contract: 'api',
      contenders: { sodium: () => fallback.container.unpack(packed, 1 << 30), wasm: () => wasm.container.unpack(packed, 1 << 30) },
    },
  ]
}

function hashContests(size: number): Contest[] {
  const message = platformRandom(size)
  return [
    {
      name: `hash ${label(size)}, against libsodium's BLAKE2b`,
      contract: 'api',
      contenders: {
        libsodium: () => sodium.crypto_generichash(32, message, null),
        'wasm BLAKE2b': () => wasm.hash.blake2b(message),
        'wasm BLAKE3': () => wasm.hash.blake3(message),
      },
    },
  ]
}

const contests = [
  ...[64, 1024, 16 << 10, 1 << 20].flatMap(aeadContests),
  ...[32, 1 << 20].flatMap(sealedBoxContests),
  ...[64, 1024].flatMap(envelopeContests),
  ...(['random', 'text'] as const).flatMap(containerContests),
  ...[16 << 10, 1 << 20].flatMap(hashContests),
]

const rows: Row[] = []
console.log(`Ratios against the first contender of each group: above 1 is faster. ${ROUNDS} interleaved rounds; Node ${process.version}\n`)
console.log(
  `${'operation'.padEnd(44)} ${'contract'.padEnd(8)} ${'contender'.padEnd(16)} ${'median'.padStart(7)} ${'best'.padStart(7)} ${'op/s'.padStart(12)}`,
)
for (const [i, contest] of contests.entries()) {
  process.stderr.write(`\r${i + 1}/${contests.length} ${contest.name}\u001b[K`)
  const held = hold(contest)
  process.stderr.write('\r\u001b[K')
  for (const row of held) {
    console.log(
      `${row.name.padEnd(44)} ${row.contract.padEnd(8)} ${row.contender.padEnd(16)} ${row.medianRatio.toFixed(2).padStart(7)} ${row.bestRatio.toFixed(2).padStart(7)} ${Math.round(row.opsPerSecond).toLocaleString('en').padStart(12)}`,
    )
  }
  rows.push(...held)
}
mkdirSync(dirname(jsonFile), { recursive: true })
writeFileSync(jsonFile, `${JSON.stringify({ node: process.version, rounds: ROUNDS, rows }, null, 2)}\n`)
console.log(`\nwritten to ${jsonFile}`)
