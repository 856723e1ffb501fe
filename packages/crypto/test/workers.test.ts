/** A pool of real `worker_threads`: the engine's answers, and an end to every job, whatever happens to its worker. */
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Worker } from 'node:worker_threads'
import { AuthenticationError, concatBytes, encodeUtf8, type HoldfastError, StructureError } from '@holdfast/base'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Engine } from '../src/node'
import type { Pool, PoolOptions } from '../src/workers/api'
import { flattenError, restoreError } from '../src/workers/border'
import { buffersOf, takeInputs } from '../src/workers/inputs'
import { callJob, type JobName, jobNames } from '../src/workers/jobs'
import { startPool as startNodePool } from '../src/workers/node'
import { Scheduler } from '../src/workers/scheduler'
import { serve } from '../src/workers/serve'
import { startPool as startWebPool } from '../src/workers/web'
import { CORE, codeOf, engines } from './engines'
import { type Installed, installWorkers } from './workers-package'

let installed: Installed
beforeAll(async () => {
  installed = await installWorkers('node')
}, 120_000)
afterAll(() => installed.remove())

const bytes = (length: number, seed = 1) => Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17) & 0xff)
const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => 'not rejected',
    (error) => error,
  )

async function startPool(options: PoolOptions = {}): Promise<Pool> {
  const pool = await startNodePool({ size: 1, worker: installed.worker('node-worker'), ...options })
  onTestFinished(() => pool.close())
  return pool
}

/** The workers started from now on. */
function watchWorkers(): Worker[] {
  const workers: Worker[] = []
  const add = (worker: Worker) => void workers.push(worker)
  process.on('worker', add)
  onTestFinished(() => void process.off('worker', add))
  return workers
}

/** A job that does not end by itself in the life of a test. */
const endless = (pool: Pool, signal?: AbortSignal) =>
  pool.kdf.argon2id(
    { password: bytes(9), salt: bytes(16), opsLimit: 2 ** 31, memLimit: 1 << 20, length: 32 },
    signal === undefined ? {} : { signal },
  )

const [KEY, OTHER_KEY, AAD] = [bytes(32), bytes(32, 2), bytes(7)]
const JSON_TEXT = '{"version":"V1"}'
const FILES = [
  { designator: 'orb_pkg', path: 'a/b.bin', content: bytes(3000) },
  { designator: 'document_pkg', path: 'c.bin', content: bytes(10, 3) },
]

/** Arguments of every job; made by `engine` where one undoes another. */
function callsOf(engine: Engine): Record<string, readonly unknown[]> {
  const messages = [bytes(100), bytes(0), bytes(900, 4)]
  const keys = [KEY, OTHER_KEY, KEY]
  const nonces = (length: number) => [bytes(length, 5), bytes(length, 6), bytes(length, 7)]
  const pair = { publicKey: engine.x25519.derivePublicKey(KEY), secretKey: KEY }
  const container = engine.container.pack(JSON_TEXT, FILES, 1_700_000_000)
  const aead = (name: 'chacha20poly1305' | 'xchacha20poly1305', length: 12 | 24) => {
    const cipher = engine.aead[name]
    const nonce = bytes(length, 8)
    const [sealed, batch] = [cipher.sealMany(keys, nonces(length), AAD, messages), cipher.sealBatch(keys, nonces(length), AAD, messages)]
    sealed[0]?.fill(0)
    return {
      [`aead.${name}.seal`]: [KEY, nonce, AAD, messages[0]],
      [`aead.${name}.open`]: [KEY, nonce, AAD, cipher.seal(KEY, nonce, AAD, bytes(70))],
      [`aead.${name}.sealBatch`]: [concatBytes(...keys), concatBytes(...nonces(length)), AAD, messages],
      [`aead.${name}.sealMany`]: [KEY, nonces(length), [AAD, AAD, KEY], messages],
      [`aead.${name}.openBatch`]: [keys, nonces(length), AAD, batch],
      [`aead.${name}.openMany`]: [keys, nonces(length), AAD, sealed],
    }
  }
  const envelopes = engine.envelopes.sealMany(keys, nonces(12), messages)
  const boxes = engine.sealedBox.sealMany(pair.publicKey, messages)
  const password = { password: bytes(12), length: 32 }
  return {
    ...aead('chacha20poly1305', 12),
    ...aead('xchacha20poly1305', 24),
    'x25519.derivePublicKeys': [[KEY, OTHER_KEY]],
    'x25519.sharedSecrets': [
      [KEY, OTHER_KEY],
      [pair.publicKey, new Uint8Array(32)],
    ],
    'sealedBox.seal': [pair.publicKey, messages[0]],
    'sealedBox.sealBatch': [pair.publicKey, messages],
    'sealedBox.sealMany': [[pair.publicKey, pair.publicKey, pair.publicKey], messages],
    'sealedBox.open': [pair, boxes[2]],
    'sealedBox.openBatch': [pair, boxes],
    'sealedBox.openMany': [pair, [...boxes, bytes(60)]],
    'hash.blake2b': [messages[2], { length: 20, key: KEY }],
    'hash.blake3': [messages[2], undefined],
    'kdf.scrypt': [{ ...password, salt: bytes(32), opsLimit: 32768, memLimit: 1 << 24 }],
    'kdf.argon2id': [{ ...password, salt: bytes(16), opsLimit: 1, memLimit: 8192 }],
    'envelopes.sealBatch': [keys, nonces(12), messages],
    'envelopes.sealMany': [KEY, nonces(12), messages],
    'envelopes.openBatch': [keys, envelopes],
    'envelopes.openMany': [keys, [envelopes[1], ...envelopes.slice(1)]],
    'container.pack': [JSON_TEXT, FILES, 1_700_000_000],
    'container.unpack': [container, 1 << 20],
    'container.packSealed': [pair.publicKey, JSON_TEXT, FILES, 1_700_000_000],
    'container.unpackSealed': [pair, engine.sealedBox.seal(pair.publicKey, container), 1 << 20],
  }
}

