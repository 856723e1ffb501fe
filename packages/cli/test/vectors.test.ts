/** `holdfast vectors run FILE… --backend wasm|sodium`. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, test } from 'vitest'
import { Desk } from './run'

const VECTORS = fileURLToPath(new URL('../../../vectors', import.meta.url))
const all = readdirSync(VECTORS)
  .filter((name) => name.endsWith('.json'))
  .map((name) => join(VECTORS, name))

let desk: Desk
beforeEach(async () => {
  desk = await Desk.make()
  return () => desk.clear()
})

const suite = (...cases: object[]) => JSON.stringify({ schema: 'holdfast-vectors/1', suite: 's', source: 'x', cases })
const HELLO = {
  id: 'right',
  op: 'hash.blake3',
  in: { message: '' },
  out: { digest: 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262' },
}
const run = (...more: string[]) => desk.run(['vectors', 'run', desk.path('v.json'), ...more])

describe.each(['wasm', 'sodium'])('vectors run --backend %s', (backend) => {
  test('every vector of ours passes, and every op is known', async () => {
    const ran = await desk.run(['vectors', 'run', ...all, '--backend', backend])
    expect(ran.code).toBe(0)
    expect(ran.stdout).toMatch(/\n[1-9]\d* passed, 0 failed, \d+ skipped\n$/)
    expect(ran.stdout).not.toMatch(/^FAILED/m)
  })

  test('a wrong answer is named, counted, and makes the exit code non-zero', async () => {
    await desk.write({ 'v.json': suite(HELLO, { ...HELLO, id: 'wrong', out: { digest: '00' } }) })
    const ran = await run('--backend', backend)
    expect(ran.code).toBe(6)
    expect(ran.stdout).toMatch(/^FAILED .*v\.json wrong \(hash\.blake3\)[\s\S]*\n1 passed, 1 failed, 0 skipped\n$/)
  })

  test('an unknown op is skipped and named, never passed', async () => {
    await desk.write({ 'v.json': suite(HELLO, { id: 'later', op: 'native.later', in: {}, out: {} }) })
    const ran = await run('--backend', backend)
    expect(ran).toMatchObject({ code: 0, stdout: 'skipped: native.later is not known to this version\n1 passed, 0 failed, 1 skipped\n' })
    expect((await run('--json')).json()).toMatchObject({ passed: 1, failed: 0, skipped: 1, unknownOps: ['native.later'] })
  })
})

test('a missing file, a file that is not JSON, and one without vectors are errors', async () => {
  expect(await run()).toMatchObject({ code: 7, stderr: expect.stringContaining('ENOENT') })
  await desk.write({ 'v.json': '{"schema": ' })
  expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining('not JSON') })
  await desk.write({ 'v.json': '{}' })
  expect((await run('--json')).json().error.code).toBe('no_vectors')
})
