import { init } from '@holdfast/crypto'
import { describe, expect, test } from 'vitest'
import { runVectors, type VectorCase, type VectorSuite } from '../src/index'

describe('the runner', () => {
  const suite = (vector: Partial<VectorCase>): VectorSuite[] => [
    { schema: 'holdfast-vectors/1', suite: 's', source: '', cases: [{ id: 'one', op: 'hash.blake3', in: { message: '' }, ...vector }] },
  ]
  const digest = 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'
  const run = async (vector: Partial<VectorCase>) => {
    const { passed, failed, skipped } = await runVectors(await init(), suite(vector))
    return { passed, failed, skipped }
  }

  test('counts an unknown operation as skipped', async () => {
    expect(await run({ op: 'no.such', out: {} })).toEqual({ passed: 0, failed: 0, skipped: 1 })
  })

  test('compares all members, or with subset the listed ones', async () => {
    expect(await run({ out: { digest } })).toMatchObject({ passed: 1 })
    expect(await run({ out: { digest: digest.replace('a', 'b') } })).toMatchObject({ failed: 1 })
    expect(await run({ out: {} })).toMatchObject({ failed: 1 })
    expect(await run({ out: {}, subset: true })).toMatchObject({ passed: 1 })
  })

  test('reads large inputs and outputs in their short forms', async () => {
    expect(await run({ in: { message: { repeat: '00', times: 0 } }, out: { digest: { sha256: 'c7ab', length: 32 } } })).toMatchObject({
      failed: 1,
    })
    expect(await run({ in: { message: { repeat: '', times: 9 } }, out: { digest } })).toMatchObject({ passed: 1 })
  })

  test('takes only typed errors for errors, and of the named code', async () => {
    expect(await run({ in: { message: 'x' }, error: 'invalid_hex' })).toMatchObject({ passed: 1 })
    expect(await run({ in: { message: 'x' }, error: 'auth_failed' })).toMatchObject({ failed: 1 })
    expect(await run({ in: {}, error: true })).toMatchObject({ failed: 1 })
    expect(await run({ error: true })).toMatchObject({ failed: 1 })
  })
})
