/** What the service stores of a backup, and the operations that change it: each one transaction, after which either all or nothing is there. */
import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { type BackupMetadata, type EncryptionKey, LIMITS } from '@holdfast/backup-service/contract'
import { type Clock, encodeBase64Url, encodeHex, type Random } from '@holdfast/base'
import { sql, type Transaction } from 'kysely'
import type { BlobStore } from './blobs'
import { hashToken } from './challenges'
import type { Database, Tables } from './database'
import { Refusal, refuse } from './refusal'

export type Scope = 'MAIN' | 'SYNC'

interface StoredFactor {
  readonly id: string
  readonly createdAt: string
  readonly kind: { readonly kind: 'EC_KEYPAIR'; readonly publicKey: string }
}

interface StoredMetadata {
  readonly id: string
  readonly factors: readonly StoredFactor[]
  readonly syncFactors: readonly StoredFactor[]
  readonly keys: readonly EncryptionKey[]
}

export interface StoredBackup {
  readonly metadata: StoredMetadata
  readonly manifestHash: string
  readonly blobKey: string
}

const factorKey = (publicKey: string) => `EC_KEYPAIR|${publicKey}`

export class Backups {
  readonly #database: Database
  readonly #blobs: BlobStore
  readonly #clock: Clock
  readonly #random: Random
  /** Ids being written by this process; other processes are kept off by the database's own lock. */
  readonly #busy = new Set<string>()

  readonly #log: (line: string) => void

  constructor(database: Database, blobs: BlobStore, clock: Clock, random: Random, log: (line: string) => void = () => {}) {
    this.#database = database
    this.#blobs = blobs
    this.#clock = clock
    this.#random = random
    this.#log = log
  }

  async find(id: string): Promise<StoredBackup | undefined> {
    if (id.includes('\0')) return undefined // text that the database cannot hold
    const row = await this.#database.selectFrom('backups').selectAll().where('id', '=', id).executeTakeFirst()
    return row && { metadata: JSON.parse(row.metadata) as StoredMetadata, manifestHash: row.manifest_hash, blobKey: row.blob_key }
  }

  async findIdByFactor(scope: Scope, publicKey: string): Promise<string | undefined> {
    const row = await this.#database
      .selectFrom('factors')
      .select('backup_id')
      .where('scope', '=', scope)
      .where('factor_key', '=', factorKey(publicKey))
      .executeTakeFirst()
    return row?.backup_id
  }

  readBlob(backup: StoredBackup): Promise<Uint8Array | undefined> {
    return this.#blobs.read(backup.blobKey)
  }