/** What is random in a job is undone before it is compared. */
function undo(engine: Engine, name: JobName, result: unknown): unknown {
  const pair = { publicKey: engine.x25519.derivePublicKey(KEY), secretKey: KEY }
  switch (name) {
    case 'sealedBox.seal':
      return engine.sealedBox.open(pair, result as Uint8Array)
    case 'sealedBox.sealBatch':
    case 'sealedBox.sealMany':
      return engine.sealedBox.openMany(pair, result as Uint8Array[])
    case 'container.packSealed':
      return engine.container.unpackSealed(pair, result as Uint8Array, 1 << 20)
    default:
      return result
  }
}

describe.each(engines)('a pool of %s', (_, engine) => {
  const { backend } = engine
  let pool: Pool
  const calls = callsOf(engine)
  beforeAll(async () => {
    pool = await startNodePool({ size: 2, backend, worker: installed.worker('node-worker') })
  })
  afterAll(() => pool.close())

  test('says what it runs', () => {
    expect([pool.backend, pool.size]).toEqual([backend, 2])
  })

  test('knows every job tested here, and no other', () => {
    expect(Object.keys(calls).sort()).toEqual([...jobNames].sort())
  })

  test.each(jobNames)('answers %s as the engine does', async (name) => {
    const args = calls[name] ?? []
    const answer = await callJob(pool, name, [...args, { inputs: 'copy' }])
    expect(undo(engine, name, answer)).toEqual(undo(engine, name, callJob(engine, name, args)))
  })

  test('refuses as the engine does: class, code, message, remedy, retry', async () => {
    const refusals: readonly (readonly [JobName, readonly unknown[]])[] = [
      ['aead.chacha20poly1305.open', [KEY, bytes(12), AAD, bytes(40)]],
      ['aead.chacha20poly1305.seal', [bytes(31), bytes(12), AAD, bytes(40)]],
      ['sealedBox.seal', [new Uint8Array(32), bytes(40)]],
      ['container.unpack', [bytes(40), 1000]],
      ['container.pack', [JSON_TEXT, [{ designator: 'orb_pkg', path: '../up', content: bytes(3) }], 0]],
      ['kdf.scrypt', [{ password: bytes(3), salt: bytes(32), opsLimit: 32768, memLimit: 2 ** 31, length: 32 }]],
    ]
    for (const [name, args] of refusals) {
      const error = (await rejection(callJob(pool, name, [...args, { inputs: 'copy' }]) as Promise<unknown>)) as HoldfastError
      let expected: unknown
      try {
        callJob(engine, name, args)
      } catch (thrown) {
        expected = thrown
      }
      expect(error.toJSON()).toEqual((expected as HoldfastError).toJSON())
      expect(error.constructor).toBe((expected as HoldfastError).constructor)
    }
  })

  test('answers many jobs in whatever order they end, each with its own answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(4_000), { minLength: 2, maxLength: 12 }), async (lengths) => {
        const answers = await Promise.all(
          lengths.map((length, i) =>
            i % 2 === 0 ? pool.hash.blake3(bytes(length, i)) : pool.envelopes.sealMany(KEY, [bytes(12, i)], [bytes(length)]),
          ),
        )
        expect(answers).toEqual(
          lengths.map((length, i) =>
            i % 2 === 0 ? engine.hash.blake3(bytes(length, i)) : engine.envelopes.sealMany(KEY, [bytes(12, i)], [bytes(length)]),
          ),
        )
      }),
      { numRuns: 15 },
    )
  })

  test('tells progress between files, as the engine does', async () => {
    const heard = async (run: (onProgress: (done: number, total: number) => void) => unknown) => {
      const steps: number[][] = []
      await run((done, total) => steps.push([done, total]))
      return steps
    }
    const steps = await heard((onProgress) => pool.container.pack(JSON_TEXT, FILES, 0, { inputs: 'copy', onProgress }))
    expect(steps).toEqual(await heard((onProgress) => engine.container.pack(JSON_TEXT, FILES, 0, onProgress)))
    expect(steps.length).toBe(2)
  })
})

