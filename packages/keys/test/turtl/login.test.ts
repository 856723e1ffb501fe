import { readFileSync } from 'node:fs'
import { decodeBase64, decodeHex, decodeUtf8, encodeHex, Secret } from '@holdfast/base'
import { expect, test } from 'vitest'
import { describeOnEveryEngine } from '../../../wire/test/every-engine'
import {
  deriveAuthToken,
  deriveTurtlLogin,
  openLoginToken,
  openSavedLogin,
  sealLoginToken,
  sealSavedLogin,
  verifyTurtlDerivations,
} from '../../src/index'

const { cases } = JSON.parse(readFileSync(new URL('../../../../vectors/turtl-sharing.json', import.meta.url), 'utf8'))
const vector = (id: string) => cases.find((one: { id: string }) => one.id === id)

describeOnEveryEngine('a login to Turtl (turtl §3)', (engine) => {
  const login = { id: '7', ...deriveTurtlLogin(engine, 'Alice@Example.com', 'correct horse battery staple') }

  test('one derivation gives the lowercase name, the master key and the auth token (§3.4)', () => {
    expect(login.username).toBe('alice@example.com')
    expect(encodeHex(login.masterKey.expose())).toBe('bf68e2099c4af398f8ea364ef2bd4236390050447e0c4b0f46a79adf90054bba')
    expect(login.authToken.use((digits) => decodeUtf8(digits))).toBe(
      deriveAuthToken(engine, 'alice@example.com', 'correct horse battery staple'),
    )
  })

  test('a login token is sealed byte for byte (§3.7)', () => {
    const { token } = vector('login_token').in
    expect(sealLoginToken(engine, login, decodeBase64(token).slice(5, 17))).toBe(token)
  })

  test('a saved login is sealed byte for byte, and opens again (§3.7)', () => {
    const { key, envelope } = vector('login_token.saved').in
    const savedKey = new Secret('turtl-saved-login-key', decodeHex(key), 32)
    const { token } = vector('login_token').in
    expect(encodeHex(sealSavedLogin(engine, savedKey, token, decodeHex(envelope).slice(5, 17)))).toBe(envelope)
    const opened = openSavedLogin(engine, savedKey, decodeHex(envelope))
    expect([opened.id, opened.username]).toEqual(['7', 'alice@example.com'])
    expect(opened.masterKey.expose()).toEqual(login.masterKey.expose())
  })

  test('what is sealed opens to what it was, under random nonces', () => {
    const token = sealLoginToken(engine, login)
    expect(token).not.toBe(sealLoginToken(engine, login))
    expect(openLoginToken(engine, token).authToken.expose()).toEqual(login.authToken.expose())
  })

  test('the known answer comes out', () => {
    expect(() => verifyTurtlDerivations(engine)).not.toThrow()
  })

  test('an engine that derives other keys is found out before it is used', () => {
    const scrypt: typeof engine.kdf.scrypt = (options) => engine.kdf.scrypt({ ...options, opsLimit: options.opsLimit * 2 })
    const wrongKdf = { ...engine, kdf: { ...engine.kdf, scrypt } }
    expect(() => verifyTurtlDerivations(wrongKdf)).toThrow(expect.objectContaining({ code: 'derivation_mismatch' }))
  })
})
