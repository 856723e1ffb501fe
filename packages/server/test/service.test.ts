import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServiceClient, type ServiceClient } from '@holdfast/backup-service'
import { encodeHex, platformRandom } from '@holdfast/base'
import { makeSigningKey, type SigningKey, solveChallenge } from '@holdfast/keys'
import type { Hono } from 'hono'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AppEnv, createApp, type Database, openBlobFolder, openDatabase, startServer } from '../src/index'

const EMPTY = '85c9d3437fbd13e892674f14603650fff5cb32db314d375722f39f84f501036f'
const hash = (n: number) => n.toString(16).padStart(64, '0')
const id = () => `backup_account_02${encodeHex(platformRandom(32))}`
const code = (code: string) => expect.objectContaining({ code })

let folder: string
let database: Database
let app: Hono<AppEnv>
let client: ServiceClient
let now = 1_700_000_000_000
const clock = { now: () => now, sleep: async () => {} }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-server-'))
  database = await openDatabase({ folder: undefined })
  app = createApp({
    database,
    blobs: await openBlobFolder(join(folder, 'blobs')),
    clock,
    random: platformRandom,
    attestation: 'bypass',
    tokenKey: platformRandom(32),
  })
  client = createServiceClient({ baseUrl: 'http://service', fetch: async (url, init) => app.request(url, init), clock })
})

afterAll(async () => {
  await database.destroy()
  await rm(folder, { recursive: true })
})

interface Account {
  id: string
  mainFactor: SigningKey
  syncFactor: SigningKey
}

async function createAccount(): Promise<Account> {
  const account = { id: id(), mainFactor: makeSigningKey(platformRandom), syncFactor: makeSigningKey(platformRandom) }
  await client.create({
    ...account,
    backupAccountId: account.id,
    encryptionKey: { kind: 'ICLOUD', encryptedKey: 'ab' },
    manifestHash: EMPTY,
    sealedBackup: new Uint8Array([1]),
  })
  return account
}

const post = (path: string, body: unknown, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  app.request(path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) })

const challenge = async (path: string) =>
  (await (await post(`${path}/challenge/keypair`, {})).json()) as { challenge: string; token: string }

describe('create and retrieve (backup-service-api §1.7, §1.9)', () => {
  test('what was created is retrieved by the main factor, and its metadata by the sync factor', async () => {
    const account = await createAccount()
    const { sealedBackup, metadata } = await client.retrieve(account)
    expect(sealedBackup).toEqual(new Uint8Array([1]))
    expect(metadata).toMatchObject({
      id: account.id,
      manifestHash: EMPTY,
      keys: [{ kind: 'ICLOUD', encryptedKey: 'ab' }],
      factors: [{ createdAt: 1_700_000_000 }],
    })
    expect(await client.retrieveMetadata({ ...account, backupId: account.id })).toEqual(metadata)
    expect(await client.status(account.id)).toEqual({ backupId: account.id, factors: [{ kind: 'EC_KEYPAIR', accountKind: null }] })
  })

  test('an id that exists is a conflict, a factor that exists is refused', async () => {
    const account = await createAccount()
    const request = {
      ...account,
      encryptionKey: { kind: 'PRF', encryptedKey: '' } as const,
      manifestHash: EMPTY,
      sealedBackup: new Uint8Array(1),
    }
    await expect(client.create({ ...request, backupAccountId: account.id })).rejects.toEqual(code('backup_account_id_already_exists'))
    await expect(client.create({ ...request, backupAccountId: id() })).rejects.toEqual(code('factor_already_exists'))
  })

  test('a sync factor cannot retrieve, a main factor cannot sync', async () => {
    const account = await createAccount()
    await expect(client.retrieve({ mainFactor: account.syncFactor })).rejects.toEqual(code('backup_untraceable'))
    await expect(client.retrieveMetadata({ syncFactor: account.mainFactor })).rejects.toEqual(code('backup_untraceable'))
  })

  test('an unknown sync factor is told whether the backup exists (§1.14)', async () => {
    const account = await createAccount()
    const stranger = makeSigningKey(platformRandom)
    await expect(client.retrieveMetadata({ syncFactor: stranger, backupId: account.id })).rejects.toEqual(code('unauthorized_factor'))
    await expect(client.retrieveMetadata({ syncFactor: stranger, backupId: id() })).rejects.toEqual(code('backup_does_not_exist'))
    await expect(client.retrieveMetadata({ ...account, backupId: id() })).rejects.toEqual(code('backup_id_mismatch'))
  })
})

