/** The handle on one device's copy: BF-4 (sync), BF-5 (remote update), 8.13 (device refresh). */
import { type Clock, decodeHex, HoldfastError, systemClock } from '@holdfast/base'
import type { SigningKey } from '@holdfast/keys'
import {
  type Base,
  type Changes,
  checkFreePath,
  compareManifests,
  EMPTY_BASE,
  hasChanges,
  Ledger,
  type Merged,
  mergeRemote,
  push,
  type Remote,
  type Snapshot,
  scanFiles,
} from '@holdfast/sync'
import { checkNewPath, type Designator, hashManifest } from '@holdfast/wire'
import { type Device, loadDesignators, loadOrMakeSyncKey, replaceSyncKey, saveDesignators } from './device'
import { type RetrievedBackup, retrieveBackup } from './retrieve'
import type { Backup, BackupOptions, BackupStatus, MainFactor, SyncOutcome, VerifyReport } from './types'

const ROUNDS = 3

export class FolderBackup implements Backup {
  readonly #options: BackupOptions
  readonly #device: Device
  readonly #clock: Clock
  readonly #ledger: Ledger

  constructor(options: BackupOptions, device: Device) {
    this.#options = options
    this.#device = device
    this.#clock = options.clock ?? systemClock
    this.#ledger = new Ledger(options.store.state)
  }

  get backupId(): string {
    return this.#device.backupId
  }