describe('inputs', () => {
  test('are given up: messages are detached when the call returns, keys are not', async () => {
    const pool = await startPool()
    const [key, message] = [bytes(32), bytes(1000)]
    const sealing = pool.aead.chacha20poly1305.seal(key, bytes(12), AAD, message)
    expect([message.length, message.buffer.byteLength]).toEqual([0, 0])
    key.fill(0)
    expect(await sealing).toEqual(engines[0]?.[1].aead.chacha20poly1305.seal(KEY, bytes(12), AAD, bytes(1000)))
    const file = { designator: 'orb_pkg', path: 'x', content: bytes(100) }
    await pool.container.pack(JSON_TEXT, [file], 0)
    expect(file.content.length).toBe(0)
  })

  test("stay the caller's when asked", async () => {
    const pool = await startPool()
    const message = bytes(1000)
    await pool.hash.blake3(message, undefined, { inputs: 'copy' })
    expect(message).toEqual(bytes(1000))
  })

  test('that are part of a buffer, in shared memory or empty are copied, and nothing else of the buffer is touched', () => {
    const whole = bytes(100)
    const shared = new Uint8Array(new SharedArrayBuffer(10)).fill(3)
    const empty = new Uint8Array(0)
    const [taken] = takeInputs([[whole.subarray(10, 20), shared, empty]], 0) as [Uint8Array[]]
    expect(taken).toEqual([bytes(100).subarray(10, 20), new Uint8Array(10).fill(3), empty])
    expect(taken.map(({ buffer }) => buffer.byteLength)).toEqual([10, 10, 0])
    expect(whole).toEqual(bytes(100))
    expect(takeInputs([empty], 0)).toEqual([empty])
  })

  test('may be a Node Buffer, and one array twice', () => {
    const buffer = Buffer.from(bytes(100).buffer)
    const [taken] = takeInputs([[buffer, buffer]], 0) as [Uint8Array[]]
    expect(taken).toEqual([bytes(100), bytes(100)])
    expect(buffer.length).toBe(0)
  })

  test('that were given up before are refused, not taken for empty ones', () => {
    const message = bytes(10)
    takeInputs([message], 0)
    for (const bulk of [0, undefined]) expect(codeOf(() => takeInputs([message], bulk))).toBe('invalid_argument')
  })

  test('that are handles are refused', () => {
    for (const [, engine] of engines) {
      using key = engine.aead.chacha20poly1305.makeKey()
      expect(codeOf(() => takeInputs([[key]], undefined))).toBe('invalid_argument')
    }
  })

  test('are wiped in the worker when the job is done, whatever came of it', async () => {
    const heard: string[] = []
    const hear = serve((message) => heard.push(message.kind))
    await hear({ kind: 'start', backend: 'wasm', module: new WebAssembly.Module(CORE) })
    const pair = { publicKey: bytes(32), secretKey: bytes(32, 2) }
    for (const [name, args] of [
      ['aead.chacha20poly1305.seal', [bytes(32), bytes(12), AAD.slice(), bytes(100)]],
      ['sealedBox.openMany', [pair, [bytes(100), bytes(30)]]],
      ['kdf.argon2id', [{ password: bytes(9), salt: bytes(16), opsLimit: 1, memLimit: 8192, length: 32 }]],
      ['aead.chacha20poly1305.open', [bytes(32), bytes(12), AAD.slice(), bytes(100)]],
    ] as const) {
      await hear({ kind: 'work', name, args, progress: false })
      for (const buffer of buffersOf(args)) expect(new Uint8Array(buffer).every((byte) => byte === 0)).toBe(true)
    }
    expect(heard).toEqual(['ready', 'done', 'done', 'done', 'failed'])
  })
})

