import { encodeHex, encodeUtf8 } from '@holdfast/base'
import { expect, test } from 'vitest'
import { describeOnEveryEngine } from '../../wire/test/every-engine'
import { codeOf } from '../../wire/test/refusal'
import { deriveBackupAccount, deriveSubkey, exposeRootKeyJson, loadRootKey, makeRootKey, signWithBackupAccount } from '../src/index'

const ELEVENS = `{"version":"V1","key":"${'11'.repeat(32)}"}`

describeOnEveryEngine('root key (world-backup-client §5)', (engine) => {
  test('a new one is canonical V1 JSON of 89 bytes, and loads again', () => {
    const json = exposeRootKeyJson(makeRootKey(engine.random))
    expect(json).toMatch(/^\{"version":"V1","key":"[0-9a-f]{64}"\}$/)
    expect(json).toHaveLength(89)
    expect(exposeRootKeyJson(loadRootKey(json))).toBe(json)
  })

  test('loading makes the text canonical', () => {
    expect(exposeRootKeyJson(loadRootKey(`{"key":"${'AB'.repeat(32)}" ,"version":"V1"}`))).toBe(
      `{"version":"V1","key":"${'ab'.repeat(32)}"}`,
    )
    expect(codeOf(() => loadRootKey('11'.repeat(32)))).toBe('invalid_root_key')
  })

  // §5.3
  test.each([
    [
      ELEVENS,
      '05823b27fb23c5f9fa5d69cc545dfc98777c2c7d291f346eb4ab314478d2b1b7',
      '039797dc9fec4e3d3f2f27173ba0faac160ee2f803954e8552c308da22ab40ab5c',
    ],
    [
      `{"version":"V1","key":"21${'11'.repeat(31)}"}`,
      '3fc537de1b789b1bb958cec08008a7387c311e635106ff74569bfbdc69b4e05d',
      '03f905254d945be38b044916fdbe93f737f04e4d4b901360bee5d094cfa874b361',
    ],
    [
      `{"version":"V0","key":"${'1'.repeat(64)}"}`,
      'b8e375ceb9f7c553513b7ae05e7de7db74684f2efa5e893e66f5296cd192cb95',
      '02857496e760e010b2d9d9b3f6f87c89163d8eaf216a63b398302c239411602db1',
    ],
    [
      `{"version":"V0","key":"2${'1'.repeat(63)}"}`,
      '89678f2d7b3deadced57040e708403ba9ec750bb918818da5b44f135b115492f',
      '0399797c218c7bde29124fe656265c4888fda6cf01c4934319fb845d4bb6613ccf',
    ],
  ])('%s has its published backup account', (json, scalar, publicKey) => {
    const account = deriveBackupAccount(engine, loadRootKey(json))
    expect(account.secretKey.use(encodeHex)).toBe(scalar)
    expect(account).toMatchObject({ publicKey, accountId: `backup_account_${publicKey}` })
  })

  test('it signs a challenge as published (§5.4)', () => {
    expect(signWithBackupAccount(engine, loadRootKey(ELEVENS), encodeUtf8('deterministic check'))).toBe(
      'MEUCIQD21B6djfqPZsbWff/VEflWrG2c28quXBdy8CjBWNBuDQIgZ7dHQ8lHUAUVItwbin7lyBSvvTVyWbmSpvRHckWFwgs=',
    )
  })

  test('subkey ids are unsigned integers of 64 bits', () => {
    const rootKey = loadRootKey(ELEVENS)
    const subkeys = [0n, 1n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 64n - 1n].map((id) => encodeHex(deriveSubkey(engine, rootKey, id)))
    expect(new Set(subkeys).size).toBe(5)
    for (const id of [-1n, 2n ** 64n]) expect(codeOf(() => deriveSubkey(engine, rootKey, id))).toBe('invalid_argument')
  })

  test('a wiped one derives nothing', () => {
    const rootKey = makeRootKey(engine.random)
    rootKey.wipe()
    expect(codeOf(() => deriveBackupAccount(engine, rootKey))).toBe('secret_wiped')
  })
})
