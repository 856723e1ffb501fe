/** Create, open, put, remove, list, sync, verify, status as outcomes; and what is wrong is a typed error that leaves all as it was. */
import { encodeHex, encodeUtf8, HoldfastError } from '@holdfast/base'
import { type Engine, init } from '@holdfast/crypto'
import { makeRecoveryPhrase } from '@holdfast/keys'
import { createMemoryStore, type Store } from '@holdfast/sync'
import { createFakeClock, seededRandom } from '@holdfast/testkit'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Backup, createBackup, type MainFactor, openBackup, recoveryPhrase } from '../src/index'
import { createMemoryService, type MemoryService, withFaults } from './memory-service'

let engine: Engine
let factor: MainFactor
let stranger: MainFactor
beforeAll(async () => {
  engine = await init()
  factor = recoveryPhrase(makeRecoveryPhrase(seededRandom('owner')))
  stranger = recoveryPhrase(makeRecoveryPhrase(seededRandom('stranger')))
})

const RECORDS = ['device', 'sync-key', 'designators', 'base', 'pending', 'applying', 'creating']

/** Everything on a device: its files and its records. */
async function pictureOf(store: Store) {
  const files = await Promise.all(
    (await store.files.list()).map(async (path) => [
      path,
      encodeHex(engine.hash.blake3((await store.files.read(path)) ?? new Uint8Array())),
    ]),
  )
  const records = await Promise.all(RECORDS.map(async (name) => [name, await store.state.load(name)]))
  return { files, records }
}

let service: MemoryService
let store: Store
let backup: Backup
const optionsFor = (store: Store, client = service.client) => ({ engine, service: client, store, clock: createFakeClock() })

beforeEach(async () => {
  service = createMemoryService()
  store = createMemoryStore({ 'a.txt': encodeUtf8('a') })
  backup = await createBackup({ ...optionsFor(store), factor })
  await backup.sync()
})

describe('a backup', () => {
  test('goes from changes to committed to up to date, and says so at each step', async () => {
    await backup.put('orb_pkg', 'orb/x.bin', encodeUtf8('x'))
    await backup.remove('a.txt')
    expect(await backup.status()).toMatchObject({
      state: 'local-changes',
      changes: { added: ['orb/x.bin'], changed: [], removed: ['a.txt'] },
    })
    expect(await backup.verify()).toMatchObject({
      ok: false,
      problems: [
        { path: 'a.txt', problem: 'missing' },
        { path: 'orb/x.bin', problem: 'extra' },
      ],
    })
    const outcome = await backup.sync()
    expect(outcome).toMatchObject({ kind: 'committed', changes: { added: ['orb/x.bin'], removed: ['a.txt'] } })
    expect(await backup.sync()).toEqual({ kind: 'up-to-date', head: outcome.kind === 'committed' && outcome.head })
    expect(await backup.list()).toEqual([{ designator: 'orb_pkg', path: 'orb/x.bin' }])
    expect(await backup.status()).toMatchObject({ state: 'in-step', files: 1, bytes: 1 })
    expect(await backup.verify({ factor })).toEqual({ ok: true, checked: 'remote', files: 1, bytes: 1, problems: [] })
  })

  test('on a second device is the same, designators included; then the first is stale', async () => {
    await backup.put('orb_pkg', 'orb/x.bin', encodeUtf8('x'))
    await backup.sync()
    const other = await openBackup({ ...optionsFor(createMemoryStore()), factor })
    expect(await other.list()).toEqual(await backup.list())
    await other.put('document_pkg', 'b.txt', encodeUtf8('b'))
    expect(await other.sync()).toMatchObject({ kind: 'committed' })
    await backup.put('document_pkg', 'c.txt', encodeUtf8('c'))
    expect(await backup.sync()).toMatchObject({ kind: 'stale', changes: { added: ['c.txt'] } })
    expect(await backup.status()).toMatchObject({ state: 'stale-with-local-changes' })
    expect(await backup.sync({ factor })).toMatchObject({
      kind: 'committed',
      merged: { written: ['b.txt'] },
      changes: { added: ['c.txt'] },
    })
  })

  test('on a device that was revoked needs the main factor, which registers it again', async () => {
    const { metadata } = await service.client.retrieve({ mainFactor: factor.signingKey })
    for (const { kind } of metadata.syncFactors) if ('publicKey' in kind) service.revoke(backup.backupId, String(kind.publicKey))
    expect(await backup.sync()).toMatchObject({ kind: 'needs-factor', cause: { code: 'unauthorized_factor' } })
    expect(await backup.sync({ factor })).toMatchObject({ kind: 'up-to-date' })
  })

  test('is refused a second time on a device that has one', async () => {
    await expect(createBackup({ ...optionsFor(store), factor })).rejects.toMatchObject({ code: 'backup_already_here' })
  })
})

