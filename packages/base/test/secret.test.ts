import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as base from '../src/index'
import {
  ArgumentError,
  AuthenticationError,
  encodeBase64,
  encodeHex,
  HoldfastError,
  Secret,
  StructureError,
  systemClock,
} from '../src/index'

describe('a secret', () => {
  test('leaks through nothing that prints', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 64 }), (bytes) => {
        const secret = new Secret('factor-secret', bytes)
        const printed = [
          String(secret),
          `${secret}`,
          JSON.stringify({ secret }),
          inspect(secret, { depth: 9, showHidden: true }),
          inspect({ secret }),
          Object.keys(secret).join(),
        ].join('\n')
        for (const form of [encodeHex(bytes), encodeBase64(bytes), bytes.join(','), bytes.join(', ')]) expect(printed).not.toContain(form)
      }),
    )
  })

  test('owns a copy, and zeroes it when wiped', () => {
    const given = new Uint8Array(32).fill(7)
    const secret = new Secret('root-key', given)
    const inner = secret.use((bytes) => bytes)
    given.fill(1)
    expect(inner).toEqual(new Uint8Array(32).fill(7))
    secret.wipe()
    secret.wipe()
    expect(inner).toEqual(new Uint8Array(32))
    expect(() => secret.expose()).toThrow(expect.objectContaining({ code: 'secret_wiped' }))
  })

  test('of the wrong length is refused', () => {
    expect(() => new Secret('root-key', new Uint8Array(31), 32)).toThrow(ArgumentError)
  })

  test('the README example runs', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const code = (/```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '').replace(/^import .*$/m, '')
    const result = new Function('decodeHex', 'HoldfastError', 'Secret', `${code}; return { text, code }`)(
      base.decodeHex,
      base.HoldfastError,
      base.Secret,
    )
    expect(result).toEqual({ text: '[secret object-key] {"key":"[secret object-key]"}', code: 'secret_wiped' })
  })
})

describe('errors', () => {
  test('carry code, retry, remedy and cause, and say what happened, what was given, what to do', () => {
    const cause = new Error('lower down')
    const error = new StructureError('truncated', { what: 'sealed message', expected: 'at least 49 bytes', got: '3 bytes' }, { cause })
    expect(error).toBeInstanceOf(HoldfastError)
    expect(error).toMatchObject({ name: 'StructureError', code: 'truncated', retry: { safe: false }, remedy: 'fix-input', cause })
    expect(error.message).toBe(
      'truncated: expected at least 49 bytes, got 3 bytes (sealed message); the data is damaged or of another format',
    )
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ code: 'truncated', remedy: 'fix-input' })
  })

  test('a failed authentication has one code, whatever failed', () => {
    expect(new AuthenticationError('the envelope').code).toBe('auth_failed')
  })
})

test('the clock’s sleep ends with its signal', async () => {
  const reason = new Error('stop')
  await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason)
  const controller = new AbortController()
  const sleeping = systemClock.sleep(60_000, controller.signal)
  controller.abort(reason)
  await expect(sleeping).rejects.toBe(reason)
})
