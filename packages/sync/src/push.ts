/**
 * The gated mutation pipeline (world-backup-client §6.1, §6.3), with one record more than the reference has: what is
 * being sent is written down first, so a lost answer is settled by re-reading the remote head (§12), not by getting stuck.
 */
import { type Clock, HoldfastError, StructureError } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { hashManifest, MAX_SEALED_BACKUP_BYTES, type Manifest, sealBackup } from '@holdfast/wire'
import type { Base, Ledger } from './ledger'
import type { Snapshot } from './scan'

/** The part of the service that a sync needs (§9.7). Throws `HoldfastError`s with the service's codes. */
export interface Remote {
  sync(request: {
    readonly currentManifestHash: string
    readonly newManifestHash: string
    readonly sealedBackup: Uint8Array
  }): Promise<unknown>
  fetchHead(): Promise<string>
}

export type PushOutcome =
  | { readonly kind: 'committed'; readonly head: string; readonly sealedBytes: number }
  /** The remote head is not the one this state stands on. */
  | { readonly kind: 'stale'; readonly head: string }
  /** The answer was lost and the head could not be read: the next sync settles it. */
  | { readonly kind: 'unknown'; readonly cause: HoldfastError }

const ATTEMPTS = 5
const RETRY_MS = 500

export interface PushRequest {
  readonly engine: Engine
  readonly clock: Clock
  readonly ledger: Ledger
  readonly remote: Remote
  readonly backupPublicKey: Uint8Array
  readonly rootKeyJson: string
  readonly base: Base
  readonly snapshot: Snapshot
}

/** @throws `backup_too_large`, before anything is sent; refusals of the service other than those an outcome stands for. */
export async function push(request: PushRequest): Promise<PushOutcome> {
  const { engine, clock, ledger, remote, base, snapshot } = request
  const next: Base = { head: hashManifest(engine, snapshot.manifest), manifest: snapshot.manifest }
  const sealedBackup = seal(request)
  await ledger.addPending(next)
  for (let attempt = 1; ; attempt++) {
    try {
      await remote.sync({ currentManifestHash: base.head, newManifestHash: next.head, sealedBackup })
      await ledger.saveBase(next)
      return { kind: 'committed', head: next.head, sealedBytes: sealedBackup.length }
    } catch (error) {
      if (!(error instanceof HoldfastError) || !UNSETTLED.includes(error.code)) throw error
      const settled = await settle(request, error)
      if (settled.kind === 'stale' || settled.kind === 'unknown') return settled
      if (settled.kind === 'committed') return { ...settled, sealedBytes: sealedBackup.length }
      if (attempt === ATTEMPTS) return { kind: 'unknown', cause: error }
      await clock.sleep(RETRY_MS * attempt)
    }
  }
}

/** After these the head has to be read: another device was first, is at it now, or the answer was lost. */
const UNSETTLED = [
  'manifest_hash_mismatch',
  'conflicting_lock',
  'unreachable',
  'service_failed',
  'unexpected_answer',
  'already_used',
  'jwt_error',
]

type Settled =
  | { readonly kind: 'committed'; readonly head: string }
  | { readonly kind: 'not-committed' }
  | Exclude<PushOutcome, { kind: 'committed' }>

async function settle({ remote, ledger, base }: PushRequest, cause: HoldfastError): Promise<Settled> {
  let head: string
  try {
    head = await remote.fetchHead()
  } catch (error) {
    if (error instanceof HoldfastError && (error.code === 'unreachable' || error.code === 'service_failed'))
      return { kind: 'unknown', cause }
    throw error
  }
  if (head === base.head) return { kind: 'not-committed' }
  const adopted = await ledger.findPending(head)
  if (!adopted) return { kind: 'stale', head }
  await ledger.saveBase(adopted)
  return { kind: 'committed', head }
}

function seal({ engine, clock, backupPublicKey, rootKeyJson, snapshot }: PushRequest): Uint8Array {
  const sealed = sealBackup(engine, backupPublicKey, { rootKeyJson, files: snapshot.files, mtime: Math.floor(clock.now() / 1000) })
  checkSealedSize(sealed, snapshot.manifest)
  return sealed
}

/** @throws {StructureError} `backup_too_large`. */
export function checkSealedSize(sealed: Uint8Array, { files }: Manifest): void {
  if (sealed.length <= MAX_SEALED_BACKUP_BYTES) return
  throw new StructureError('backup_too_large', {
    what: `sealed backup of ${files.length} files`,
    expected: `at most ${MAX_SEALED_BACKUP_BYTES} bytes (15 MiB)`,
    got: `${sealed.length} bytes`,
  })
}