  /** §1.7 steps 9–12. */
  async create(backup: {
    id: string
    manifestHash: string
    mainKey: string
    syncKey: string
    encryptionKey: EncryptionKey
    blob: Uint8Array
  }): Promise<StoredBackup> {
    if (await this.find(backup.id)) throw refuse('backup_account_id_already_exists')
    const metadata: StoredMetadata = {
      id: backup.id,
      factors: [this.#makeFactor(backup.mainKey)],
      syncFactors: [this.#makeFactor(backup.syncKey)],
      keys: [backup.encryptionKey],
    }
    return this.#alone(backup.id, () =>
      this.#write(backup.id, backup.blob, async (transaction, blobKey) => {
        const inserted = await transaction
          .insertInto('backups')
          .values({ id: backup.id, manifest_hash: backup.manifestHash, metadata: JSON.stringify(metadata), blob_key: blobKey })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst()
        if (inserted.numInsertedOrUpdatedRows === 0n) throw refuse('backup_account_id_already_exists')
        await insertFactor(transaction, 'MAIN', backup.mainKey, backup.id)
        await insertFactor(transaction, 'SYNC', backup.syncKey, backup.id)
        return { metadata, manifestHash: backup.manifestHash, blobKey }
      }),
    )
  }

  /** The compare-and-swap on the manifest hash is one UPDATE, which also points to the new blob (§1.13). */
  async sync(id: string, currentHash: string, newHash: string, blob: Uint8Array): Promise<void> {
    const replaced = await this.#alone(id, async () => {
      const before = await this.find(id)
      if (!before) throw refuse('backup_not_found')
      if (before.manifestHash !== currentHash) throw refuse('manifest_hash_mismatch') // before 15 MiB are written in vain
      return this.#write(id, blob, async (transaction, blobKey) => {
        const updated = await transaction
          .updateTable('backups')
          .set({ manifest_hash: newHash, blob_key: blobKey })
          .where('id', '=', id)
          .where('manifest_hash', '=', currentHash)
          .where('blob_key', '=', before.blobKey)
          .executeTakeFirst()
        if (updated.numUpdatedRows !== 1n) throw refuse('manifest_hash_mismatch')
        return before.blobKey
      })
    })
    await this.#discard(replaced)
  }

  async mintSyncFactorToken(backupId: string): Promise<string> {
    const token = encodeBase64Url(this.#random(32))
    const now = this.#clock.now()
    await this.#database.deleteFrom('sync_factor_tokens').where('expires_at', '<=', now).execute()
    await this.#database
      .insertInto('sync_factor_tokens')
      .values({ hash: hashToken(token), backup_id: backupId, used: false, expires_at: now + LIMITS.syncFactorTokenSeconds * 1000 })
      .execute()
    return token
  }

  /** Token, lookup row and metadata in one transaction: a refusal leaves the token good (§1.12, §4.4). */
  async addSyncFactor(token: string, publicKey: string): Promise<string> {
    return this.#database.transaction().execute(async (transaction) => {
      const hash = hashToken(token)
      const found = await transaction.selectFrom('sync_factor_tokens').selectAll().where('hash', '=', hash).forUpdate().executeTakeFirst()
      if (!found || found.expires_at <= this.#clock.now()) throw refuse('token_not_found')
      if (found.used) throw refuse('already_used')
      await transaction.updateTable('sync_factor_tokens').set({ used: true }).where('hash', '=', hash).execute()
      await insertFactor(transaction, 'SYNC', publicKey, found.backup_id)
      const metadata = await lockMetadata(transaction, found.backup_id)
      // The same keypair may be both from the start (§9, trap 39), but is not added later as the other.
      if ([...metadata.factors, ...metadata.syncFactors].some(({ kind }) => kind.publicKey === publicKey))
        throw refuse('factor_already_exists')
      if (metadata.syncFactors.length >= LIMITS.syncFactors) throw refuse('too_many_factors')
      await saveMetadata(transaction, { ...metadata, syncFactors: [...metadata.syncFactors, this.#makeFactor(publicKey)] })
      return found.backup_id
    })
  }

  /**
   * Removes a factor, and with a main factor the key that only it needed (§1.15).
   *
   * @returns `undefined` when that was the last main factor: the whole backup is gone.
   */
  async removeFactor(id: string, scope: Scope, factorId: string, key: EncryptionKey | undefined): Promise<StoredBackup | undefined> {
    const list = scope === 'MAIN' ? 'factors' : 'syncFactors'
    const outcome = await this.#database.transaction().execute(async (transaction) => {
      const metadata = await lockMetadata(transaction, id)
      const removed = metadata[list].find((factor) => factor.id === factorId)
      if (!removed) throw new Refusal('factor_not_found', 'Factor not found.')
      const left = metadata[list].filter((factor) => factor !== removed)
      if (scope === 'MAIN' && left.length === 0) return { blobKey: await removeRows(transaction, id) }
      const changed = {
        ...metadata,
        [list]: left,
        keys: key ? removeKey(metadata.keys, key, scope === 'MAIN' && left.length > 0) : metadata.keys,
      }
      await transaction
        .deleteFrom('factors')
        .where('scope', '=', scope)
        .where('factor_key', '=', factorKey(removed.kind.publicKey))
        .execute()
      await saveMetadata(transaction, changed)
      return { changed }
    })
    if ('changed' in outcome) return this.find(id)
    await this.#discard(outcome.blobKey)
    return undefined
  }

  /** Tokens for new sync factors live on: what they were for is gone, and they say so (§7). */
  async remove(id: string): Promise<void> {
    await this.#discard(await this.#database.transaction().execute((transaction) => removeRows(transaction, id)))
  }

  /** Blobs that no row points to are what a killed server left; fresh ones may belong to a sync that is under way. */
  async sweepOrphans(): Promise<void> {
    const rows = await this.#database.selectFrom('backups').select('blob_key').execute()
    const known = new Set(rows.map((row) => row.blob_key))
    for (const key of await this.#blobs.listBefore(this.#clock.now() - 3_600_000)) if (!known.has(key)) await this.#blobs.remove(key)
  }

  async ready(): Promise<void> {
    await sql`select 1 from backups limit 1`.execute(this.#database)
    await this.#blobs.ready()
  }

  /** Overlapping writers of one id never queue: `conflicting_lock` (§4.2). Keeps out those of this process. */
  async #alone<Result>(id: string, run: () => Promise<Result>): Promise<Result> {
    if (this.#busy.has(id)) throw refuse('conflicting_lock')
    this.#busy.add(id)
    try {
      return await run()
    } finally {
      this.#busy.delete(id)
    }
  }

  /** A new blob first, durable, then the transaction that points to it; the database's lock keeps out other processes. */
  async #write<Result>(
    id: string,
    blob: Uint8Array,
    run: (transaction: Transaction<Tables>, blobKey: string) => Promise<Result>,
  ): Promise<Result> {
    const blobKey = encodeHex(this.#random(16))
    await this.#blobs.write(blobKey, blob)
    try {
      return await this.#database.transaction().execute(async (transaction) => {
        const locked = sql<{ held: boolean }>`select pg_try_advisory_xact_lock(hashtextextended(${id}, 0)) as held`
        const { rows } = await locked.execute(transaction)
        if (!rows[0]?.held) throw refuse('conflicting_lock')
        return run(transaction, blobKey)
      })
    } catch (error) {
      // A refusal means that nothing was committed. After any other failure the commit's outcome is unknown: the sweep decides.
      if (error instanceof Refusal) await this.#discard(blobKey)
      throw error
    }
  }

  /** What was committed stays a success: a blob that cannot be removed now is left to the sweep. */
  async #discard(blobKey: string | undefined): Promise<void> {
    if (blobKey === undefined) return
    try {
      await this.#blobs.remove(blobKey)
    } catch (error) {
      this.#log(`blob ${blobKey} was not removed: ${(error as Error).message}`)
    }
  }

  #makeFactor(publicKey: string): StoredFactor {
    return { id: randomUUID(), createdAt: new Date(this.#clock.now()).toISOString(), kind: { kind: 'EC_KEYPAIR', publicKey } }
  }
}