describe('sync (§1.13, §4.2)', () => {
  test('moves the head from the expected hash only', async () => {
    const { syncFactor, mainFactor } = await createAccount()
    await client.sync({
      syncFactor,
      currentManifestHash: `0x${EMPTY.toUpperCase()}`,
      newManifestHash: hash(1),
      sealedBackup: new Uint8Array([2]),
    })
    await expect(
      client.sync({ syncFactor, currentManifestHash: EMPTY, newManifestHash: hash(2), sealedBackup: new Uint8Array([3]) }),
    ).rejects.toEqual(code('manifest_hash_mismatch'))
    expect(await client.retrieve({ mainFactor })).toMatchObject({ sealedBackup: new Uint8Array([2]), metadata: { manifestHash: hash(1) } })
  })

  test('of many at once from one hash exactly one wins, and its blob is the one kept', async () => {
    const { syncFactor, mainFactor } = await createAccount()
    for (let round = 0; round < 5; round++) {
      const base = round === 0 ? EMPTY : (await client.retrieveMetadata({ syncFactor })).manifestHash
      const syncs = Array.from({ length: 8 }, (_, i) =>
        client
          .sync({
            syncFactor,
            currentManifestHash: base,
            newManifestHash: hash(1000 * round + i + 1),
            sealedBackup: new Uint8Array([round, i]),
          })
          .then(
            () => i,
            (error) => error.code as string,
          ),
      )
      const outcomes = await Promise.all(syncs)
      const winners = outcomes.filter((outcome) => typeof outcome === 'number')
      expect(winners).toHaveLength(1)
      for (const outcome of outcomes)
        if (typeof outcome === 'string') expect(['manifest_hash_mismatch', 'conflicting_lock']).toContain(outcome)
      expect((await client.retrieve({ mainFactor })).sealedBackup).toEqual(new Uint8Array([round, winners[0] as number]))
    }
  })

  test('sizes are judged before the proof: empty, one byte over 15 MiB, over the request limit', async () => {
    const { syncFactor } = await createAccount()
    const request = { syncFactor, currentManifestHash: EMPTY, newManifestHash: hash(1) }
    await expect(client.sync({ ...request, sealedBackup: new Uint8Array() })).rejects.toEqual(code('empty_backup_file'))
    await expect(client.sync({ ...request, sealedBackup: new Uint8Array(15 * 2 ** 20 + 1) })).rejects.toEqual(code('content_too_large'))
    await client.sync({ ...request, sealedBackup: new Uint8Array(15 * 2 ** 20) })
    const tooLong = await post('/v1/sync', '', {
      'content-type': 'multipart/form-data; boundary=x',
      'content-length': String(16 * 2 ** 20 + 1),
    })
    expect([tooLong.status, ((await tooLong.json()) as { error: { message: string } }).error.message]).toEqual([
      413,
      'Request body of 16777217 bytes is too large.',
    ])
  })

  test('multipart mistakes have their own codes, in order (§1.7)', async () => {
    const form = (...parts: string[]) =>
      post('/v1/sync', `${parts.map((part) => `--b\r\n${part}\r\n`).join('')}--b--\r\n`, {
        'content-type': 'multipart/form-data; boundary=b',
      })
    const codeOf = async (response: Response) => ((await response.json()) as { error: { code: string } }).error.code
    const part = (name: string, text: string) => `content-disposition: form-data; name="${name}"\r\n\r\n${text}`
    expect(await codeOf(await form(part('backup', 'x')))).toBe('missing_payload_field')
    expect(await codeOf(await form(part('payload', '{}'), part('backup', 'x')))).toBe('invalid_payload')
    expect(await codeOf(await post('/v1/sync', '--b\r\n', { 'content-type': 'multipart/form-data; boundary=b' }))).toBe('multipart_error')
    expect((await post('/v1/sync', '', { 'content-type': 'text/plain' })).status).toBe(400)
  })
})

