import type { ServiceClient } from '@holdfast/backup-service'
import type { Clock, HoldfastError, Secret } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import type { SigningKey } from '@holdfast/keys'
import type { Changes, Merged, Store } from '@holdfast/sync'
import type { Designator } from '@holdfast/wire'

/** A main factor: it can open the backup, and needs a person's gesture. */
export interface MainFactor {
  readonly factorSecret: Secret<'factor-secret'>
  readonly signingKey: SigningKey
}

export interface ProgressEvent {
  readonly phase: 'read' | 'seal' | 'upload' | 'download' | 'open' | 'apply'
  readonly done: number
  readonly total: number
}

export interface BackupOptions {
  readonly engine: Engine
  readonly service: ServiceClient
  readonly store: Store
  readonly clock?: Clock
  readonly onProgress?: (event: ProgressEvent) => void
}

export type SyncOutcome =
  | { readonly kind: 'committed'; readonly head: string; readonly sealedBytes: number; readonly changes: Changes; readonly merged?: Merged }
  | { readonly kind: 'up-to-date'; readonly head: string; readonly merged?: Merged }
  /** Another device was first: sync again with the main factor. `changes` are waiting here. */
  | { readonly kind: 'stale'; readonly head: string; readonly changes: Changes }
  /** The service does not know this device any more: sync again with the main factor, which registers it anew. */
  | { readonly kind: 'needs-factor'; readonly cause: HoldfastError }
  /** The answer was lost and the head could not be read. Nothing is lost: the next sync settles it. */
  | { readonly kind: 'unknown'; readonly cause: HoldfastError }

export interface VerifyReport {
  readonly ok: boolean
  /** What was opened: `remote` with a main factor, else the folder against its ledger. */
  readonly checked: 'remote' | 'local'
  readonly files: number
  readonly bytes: number
  readonly problems: readonly { readonly path: string; readonly problem: 'missing' | 'changed' | 'extra' | 'manifest-differs' }[]
}

export interface BackupStatus {
  readonly backupId: string
  readonly localHead: string | undefined
  /** `undefined` when the service could not be asked; `cause` says why. */
  readonly remoteHead: string | undefined
  readonly state: 'in-step' | 'local-changes' | 'stale' | 'stale-with-local-changes' | 'unknown'
  readonly changes: Changes
  readonly files: number
  readonly bytes: number
  readonly cause?: HoldfastError
}

/** A handle on one device's copy of a backup. */
export interface Backup {
  readonly backupId: string
  /** Puts a file into the folder; the next sync sends it. @throws `invalid_path`. */
  put(designator: Designator, path: string, bytes: Uint8Array): Promise<void>
  /** Takes a file out of the folder. @throws `invalid_file`: there is none at that path. */
  remove(path: string): Promise<void>
  read(path: string): Promise<Uint8Array | undefined>
  list(): Promise<readonly { readonly designator: Designator; readonly path: string }[]>
  /** With a main factor a stale device takes the remote state, re-applies its own changes and syncs. */
  sync(options?: { readonly factor?: MainFactor }): Promise<SyncOutcome>
  /** Writes nothing. With a main factor it downloads and opens everything. */
  verify(options?: { readonly factor?: MainFactor }): Promise<VerifyReport>
  status(): Promise<BackupStatus>
}