  async put(designator: Designator, path: string, bytes: Uint8Array): Promise<void> {
    checkNewPath(path)
    await this.#locked(async () => {
      const { files, state } = this.#options.store
      checkFreePath(await files.list(), path)
      const designators = await loadDesignators(state)
      if ((designators[path] ?? 'document_pkg') !== designator) await saveDesignators(state, { ...designators, [path]: designator })
      await files.write(path, bytes)
    })
  }

  async remove(path: string): Promise<void> {
    await this.#locked(async () => {
      const { files } = this.#options.store
      if (!(await files.read(path))) {
        throw new HoldfastError('invalid_file', `no such file in the backup: ${path.slice(0, 14)}; list the files to see which there are`, {
          remedy: 'fix-call',
        })
      }
      await files.remove(path)
    })
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    return this.#options.store.files.read(path)
  }

  async list(): Promise<readonly { designator: Designator; path: string }[]> {
    const { manifest } = await this.#scan(await this.#base())
    return manifest.files.map(({ designator, path }) => ({ designator, path }))
  }

  async sync({ factor }: { readonly factor?: MainFactor } = {}): Promise<SyncOutcome> {
    return this.#locked(async () => {
      let merged: Merged | undefined
      for (let round = 1; ; round++) {
        const outcome = await this.#syncOnce(merged)
        const needsFactor = outcome.kind === 'stale' || outcome.kind === 'needs-factor'
        if (!needsFactor || !factor || round === ROUNDS) return outcome
        merged = joinMerged(merged, await this.takeRemote(await this.#retrieve(factor)))
      }
    })
  }

  async #syncOnce(merged: Merged | undefined): Promise<SyncOutcome> {
    const { engine, store, onProgress } = this.#options
    const syncKey = await loadOrMakeSyncKey(store.state, engine.random)
    const remote = this.#remote(syncKey)
    let head: string
    try {
      head = await remote.fetchHead()
    } catch (error) {
      if (isForgotten(error)) return { kind: 'needs-factor', cause: error }
      throw error
    }
    const pending = await this.#ledger.findPending(head)
    if (pending) await this.#ledger.saveBase(pending)
    const base = pending ?? (await this.#base())
    const snapshot = await this.#scan(base)
    const changes = compareManifests(base.manifest, snapshot.manifest)
    if (head !== base.head) return { kind: 'stale', head, changes }
    if (!hasChanges(changes)) return { kind: 'up-to-date', head, ...(merged ? { merged } : {}) }
    onProgress?.({ phase: 'seal', done: 0, total: 1 })
    const outcome = await push({
      engine,
      clock: this.#clock,
      ledger: this.#ledger,
      remote,
      backupPublicKey: decodeHex(this.#device.backupPublicKey),
      rootKeyJson: this.#device.rootKeyJson,
      base,
      snapshot,
    })
    if (outcome.kind === 'committed') return { ...outcome, changes, ...(merged ? { merged } : {}) }
    return outcome.kind === 'stale' ? { ...outcome, changes } : outcome
  }

  #retrieve(factor: MainFactor): Promise<RetrievedBackup> {
    const { engine, service, onProgress } = this.#options
    return retrieveBackup(engine, service, factor, (phase) => onProgress?.({ phase, done: 0, total: 1 }))
  }

  /** Merges a retrieved state into the folder, and registers this device where the service does not know it. Needs the store's lock. */
  async takeRemote(retrieved: RetrievedBackup): Promise<Merged> {
    const { engine, store, onProgress } = this.#options
    if (retrieved.metadata.id !== this.backupId) {
      throw new HoldfastError(
        'backup_id_mismatch',
        'another backup: this main factor opens a different backup than the one on this device; use the phrase that belongs to it',
        {
          remedy: 'authenticate-main-factor',
        },
      )
    }
    await this.#register(retrieved)
    const { contents, metadata } = retrieved
    const base = (await this.#ledger.loadBase()) ?? EMPTY_BASE
    const today = new Date(this.#clock.now()).toISOString().slice(0, 10)
    await this.#keepDesignators(retrieved)
    const state = { head: metadata.manifestHash, manifest: contents.manifest, files: contents.files }
    return mergeRemote(engine, store.files, this.#ledger, base.manifest, state, today, (done, total) =>
      onProgress?.({ phase: 'apply', done, total }),
    )
  }

  async #register({ metadata, syncFactorToken }: RetrievedBackup): Promise<void> {
    const { engine, service, store } = this.#options
    const isKnown = (key: SigningKey) => metadata.syncFactors.some(({ kind }) => 'publicKey' in kind && kind.publicKey === key.publicKey)
    const key = await loadOrMakeSyncKey(store.state, engine.random)
    if (isKnown(key)) return
    try {
      await service.addSyncFactor({ syncFactor: key, syncFactorToken })
    } catch (error) {
      if (!(error instanceof HoldfastError) || error.code !== 'factor_already_exists') throw error
      await service.addSyncFactor({ syncFactor: await replaceSyncKey(store.state, engine.random), syncFactorToken })
    }
  }

  async #keepDesignators({ contents }: RetrievedBackup): Promise<void> {
    const { state } = this.#options.store
    const known = await loadDesignators(state)
    const remote = contents.manifest.files
      .filter(({ designator }) => designator !== 'document_pkg')
      .map(({ path, designator }) => [path, designator] as const)
    if (remote.some(([path, designator]) => known[path] !== designator))
      await saveDesignators(state, { ...known, ...Object.fromEntries(remote) })
  }

  async verify({ factor }: { readonly factor?: MainFactor } = {}): Promise<VerifyReport> {
    if (factor) return this.#verifyRemote(factor)
    const base = await this.#base()
    const { manifest, files } = await this.#scan(base)
    const { added, changed, removed } = compareManifests(base.manifest, manifest)
    const problems = [
      ...removed.map((path) => ({ path, problem: 'missing' as const })),
      ...changed.map((path) => ({ path, problem: 'changed' as const })),
      ...added.map((path) => ({ path, problem: 'extra' as const })),
    ]
    return { ok: problems.length === 0, checked: 'local', files: files.length, bytes: sizeOf(files), problems }
  }

  async #verifyRemote(factor: MainFactor): Promise<VerifyReport> {
    const { engine } = this.#options
    const { contents, metadata } = await this.#retrieve(factor)
    const differs = hashManifest(engine, contents.manifest) !== metadata.manifestHash
    const problems = differs ? [{ path: '', problem: 'manifest-differs' as const }] : []
    return { ok: !differs, checked: 'remote', files: contents.files.length, bytes: sizeOf(contents.files), problems }
  }

  async status(): Promise<BackupStatus> {
    const { engine, store } = this.#options
    const base = await this.#ledger.loadBase()
    const snapshot = await this.#scan(base ?? EMPTY_BASE)
    const changes = compareManifests((base ?? EMPTY_BASE).manifest, snapshot.manifest)
    const local = { backupId: this.backupId, localHead: base?.head, changes, files: snapshot.files.length, bytes: sizeOf(snapshot.files) }
    try {
      const remoteHead = await this.#remote(await loadOrMakeSyncKey(store.state, engine.random)).fetchHead()
      const settled = (await this.#ledger.findPending(remoteHead)) ?? base
      const pendingChanges = settled ? compareManifests(settled.manifest, snapshot.manifest) : changes
      return {
        ...local,
        localHead: settled?.head,
        remoteHead,
        changes: pendingChanges,
        state: stateOf(settled?.head === remoteHead, pendingChanges),
      }
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error
      return { ...local, remoteHead: undefined, state: 'unknown', cause: error }
    }
  }

  async #base(): Promise<Base> {
    return (await this.#ledger.loadBase()) ?? { ...EMPTY_BASE, head: '' }
  }

  async #scan(base: Base): Promise<Snapshot> {
    const { engine, store, onProgress } = this.#options
    const designators = await loadDesignators(store.state)
    const known = new Map(base.manifest.files.map(({ path, designator }) => [path, designator]))
    const designatorOf = (path: string) => designators[path] ?? known.get(path) ?? 'document_pkg'
    return scanFiles(engine, store.files, base.manifest, designatorOf, (done, total) => onProgress?.({ phase: 'read', done, total }))
  }

  #remote(syncFactor: SigningKey): Remote {
    const { service, onProgress } = this.#options
    return {
      sync: (request) => {
        onProgress?.({ phase: 'upload', done: 0, total: request.sealedBackup.length })
        return service.sync({ syncFactor, ...request })
      },
      fetchHead: async () => (await service.retrieveMetadata({ syncFactor, backupId: this.backupId })).manifestHash,
    }
  }

  async #locked<Result>(run: () => Promise<Result>): Promise<Result> {
    const release = await this.#options.store.lock()
    try {
      return await run()
    } finally {
      await release()
    }
  }
}

const FORGOTTEN = ['unauthorized_factor', 'backup_untraceable']
const isForgotten = (error: unknown): error is HoldfastError => error instanceof HoldfastError && FORGOTTEN.includes(error.code)

const sizeOf = (files: readonly { readonly content: Uint8Array }[]) => files.reduce((sum, { content }) => sum + content.length, 0)

function stateOf(sameHead: boolean, changes: Changes): BackupStatus['state'] {
  if (sameHead) return hasChanges(changes) ? 'local-changes' : 'in-step'
  return hasChanges(changes) ? 'stale-with-local-changes' : 'stale'
}

function joinMerged(before: Merged | undefined, after: Merged): Merged {
  if (!before) return after
  return {
    written: [...before.written, ...after.written],
    removed: [...before.removed, ...after.removed],
    conflicts: [...before.conflicts, ...after.conflicts],
  }
}
