import { encodeHex } from '@holdfast/base'
import { loadDevice, noBackupHere, saveDevice } from './device'
import { FolderBackup } from './folder-backup'
import { retrieveBackup } from './retrieve'
import type { Backup, BackupOptions, MainFactor } from './types'

/**
 * Opens this device's backup. On a device without one it restores it with the main factor (BF-2, world-backup-client
 * §8.4): downloads, opens, registers the device, writes the files. A run that was cut short is finished by the same call.
 *
 * @throws `no_backup_here`: nothing here and no factor; `auth_failed`; the container's and the service's codes.
 * @example
 * ```ts
 * const backup = await openBackup({ engine, service, store, factor: recoveryPhrase(phrase) })
 * ```
 */
export async function openBackup(options: BackupOptions & { readonly factor?: MainFactor }): Promise<Backup> {
  const { engine, service, store, factor, onProgress } = options
  const device = await loadDevice(store.state)
  const isRestored = device && (await store.state.load('base')) !== undefined
  if (isRestored) return new FolderBackup(options, device)
  if (!factor) throw noBackupHere()
  const release = await store.lock()
  try {
    const retrieved = await retrieveBackup(engine, service, factor, (phase) => onProgress?.({ phase, done: 0, total: 1 }))
    const { contents, metadata, backupPublicKey } = retrieved
    const restored = { backupId: metadata.id, rootKeyJson: contents.rootKeyJson, backupPublicKey: encodeHex(backupPublicKey) }
    await saveDevice(store.state, restored)
    const backup = new FolderBackup(options, restored)
    await backup.takeRemote(retrieved)
    return backup
  } finally {
    await release()
  }
}
