import { inspect } from 'node:util'
import { decodeHex, encodeBase64, encodeHex, HoldfastError, type Random } from '@holdfast/base'
import { sealEnvelope } from '@holdfast/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeOnEveryEngine } from '../../wire/test/every-engine'
import {
  deriveBackupAccount,
  deriveMasterKey,
  deriveRecoveryFactor,
  exposeRootKeyJson,
  loadRootKey,
  loadSigningKey,
  makeFactorSecret,
  makeRecoveryPhrase,
  makeRootKey,
  makeSigningKey,
  openInvite,
  openLoginToken,
} from '../src/index'

/** Everything a value could print as. */
function printed(value: unknown): string {
  const wrapped = { value, list: [value], map: new Map([['key', value]]) }
  const error = new HoldfastError('example', 'example', { cause: value })
  return [
    String(value),
    `${value}`,
    JSON.stringify(wrapped),
    inspect(wrapped, { depth: 20, showHidden: true, getters: true }),
    inspect(error, { depth: 20, showHidden: true }),
    JSON.stringify(error),
    Object.keys(value as object).join(),
  ].join('\n')
}

function expectRedacted(value: unknown, bytes: Uint8Array, also: readonly string[] = []): void {
  const text = printed(value)
  const forms = [encodeHex(bytes), encodeHex(bytes).toUpperCase(), encodeBase64(bytes), bytes.join(','), bytes.join(', '), ...also]
  for (const form of forms) expect(text).not.toContain(form)
}

const seeds = fc.uint8Array({ minLength: 48, maxLength: 48 }).filter((seed) => new Set(seed).size > 8)
const randomOf =
  (seed: Uint8Array): Random =>
  (length) =>
    new Uint8Array(seed.subarray(0, length))

describeOnEveryEngine('no secret of keys prints', (engine) => {
  test('root keys, backup accounts, factor secrets, signing keys and recovery factors', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = randomOf(seed)
        const rootKey = makeRootKey(random)
        expectRedacted(rootKey, seed.subarray(0, 32), [exposeRootKeyJson(rootKey)])
        const account = deriveBackupAccount(engine, rootKey)
        expectRedacted(account, account.secretKey.expose())
        expectRedacted(makeFactorSecret(random), seed.subarray(0, 32))
        const signingKey = makeSigningKey(random)
        expectRedacted(signingKey, signingKey.secret.expose())
        const recovery = deriveRecoveryFactor(makeRecoveryPhrase(random))
        expectRedacted(recovery, recovery.factorSecret.expose())
        expectRedacted(recovery, recovery.signingKey.secret.expose())
      }),
      { numRuns: 10 },
    )
  })

  test('Turtl’s master key, login token and space key', () => {
    const masterKey = deriveMasterKey(engine, 'alice@example.com', 'correct horse battery staple')
    expectRedacted(masterKey, masterKey.expose())
    const seal = (key: string, fields: object) =>
      encodeBase64(sealEnvelope(engine, decodeHex(key), new TextEncoder().encode(JSON.stringify(fields))))
    const secret = new Uint8Array(32).map((_, i) => 200 - 3 * i)
    const token = openLoginToken(
      engine,
      seal('21625f77ecf8961f5bbb5e771251be502ef9adffd6c2b058c5d026ea90219034', {
        id: 7,
        key: encodeBase64(secret),
        auth: 'authentic-secret',
        username: 'alice',
      }),
    )
    expect(token).toMatchObject({ id: '7', username: 'alice' })
    expectRedacted(token, secret, ['authentic-secret'])
    const message = encodeBase64(new TextEncoder().encode(JSON.stringify({ space_key: encodeBase64(secret) })))
    const spaceKey = openInvite(
      engine,
      { body: seal('5518219e6a2d93e8389f7f972a9b2a2d14ab90d3df41e5fd15f2ab7d5df26add', { message }) },
      null,
    )
    expect(spaceKey.expose()).toEqual(secret)
    expectRedacted(spaceKey, secret)
  })

  test('a refusal of decrypted text that does not parse quotes none of it, nor do its causes', () => {
    const plaintext = new TextEncoder().encode('topsecret-that-is-no-json')
    const login = encodeBase64(
      sealEnvelope(engine, decodeHex('21625f77ecf8961f5bbb5e771251be502ef9adffd6c2b058c5d026ea90219034'), plaintext),
    )
    const body = encodeBase64(
      sealEnvelope(engine, decodeHex('5518219e6a2d93e8389f7f972a9b2a2d14ab90d3df41e5fd15f2ab7d5df26add'), plaintext),
    )
    const calls = [
      ['invalid_login_token', () => openLoginToken(engine, login)],
      ['invalid_invite', () => openInvite(engine, { body }, null)],
      ['invalid_root_key', () => loadRootKey('{"version":"V1","key":"topsecret"}')],
      ['invalid_argument', () => loadSigningKey(new TextEncoder().encode('topsecret'))],
    ] as const
    for (const [code, call] of calls) {
      expect(call).toThrow(expect.objectContaining({ code }))
      try {
        call()
      } catch (error) {
        expect(inspect(error, { depth: 20, showHidden: true }).replaceAll(/^\s+at .*$/gm, '')).not.toContain('topsecret')
      }
    }
  })
})

describeOnEveryEngine('secrets are zeroed when done', (engine) => {
  test('wipe() zeroes the bytes that were lent', () => {
    const random = randomOf(new Uint8Array(48).map((_, i) => i + 1))
    const signingKey = makeSigningKey(random)
    const secrets = [
      makeRootKey(random),
      deriveBackupAccount(engine, makeRootKey(random)).secretKey,
      makeFactorSecret(random),
      signingKey.secret,
      deriveMasterKey(engine, 'a@b', 'password'),
    ]
    for (const secret of secrets) {
      const lent = secret.use((bytes) => bytes)
      expect(lent.some((byte) => byte !== 0)).toBe(true)
      secret.wipe()
      expect(lent.every((byte) => byte === 0)).toBe(true)
      expect(() => secret.expose()).toThrow(expect.objectContaining({ code: 'secret_wiped' }))
    }
    expect(() => signingKey.sign(new Uint8Array())).toThrow(expect.objectContaining({ code: 'secret_wiped' }))
  })

  test('what a key was made from is zeroed', () => {
    for (const make of [makeRootKey, makeFactorSecret, makeSigningKey, makeRecoveryPhrase]) {
      const drawn: Uint8Array[] = []
      make((length) => {
        const bytes = new Uint8Array(length).fill(7)
        drawn.push(bytes)
        return bytes
      })
      expect(drawn).not.toHaveLength(0)
      for (const bytes of drawn) expect(bytes.every((byte) => byte === 0)).toBe(true)
    }
  })
})
