/** What the service stores of a backup, and the operations that change it: each one transaction, after which either all or nothing is there. */
import { randomUUID } from 'node:crypto'
import { type BackupMetadata, type EncryptionKey, LIMITS } from '@holdfast/backup-service/contract'
import { type Clock, encodeBase64Url, encodeHex, type Random } from '@holdfast/base'
import { sql, type Transaction } from 'kysely'
import type { BlobStore } from './blobs'
import { hashToken } from './challenges'
import type { Database, Tables } from './database'
import { Refusal } from './refusal'

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

  constructor(database: Database, blobs: BlobStore, clock: Clock, random: Random) {
    this.#database = database
    this.#blobs = blobs
    this.#clock = clock
    this.#random = random
  }

  async find(id: string): Promise<StoredBackup | undefined> {
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
    if (await this.find(backup.id)) throw alreadyExists()
    const metadata: StoredMetadata = {
      id: backup.id,
      factors: [this.#makeFactor(backup.mainKey)],
      syncFactors: [this.#makeFactor(backup.syncKey)],
      keys: [backup.encryptionKey],
    }
    return this.#write(backup.id, backup.blob, async (transaction, blobKey) => {
      await insertFactor(transaction, 'MAIN', backup.mainKey, backup.id)
      await insertFactor(transaction, 'SYNC', backup.syncKey, backup.id)
      const inserted = await transaction
        .insertInto('backups')
        .values({ id: backup.id, manifest_hash: backup.manifestHash, metadata: JSON.stringify(metadata), blob_key: blobKey })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      if (inserted.numInsertedOrUpdatedRows === 0n) throw alreadyExists()
      return { metadata, manifestHash: backup.manifestHash, blobKey }
    })
  }

  /** The compare-and-swap on the manifest hash is one UPDATE, which also points to the new blob (§1.13). */
  async sync(id: string, currentHash: string, newHash: string, blob: Uint8Array): Promise<void> {
    const mismatch = () => new Refusal('manifest_hash_mismatch', 'The manifest hash does not match the expected value.')
    const replaced = await this.#write(id, blob, async (transaction, blobKey) => {
      const row = await transaction.selectFrom('backups').select(['manifest_hash', 'blob_key']).where('id', '=', id).executeTakeFirst()
      if (!row) throw new Refusal('backup_not_found', 'Backup not found')
      if (row.manifest_hash !== currentHash) throw mismatch()
      const updated = await transaction
        .updateTable('backups')
        .set({ manifest_hash: newHash, blob_key: blobKey })
        .where('id', '=', id)
        .where('manifest_hash', '=', currentHash)
        .where('blob_key', '=', row.blob_key)
        .executeTakeFirst()
      if (updated.numUpdatedRows !== 1n) throw mismatch()
      return row.blob_key
    })
    await this.#blobs.remove(replaced)
  }

  async mintSyncFactorToken(backupId: string): Promise<string> {
    const token = encodeBase64Url(this.#random(32))
    const expires_at = this.#clock.now() + LIMITS.syncFactorTokenSeconds * 1000
    await this.#database
      .insertInto('sync_factor_tokens')
      .values({ hash: hashToken(token), backup_id: backupId, used: false, expires_at })
      .execute()
    return token
  }

  /** Token, lookup row and metadata in one transaction: a refusal leaves the token good (§1.12, §4.4). */
  async addSyncFactor(token: string, publicKey: string): Promise<string> {
    return this.#database.transaction().execute(async (transaction) => {
      const hash = hashToken(token)
      const found = await transaction.selectFrom('sync_factor_tokens').selectAll().where('hash', '=', hash).forUpdate().executeTakeFirst()
      if (!found || found.expires_at < this.#clock.now()) throw new Refusal('token_not_found', 'Token not found.')
      if (found.used) throw new Refusal('already_used', 'Token has already been used.')
      await transaction.updateTable('sync_factor_tokens').set({ used: true }).where('hash', '=', hash).execute()
      await insertFactor(transaction, 'SYNC', publicKey, found.backup_id)
      const row = await transaction
        .selectFrom('backups')
        .select('metadata')
        .where('id', '=', found.backup_id)
        .forUpdate()
        .executeTakeFirst()
      if (!row) throw new Refusal('backup_not_found', 'Backup not found')
      const metadata = JSON.parse(row.metadata) as StoredMetadata
      if (metadata.syncFactors.length >= LIMITS.syncFactors) throw new Refusal('too_many_factors', 'Too many sync factors.')
      const changed: StoredMetadata = { ...metadata, syncFactors: [...metadata.syncFactors, this.#makeFactor(publicKey)] }
      await transaction
        .updateTable('backups')
        .set({ metadata: JSON.stringify(changed) })
        .where('id', '=', found.backup_id)
        .execute()
      return found.backup_id
    })
  }

  async remove(id: string): Promise<void> {
    const backup = await this.find(id)
    await this.#database.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('backups').where('id', '=', id).execute()
      await transaction.deleteFrom('factors').where('backup_id', '=', id).execute()
      await transaction.deleteFrom('sync_factor_tokens').where('backup_id', '=', id).execute()
    })
    if (backup) await this.#blobs.remove(backup.blobKey)
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

  /** A new blob first, then the transaction that points to it. Overlapping writers of one id never queue: `conflicting_lock`. */
  async #write<Result>(
    id: string,
    blob: Uint8Array,
    run: (transaction: Transaction<Tables>, blobKey: string) => Promise<Result>,
  ): Promise<Result> {
    const conflict = () => new Refusal('conflicting_lock', 'Conflicting lock on resource')
    if (this.#busy.has(id)) throw conflict()
    this.#busy.add(id)
    const blobKey = encodeHex(this.#random(16))
    try {
      return await this.#database.transaction().execute(async (transaction) => {
        const { rows } = await sql<{ held: boolean }>`select pg_try_advisory_xact_lock(hashtextextended(${id}, 0)) as held`.execute(
          transaction,
        )
        if (!rows[0]?.held) throw conflict()
        await this.#blobs.write(blobKey, blob)
        return run(transaction, blobKey)
      })
    } catch (error) {
      // A refusal means that nothing was committed. After any other failure the commit's outcome is unknown: the sweep decides.
      if (error instanceof Refusal) await this.#blobs.remove(blobKey)
      throw error
    } finally {
      this.#busy.delete(id)
    }
  }

  #makeFactor(publicKey: string): StoredFactor {
    return { id: randomUUID(), createdAt: new Date(this.#clock.now()).toISOString(), kind: { kind: 'EC_KEYPAIR', publicKey } }
  }
}

const alreadyExists = () => new Refusal('backup_account_id_already_exists', 'Backup ID already exists. Please `/sync` instead.')

async function insertFactor(transaction: Transaction<Tables>, scope: Scope, publicKey: string, backupId: string): Promise<void> {
  const inserted = await transaction
    .insertInto('factors')
    .values({ scope, factor_key: factorKey(publicKey), backup_id: backupId })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (inserted.numInsertedOrUpdatedRows === 0n) throw new Refusal('factor_already_exists', 'Factor already exists')
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