/** Keeps the row for this transaction. @throws `backup_not_found`. */
async function lockMetadata(transaction: Transaction<Tables>, id: string): Promise<StoredMetadata> {
  const row = await transaction.selectFrom('backups').select('metadata').where('id', '=', id).forUpdate().executeTakeFirst()
  if (!row) throw refuse('backup_not_found')
  return JSON.parse(row.metadata) as StoredMetadata
}

async function saveMetadata(transaction: Transaction<Tables>, metadata: StoredMetadata): Promise<void> {
  await transaction
    .updateTable('backups')
    .set({ metadata: JSON.stringify(metadata) })
    .where('id', '=', metadata.id)
    .execute()
}

/** @returns the blob that nothing points to any more. */
async function removeRows(transaction: Transaction<Tables>, id: string): Promise<string | undefined> {
  const removed = await transaction.deleteFrom('backups').where('id', '=', id).returning('blob_key').executeTakeFirst()
  await transaction.deleteFrom('factors').where('backup_id', '=', id).execute()
  return removed?.blob_key
}

/** The stored key that equals `key` in every field goes; not if a remaining main factor is left without one of its kind (§1.15). */
function removeKey(keys: readonly EncryptionKey[], key: EncryptionKey, hasKeypairFactor: boolean): EncryptionKey[] {
  const left = keys.filter((stored) => !isDeepStrictEqual(stored, key))
  if (left.length === keys.length) throw refuse('encryption_key_not_found')
  const isNeeded = key.kind === 'ICLOUD' && hasKeypairFactor && !left.some(({ kind }) => kind === 'ICLOUD')
  if (isNeeded) throw refuse('factor_orphaned_from_encryption_key')
  return left
}

async function insertFactor(transaction: Transaction<Tables>, scope: Scope, publicKey: string, backupId: string): Promise<void> {
  const inserted = await transaction
    .insertInto('factors')
    .values({ scope, factor_key: factorKey(publicKey), backup_id: backupId })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (inserted.numInsertedOrUpdatedRows === 0n) throw refuse('factor_already_exists')
}

/** What every holder of a factor may see (§3.2); times in whole Unix seconds. */
export function exportMetadata({ metadata, manifestHash }: StoredBackup): BackupMetadata {
  const exported = (factors: readonly StoredFactor[]) =>
    factors.map((factor) => ({ ...factor, createdAt: Math.floor(Date.parse(factor.createdAt) / 1000) }))
  return {
    id: metadata.id,
    manifestHash,
    keys: [...metadata.keys],
    factors: exported(metadata.factors),
    syncFactors: exported(metadata.syncFactors),
  }
}