describe('sync factors (§1.12)', () => {
  test('a token registers one factor, which may sync and delete', async () => {
    const account = await createAccount()
    const { syncFactorToken } = await client.retrieve(account)
    const syncFactor = makeSigningKey(platformRandom)
    await client.addSyncFactor({ syncFactor, syncFactorToken })
    await expect(client.addSyncFactor({ syncFactor: makeSigningKey(platformRandom), syncFactorToken })).rejects.toEqual(
      code('already_used'),
    )
    await expect(client.addSyncFactor({ syncFactor: makeSigningKey(platformRandom), syncFactorToken: 'x' })).rejects.toEqual(
      code('token_not_found'),
    )
    expect((await client.retrieveMetadata({ syncFactor })).syncFactors).toHaveLength(2)
    await client.deleteBackup({ syncFactor })
    await expect(client.status(account.id)).rejects.toEqual(code('not_found'))
    await expect(client.retrieveMetadata({ syncFactor, backupId: account.id })).rejects.toEqual(code('backup_does_not_exist'))
  })

  test('a refused factor leaves the token good, and the 26th is one too many', async () => {
    const account = await createAccount()
    for (let i = 0; i < 24; i++) {
      const { syncFactorToken } = await client.retrieve(account)
      if (i === 0)
        await expect(client.addSyncFactor({ syncFactor: account.syncFactor, syncFactorToken })).rejects.toEqual(
          code('factor_already_exists'),
        )
      await client.addSyncFactor({ syncFactor: makeSigningKey(platformRandom), syncFactorToken })
    }
    const { syncFactorToken } = await client.retrieve(account)
    await expect(client.addSyncFactor({ syncFactor: makeSigningKey(platformRandom), syncFactorToken })).rejects.toEqual(
      code('too_many_factors'),
    )
  })
})

describe('challenges (§2)', () => {
  let account: Account
  beforeEach(async () => {
    account = await createAccount()
  })

  const readMetadata = (token: string, text: string, key = account.syncFactor) =>
    post('/v1/retrieve-metadata', { authorization: solveChallenge(key, text), challengeToken: token })
  const codeOf = async (response: Response) => ((await response.json()) as { error: { code: string } }).error.code

  test('are single use', async () => {
    const { challenge: text, token } = await challenge('/v1/retrieve-metadata')
    expect((await readMetadata(token, text)).status).toBe(200)
    expect(await codeOf(await readMetadata(token, text))).toBe('already_used')
  })

  test('live for 15 minutes', async () => {
    const before = now
    const { challenge: text, token } = await challenge('/v1/retrieve-metadata')
    now += 901_000
    expect(await codeOf(await readMetadata(token, text))).toBe('jwt_error')
    now = before
  })

  test('are bound to their operation, and to the bytes signed', async () => {
    const other = await challenge('/v1/sync')
    expect(await codeOf(await readMetadata(other.token, other.challenge))).toBe('invalid_challenge_context')
    const mine = await challenge('/v1/retrieve-metadata')
    expect(await codeOf(await readMetadata(mine.token, other.challenge))).toBe('signature_verification_error')
    expect(await codeOf(await readMetadata(`${mine.token}x`, mine.challenge))).toBe('jwt_error')
    expect((await readMetadata(mine.token, mine.challenge)).status).toBe(200)
  })
})

describe('the framework’s rejections (§0.4, Appendix C)', () => {
  test.each([
    ['no JSON content type', '{}', { 'content-type': 'text/plain' }, 415],
    ['broken JSON', '{', undefined, 400],
    ['a byte-order mark', '\ufeff{}', undefined, 400],
    ['a duplicate member', '{"backupId":"a","backupId":"a"}', undefined, 422],
    ['a missing member', '{}', undefined, 422],
    ['more than 2 MiB', `{"backupId":"${'x'.repeat(2 ** 21)}"}`, undefined, 413],
  ])('%s', async (_, body, headers, status) => {
    expect((await post('/v1/backup/status', body, headers)).status).toBe(status)
  })

  test('an unknown path is 404, a wrong method 405 with Allow, both empty', async () => {
    expect([(await app.request('/v1/nothing')).status, await (await app.request('/v1/nothing')).text()]).toEqual([404, ''])
    const wrong = await app.request('/v1/sync')
    expect([wrong.status, wrong.headers.get('allow'), await wrong.text()]).toEqual([405, 'POST', ''])
  })
})

test('a started server answers over a socket, keeps its data over a restart, and closes', async () => {
  const dataDir = join(folder, 'data')
  const start = () => startServer({ port: 0, dataDir, attestation: 'bypass' })
  const first = await start()
  const overSocket = (url: string) => createServiceClient({ baseUrl: url, fetch })
  const account = { mainFactor: makeSigningKey(platformRandom), syncFactor: makeSigningKey(platformRandom), backupAccountId: id() }
  await overSocket(first.url).ready()
  await overSocket(first.url).create({
    ...account,
    encryptionKey: { kind: 'ICLOUD', encryptedKey: '' },
    manifestHash: EMPTY,
    sealedBackup: new Uint8Array([7]),
  })
  await first.close()
  await expect(overSocket(first.url).ready()).rejects.toEqual(code('unreachable'))
  const second = await start()
  expect((await overSocket(second.url).retrieve(account)).sealedBackup).toEqual(new Uint8Array([7]))
  await second.close()
}, 60_000)