describe('what is wrong is a typed error, and everything is as it was', () => {
  const isTyped = (code: string) => (error: unknown) => error instanceof HoldfastError && error.code === code

  test.each<[string, () => Promise<unknown>, string]>([
    ['another phrase', () => backup.verify({ factor: stranger }), 'backup_untraceable'],
    ['a phrase whose key opens nothing', () => backup.verify({ factor: { ...stranger, signingKey: factor.signingKey } }), 'auth_failed'],
    ['an alias of a path', () => backup.put('document_pkg', 'dir/./x', new Uint8Array()), 'invalid_path'],
    ['a reserved name', () => backup.put('document_pkg', 'root_secret.json', new Uint8Array()), 'invalid_path'],
    ['a path that differs in case from one that is there', () => backup.put('document_pkg', 'A.TXT', new Uint8Array()), 'duplicate_path'],
    ['a file where another has its folder', () => backup.put('document_pkg', 'a.txt/b', new Uint8Array()), 'duplicate_path'],
    ['removing what is not there', () => backup.remove('b.txt'), 'invalid_file'],
    ['a device without a backup', () => openBackup(optionsFor(createMemoryStore())), 'no_backup_here'],
  ])('%s', async (_, act, code) => {
    const before = await pictureOf(store)
    await expect(act()).rejects.toSatisfy(isTyped(code))
    expect(await pictureOf(store)).toEqual(before)
  })

  test('a service that is down', async () => {
    await backup.put('document_pkg', 'b.txt', encodeUtf8('b'))
    const before = await pictureOf(store)
    const down = withFaults(service.client, () => 'drop-request')
    const offline = await openBackup(optionsFor(store, down))
    await expect(offline.sync()).rejects.toSatisfy(isTyped('unreachable'))
    expect(await offline.status()).toMatchObject({ state: 'unknown', cause: { code: 'unreachable' } })
    expect(await pictureOf(store)).toEqual(before)
    expect(await backup.sync()).toMatchObject({ kind: 'committed' })
  })

  test('a sealed backup that is damaged: nothing is restored, nothing is registered', async () => {
    const retrieve = async (...args: Parameters<typeof service.client.retrieve>) => {
      const retrieved = await service.client.retrieve(...args)
      const sealedBackup = retrieved.sealedBackup
      sealedBackup[sealedBackup.length >> 1] = (sealedBackup[sealedBackup.length >> 1] ?? 0) ^ 1
      return retrieved
    }
    const elsewhere = createMemoryStore()
    const before = await pictureOf(elsewhere)
    await expect(openBackup({ ...optionsFor(elsewhere, { ...service.client, retrieve }), factor })).rejects.toSatisfy(
      isTyped('auth_failed'),
    )
    expect(await pictureOf(elsewhere)).toEqual(before)
  })

  test('a folder of more than 15 MiB: it stays changed here and unchanged there', async () => {
    await backup.put('document_pkg', 'big.bin', seededRandom('big')(16 * 2 ** 20))
    const { manifestHash } = (await service.client.retrieve({ mainFactor: factor.signingKey })).metadata
    const ledger = (await pictureOf(store)).records
    await expect(backup.sync()).rejects.toSatisfy(isTyped('backup_too_large'))
    expect((await pictureOf(store)).records).toEqual(ledger)
    expect((await service.client.retrieve({ mainFactor: factor.signingKey })).metadata.manifestHash).toBe(manifestHash)
    await backup.remove('big.bin')
    expect(await backup.sync()).toMatchObject({ kind: 'up-to-date' })
  })
})