test('errors keep their causes across the border', () => {
  const error = new StructureError(
    'truncated',
    { what: 'a thing', expected: 3, got: 2 },
    { cause: new AuthenticationError('a box', { cause: new TypeError('odd') }) },
  )
  const restored = restoreError(structuredClone(flattenError(error)))
  expect(restored).toBeInstanceOf(StructureError)
  expect(restored.cause).toBeInstanceOf(AuthenticationError)
  expect((restored.cause as Error).cause).toMatchObject({ name: 'TypeError', message: 'odd' })
  expect(restoreError(flattenError('text'))).toMatchObject({ message: 'text' })
})

describe('an abort', () => {
  test('before the call refuses it, and takes nothing', async () => {
    const pool = await startPool()
    const message = bytes(10)
    const error = await rejection(pool.hash.blake3(message, undefined, { signal: AbortSignal.abort('not now') }))
    expect(error).toMatchObject({ code: 'aborted', cause: 'not now', retry: { safe: true }, remedy: 'retry' })
    expect(message.length).toBe(10)
  })

  test('of a job that waits drops it, and no worker is touched', async () => {
    const workers = watchWorkers()
    const pool = await startPool()
    const [running, waiting] = [new AbortController(), new AbortController()]
    const first = rejection(endless(pool, running.signal))
    const second = rejection(pool.hash.blake3(bytes(10), undefined, { signal: waiting.signal }))
    waiting.abort('second')
    expect(await second).toMatchObject({ code: 'aborted', cause: 'second' })
    expect(workers.length).toBe(1)
    running.abort('first')
    expect(await first).toMatchObject({ code: 'aborted', cause: 'first' })
  })

  test('of a job that waits wipes what the pool took', async () => {
    const silent = { post() {}, hold() {}, release() {}, async terminate() {} }
    const scheduler = new Scheduler(1, () => silent, { kind: 'start', backend: 'wasm', module: undefined })
    const controller = new AbortController()
    const args = [bytes(32), [bytes(100)]]
    const error = rejection(scheduler.run('hash.blake3', args, controller.signal, undefined))
    controller.abort()
    expect(await error).toMatchObject({ code: 'aborted' })
    expect(args).toEqual([new Uint8Array(32), [new Uint8Array(100)]])
  })

  test('of a job that runs ends its worker, and another takes its place', async () => {
    const workers = watchWorkers()
    const pool = await startPool()
    const controller = new AbortController()
    const error = rejection(
      pool.container.pack(JSON_TEXT, FILES, 0, { inputs: 'copy', signal: controller.signal, onProgress: () => controller.abort() }),
    )
    const next = pool.hash.blake3(bytes(10))
    expect(await error).toMatchObject({ code: 'aborted', cause: { name: 'AbortError' } })
    expect(await next).toEqual(engines[0]?.[1].hash.blake3(bytes(10)))
    expect(workers.length).toBe(2)
    expect(workers[0]?.threadId).toBe(-1)
  })

  test('after the job is done changes nothing', async () => {
    const workers = watchWorkers()
    const pool = await startPool()
    const controller = new AbortController()
    await pool.hash.blake3(bytes(10), undefined, { signal: controller.signal })
    controller.abort()
    expect((await pool.hash.blake3(bytes(10))).length).toBe(32)
    expect(workers.length).toBe(1)
  })

  test('by what a progress callback throws gives just that', async () => {
    const pool = await startPool()
    const onProgress = () => {
      throw new RangeError('enough')
    }
    expect(await rejection(pool.container.pack(JSON_TEXT, FILES, 0, { inputs: 'copy', onProgress }))).toMatchObject({ message: 'enough' })
    expect((await pool.hash.blake3(bytes(10))).length).toBe(32)
  })
})

describe('a worker that dies', () => {
  test('during a job loses that job alone, and is replaced', async () => {
    const workers = watchWorkers()
    const pool = await startPool()
    const lost = rejection(endless(pool))
    const next = pool.hash.blake3(bytes(10))
    await workers[0]?.terminate()
    expect(await lost).toMatchObject({
      code: 'worker_lost',
      retry: { safe: true },
      remedy: 'retry',
      cause: { message: 'the worker ended with exit code 1' },
    })
    expect((await next).length).toBe(32)
    expect(workers.length).toBe(2)
  })

  test('while idle is replaced by the next job', async () => {
    const workers = watchWorkers()
    const pool = await startPool()
    await workers[0]?.terminate()
    expect((await pool.hash.blake3(bytes(10))).length).toBe(32)
  })
})

