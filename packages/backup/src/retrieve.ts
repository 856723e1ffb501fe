/** The download part of BF-2 (world-backup-client §8.4): proof, ciphertext, factor secret, contents. */
import type { BackupMetadata, ServiceClient } from '@holdfast/backup-service'
import { HoldfastError } from '@holdfast/base'
import type { Engine, KeyPair } from '@holdfast/crypto'
import { type BackupContents, openBackup, openBackupSecret, resolvePaths } from '@holdfast/wire'
import type { MainFactor } from './types'

export interface RetrievedBackup {
  readonly contents: BackupContents
  readonly metadata: BackupMetadata
  readonly backupPublicKey: Uint8Array
  readonly syncFactorToken: string
}

/** @throws `auth_failed`, the container's and the service's codes; nothing is written. */
export async function retrieveBackup(
  engine: Engine,
  service: ServiceClient,
  factor: MainFactor,
  onPhase: (phase: 'download' | 'open') => void,
): Promise<RetrievedBackup> {
  onPhase('download')
  const { sealedBackup, metadata, syncFactorToken } = await service.retrieve({ mainFactor: factor.signingKey })
  onPhase('open')
  const keyPair = openKeyPair(engine, metadata, factor)
  try {
    const contents = openBackup(engine, keyPair, sealedBackup)
    resolvePaths(contents.manifest)
    return { contents, metadata, backupPublicKey: keyPair.publicKey, syncFactorToken }
  } finally {
    keyPair.secretKey.fill(0)
  }
}

/** The entry of `metadata.keys` for a keypair main factor (§8.4 step 3). */
function openKeyPair(engine: Engine, metadata: BackupMetadata, factor: MainFactor): KeyPair {
  const key = metadata.keys.find(({ kind }) => kind === 'ICLOUD')
  const encryptedKey = key && 'encryptedKey' in key && typeof key.encryptedKey === 'string' ? key.encryptedKey : undefined
  if (encryptedKey === undefined) {
    throw new HoldfastError(
      'missing_encryption_key',
      'the backup has no key for this factor: its metadata lists none for a keypair; use another main factor',
      {
        remedy: 'authenticate-main-factor',
      },
    )
  }
  return factor.factorSecret.use((secret) => openBackupSecret(engine, secret, encryptedKey))
}
