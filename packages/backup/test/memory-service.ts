/** The service's rules for one head per backup (backup-service-api §1.7–1.14), in memory: fast enough for hundreds of schedules. */
import type { BackupMetadata, ServiceClient } from '@holdfast/backup-service'
import { type Bytes, HoldfastError } from '@holdfast/base'

interface Held {
  metadata: BackupMetadata
  mainFactor: string
  sealedBackup: Uint8Array
}

export interface MemoryService {
  readonly client: ServiceClient
  /** Forgets a device, as `delete-factor` from another one does. */
  revoke(backupId: string, publicKey: string): void
}

const refused = (code: string) => new HoldfastError(code, `the service refused: ${code}; see the code`)

export function createMemoryService(): MemoryService {
  const backups = new Map<string, Held>()
  const tokens = new Map<string, { backupId: string; used: boolean }>()
  let counter = 0
  const makeFactor = (publicKey: string) => ({ id: `factor-${counter++}`, createdAt: 0, kind: { kind: 'EC_KEYPAIR' as const, publicKey } })
  const isKeyOf = (publicKey: string) => (factor: { kind: object }) => 'publicKey' in factor.kind && factor.kind.publicKey === publicKey
  const findBySync = (publicKey: string) => [...backups.values()].find(({ metadata }) => metadata.syncFactors.some(isKeyOf(publicKey)))

  const client: ServiceClient = {
    async ready() {},
    async status(backupId) {
      if (!backups.has(backupId)) throw refused('not_found')
      return { backupId, factors: [{ kind: 'EC_KEYPAIR', accountKind: null }] }
    },
    async create({ mainFactor, syncFactor, encryptionKey, manifestHash, backupAccountId, sealedBackup }) {
      if (backups.has(backupAccountId)) throw refused('backup_account_id_already_exists')
      if (findBySync(syncFactor.publicKey)) throw refused('factor_already_exists')
      const metadata: BackupMetadata = {
        id: backupAccountId,
        manifestHash,
        keys: [encryptionKey],
        factors: [makeFactor(mainFactor.publicKey)],
        syncFactors: [makeFactor(syncFactor.publicKey)],
      }
      backups.set(backupAccountId, { metadata, mainFactor: mainFactor.publicKey, sealedBackup })
      return { backupId: backupAccountId, metadata }
    },
    async retrieve({ mainFactor }) {
      const held = [...backups.values()].find((backup) => backup.mainFactor === mainFactor.publicKey)
      if (!held) throw refused('backup_untraceable')
      const syncFactorToken = `token-${counter++}`
      tokens.set(syncFactorToken, { backupId: held.metadata.id, used: false })
      return { sealedBackup: new Uint8Array(held.sealedBackup) as Bytes, metadata: held.metadata, syncFactorToken }
    },
    async addSyncFactor({ syncFactor, syncFactorToken }) {
      const token = tokens.get(syncFactorToken)
      if (!token) throw refused('token_not_found')
      if (token.used) throw refused('already_used')
      const held = backups.get(token.backupId)
      if (!held) throw refused('backup_not_found')
      if (findBySync(syncFactor.publicKey)) throw refused('factor_already_exists')
      token.used = true
      held.metadata = { ...held.metadata, syncFactors: [...held.metadata.syncFactors, makeFactor(syncFactor.publicKey)] }
      return { backupId: token.backupId }
    },
    async retrieveMetadata({ syncFactor, backupId }) {
      const held = findBySync(syncFactor.publicKey)
      if (held) return held.metadata
      if (backupId === undefined) throw refused('backup_untraceable')
      throw refused(backups.has(backupId) ? 'unauthorized_factor' : 'backup_does_not_exist')
    },
    async sync({ syncFactor, currentManifestHash, newManifestHash, sealedBackup }) {
      const held = findBySync(syncFactor.publicKey)
      if (!held) throw refused('backup_untraceable')
      if (held.metadata.manifestHash !== currentManifestHash) throw refused('manifest_hash_mismatch')
      held.metadata = { ...held.metadata, manifestHash: newManifestHash }
      held.sealedBackup = new Uint8Array(sealedBackup)
      return { backupId: held.metadata.id }
    },
    async deleteBackup({ syncFactor }) {
      const held = findBySync(syncFactor.publicKey)
      if (!held) throw refused('backup_untraceable')
      backups.delete(held.metadata.id)
    },
  }
  return {
    client,
    revoke(backupId, publicKey) {
      const held = backups.get(backupId)
      if (held) held.metadata = { ...held.metadata, syncFactors: held.metadata.syncFactors.filter((factor) => !isKeyOf(publicKey)(factor)) }
    },
  }
}

export type NetworkFault = 'drop-request' | 'drop-answer' | 'duplicate'

/** A client whose network fails as `faultOf` says. Sent twice, a call answers what the second use of its challenge answers. */
export function withFaults(client: ServiceClient, faultOf: () => NetworkFault | undefined): ServiceClient {
  const wrapped = Object.entries(client).map(([name, call]: [string, (...args: never[]) => Promise<unknown>]) => [
    name,
    async (...args: never[]) => {
      const fault = faultOf()
      if (fault === 'drop-request') throw new HoldfastError('unreachable', 'no answer: the request was dropped; try again')
      const answer = await call(...args)
      if (fault === 'drop-answer') throw new HoldfastError('unreachable', 'no answer: it was dropped; try again')
      if (fault === 'duplicate') throw refused('already_used')
      return answer
    },
  ])
  return Object.fromEntries(wrapped) as ServiceClient
}