describe('closing', () => {
  test('refuses what runs, what waits and what comes later, and ends every worker', async () => {
    const workers = watchWorkers()
    const pool = await startPool({ size: 2 })
    const jobs = [endless(pool), endless(pool), pool.hash.blake3(bytes(10))].map(rejection)
    await pool.close()
    for (const error of await Promise.all(jobs)) expect(error).toMatchObject({ code: 'pool_closed', remedy: 'fix-call' })
    expect(await rejection(pool.hash.blake3(bytes(10)))).toMatchObject({ code: 'pool_closed' })
    await pool.close()
    expect(workers.map(({ threadId }) => threadId)).toEqual([-1, -1])
  })

  test('happens at the end of an `await using` block', async () => {
    const workers = watchWorkers()
    {
      await using pool = await startNodePool({ size: 1, worker: installed.worker('node-worker') })
      await pool.hash.blake3(bytes(10))
    }
    expect(workers[0]?.threadId).toBe(-1)
  })
})

describe('starting', () => {
  test.each([
    ['is missing', () => new URL('file:///nowhere/worker.js')],
    ['ends at once', () => new URL('data:text/javascript,process.exit(3)')],
    ['throws', () => new URL('data:text/javascript,throw new Error("no")')],
  ])('with a script that %s is workers_unavailable', async (_, worker) => {
    expect(await rejection(startNodePool({ size: 2, worker: worker() }))).toMatchObject({
      code: 'workers_unavailable',
      remedy: 'change-environment',
      cause: expect.any(Error),
    })
  })

  test('without Web Workers is workers_unavailable', async () => {
    expect(globalThis.Worker).toBeUndefined()
    const error = await rejection(startWebPool({ wasm: new Uint8Array(CORE), size: 1 }))
    expect(error).toMatchObject({ code: 'workers_unavailable', cause: expect.any(ReferenceError) })
  })

  test('with a core that computes wrongly falls back on `auto`, told, and fails on `wasm`', async () => {
    const wrong = CORE.slice()
    const sigma = Buffer.from(CORE).indexOf('expa')
    if (sigma < 0) throw new Error('the constant of ChaCha20 is not in the core as data')
    for (let at = sigma; at >= 0; at = Buffer.from(CORE).indexOf('expa', at + 1)) wrong[at] = 0
    const reasons: string[] = []
    const pool = await startPool({ wasm: wrong, onFallback: ({ reason }) => reasons.push(reason) })
    expect([pool.backend, reasons]).toEqual(['sodium', ['self_test_failed']])
    expect(await rejection(startPool({ wasm: wrong, backend: 'wasm' }))).toMatchObject({ code: 'self_test_failed' })
  })

  test('checks the core and the size first', async () => {
    expect(await rejection(startPool({ wasm: encodeUtf8('<!doctype html>') }))).toMatchObject({ code: 'core_damaged' })
    for (const size of [0, 65, 1.5]) expect(await rejection(startPool({ size }))).toMatchObject({ code: 'invalid_argument' })
  })
})

describe('a process', () => {
  const run = (code: string, ...flags: string[]) => {
    const file = join(installed.folder, `${expect.getState().currentTestName?.replace(/\W+/g, '-')}.mjs`)
    writeFileSync(file, code)
    return promisify(execFile)(process.execPath, [...flags, file], { timeout: 60_000 })
  }

  test('ends by itself after the example of the README', async () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const [, example = ''] = /^```js\n([\s\S]*?)^```$/m.exec(readme) ?? []
    expect(example).toContain('@holdfast/crypto/workers')
    const { stdout, stderr } = await run(example)
    expect([stdout, stderr]).toEqual(['4 envelopes, wasm\n', ''])
  })

  test('ends by itself when a pool is left open', async () => {
    const { stdout } = await run(`
      import { startPool } from '@holdfast/crypto/workers'
      const pool = await startPool({ size: 2 })
      console.log((await pool.hash.blake3(new Uint8Array(9))).length)
    `)
    expect(stdout).toBe('32\n')
  })

  test('that may not start workers gets workers_unavailable', async () => {
    const flag = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission'
    const { stdout } = await run(
      `
      import { startPool } from '@holdfast/crypto/workers'
      const error = await startPool().catch((error) => error)
      console.log(error.code, error.cause.code)
    `,
      flag,
      '--allow-fs-read=*',
    )
    expect(stdout).toBe('workers_unavailable ERR_ACCESS_DENIED\n')
  })
})
