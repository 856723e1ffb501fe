/**
 * BF-1, creating a backup (world-backup-client §8.3). The keys are made and saved before the service hears of them: a run
 * that was cut short anywhere is finished by the same call, with the same backup.
 */
import { decodeHex, encodeHex, HoldfastError, systemClock } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import {
  deriveBackupAccount,
  deriveFactorPublicKey,
  exposeRootKeyJson,
  makeBackupKeyPair,
  makeRootKey,
  type SigningKey,
} from '@holdfast/keys'
import { EMPTY_BASE, Ledger, type StateStore } from '@holdfast/sync'
import { EMPTY_MANIFEST_HASH, sealBackup, sealBackupSecret } from '@holdfast/wire'
import { type Device, loadDevice, loadOrMakeSyncKey, saveDevice } from './device'
import { FolderBackup } from './folder-backup'
import type { Backup, BackupOptions, MainFactor } from './types'

interface Creating extends Device {
  readonly encryptedBackupKeyPair: string
  /** Public key of the main factor it was begun with. */
  readonly mainFactor: string
}

/**
 * Creates an empty backup; the first `sync` sends the folder.
 *
 * @throws `backup_already_here`: this device has one; the service's codes.
 * @example
 * ```ts
 * const backup = await createBackup({ engine, service, store, factor: recoveryPhrase(phrase) })
 * await backup.sync()
 * ```
 */
export async function createBackup(options: BackupOptions & { readonly factor: MainFactor }): Promise<Backup> {
  const { engine, service, store, factor, clock = systemClock } = options
  const release = await store.lock()
  try {
    if (await loadDevice(store.state)) {
      throw new HoldfastError(
        'backup_already_here',
        'this device already has a backup: its state folder is in use; sync it, or choose another state folder',
        { remedy: 'fix-call' },
      )
    }
    const creating = await loadOrMakeCreating(engine, store.state, factor)
    const syncFactor = await loadOrMakeSyncKey(store.state, engine.random)
    if (!(await exists(options, creating, syncFactor))) {
      const sealedBackup = sealBackup(engine, decodeHex(creating.backupPublicKey), {
        rootKeyJson: creating.rootKeyJson,
        files: [],
        mtime: Math.floor(clock.now() / 1000),
      })
      await service.create({
        mainFactor: factor.signingKey,
        syncFactor,
        encryptionKey: { kind: 'ICLOUD', encryptedKey: creating.encryptedBackupKeyPair },
        manifestHash: EMPTY_MANIFEST_HASH,
        backupAccountId: creating.backupId,
        sealedBackup,
      })
    }
    const { backupId, rootKeyJson, backupPublicKey } = creating
    await new Ledger(store.state).saveBase(EMPTY_BASE)
    await saveDevice(store.state, { backupId, rootKeyJson, backupPublicKey })
    await store.state.remove('creating')
    return new FolderBackup(options, creating)
  } finally {
    await release()
  }
}

async function loadOrMakeCreating(engine: Engine, state: StateStore, factor: MainFactor): Promise<Creating> {
  const text = await state.load('creating')
  const begun = text === undefined ? undefined : (JSON.parse(text) as Creating)
  if (begun?.mainFactor === factor.signingKey.publicKey) return begun
  const rootKey = makeRootKey(engine.random)
  const account = deriveBackupAccount(engine, rootKey)
  account.secretKey.wipe()
  const keyPair = makeBackupKeyPair(engine)
  const creating: Creating = {
    backupId: account.accountId,
    rootKeyJson: exposeRootKeyJson(rootKey),
    backupPublicKey: encodeHex(keyPair.publicKey),
    encryptedBackupKeyPair: sealBackupSecret(engine, deriveFactorPublicKey(engine, factor.factorSecret), keyPair.secretKey),
    mainFactor: factor.signingKey.publicKey,
  }
  keyPair.secretKey.fill(0)
  rootKey.wipe()
  await state.save('creating', JSON.stringify(creating))
  return creating
}

/** An earlier run may have been cut short after the service had done its part. */
async function exists({ service }: BackupOptions, { backupId }: Creating, syncFactor: SigningKey): Promise<boolean> {
  try {
    await service.retrieveMetadata({ syncFactor, backupId })
    return true
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'backup_does_not_exist') return false
    throw error
  }
}
