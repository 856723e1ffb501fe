/**
 * Bringing a remote state into the folder without losing what changed here. Every file is judged by three checksums,
 * base, local and remote; running it again after a crash finishes it.
 *
 *   local = remote          nothing to do
 *   local unchanged         the remote version is taken, a removal included
 *   remote unchanged        the local version stays
 *   both changed            an edit beats a removal; two edits are kept both, the local one under a name that says so
 */
import type { Engine } from '@holdfast/crypto'
import { type Manifest, resolvePaths } from '@holdfast/wire'
import type { Base, Ledger } from './ledger'
import { checksumOf, type Progress } from './scan'
import type { FileStore } from './store'

export interface RemoteState extends Base {
  readonly files: readonly { readonly path: string; readonly content: Uint8Array }[]
}

export interface Merged {
  readonly written: readonly string[]
  readonly removed: readonly string[]
  /** Where a local edit went that met a remote one. */
  readonly conflicts: readonly { readonly path: string; readonly keptAs: string }[]
}

/** @param today `YYYY-MM-DD`, for the names of conflict copies. */
export async function mergeRemote(
  engine: Engine,
  files: FileStore,
  ledger: Ledger,
  base: Manifest,
  remote: RemoteState,
  today: string,
  onProgress?: Progress,
): Promise<Merged> {
  const paths = resolvePaths(remote.manifest)
  const target = new Map(
    paths.map((path, i) => [path, { checksum: remote.manifest.files[i]?.checksum.toLowerCase(), content: remote.files[i]?.content }]),
  )
  const known = [base, (await ledger.loadApplying()) ?? base].map(
    (manifest) => new Map(manifest.files.map((entry) => [entry.path, entry.checksum.toLowerCase()])),
  )
  await ledger.saveApplying({ files: remote.manifest.files.map((entry, i) => ({ ...entry, path: paths[i] ?? entry.path })) })
  const written: string[] = []
  const removed: string[] = []
  const conflicts: { path: string; keptAs: string }[] = []
  const all = new Set([...known.flatMap((manifest) => [...manifest.keys()]), ...target.keys()])
  let done = 0
  for (const path of all) {
    const wanted = target.get(path)
    const local = await files.read(path)
    const localChecksum = local && checksumOf(engine, local)
    const unchangedHere = known.some((manifest) => manifest.get(path) === localChecksum)
    const unchangedThere = known[0]?.get(path) === wanted?.checksum
    if (localChecksum !== wanted?.checksum && (unchangedHere || !unchangedThere)) {
      if (!wanted?.content) {
        if (unchangedHere) {
          await files.remove(path)
          removed.push(path)
        }
      } else {
        if (local && !unchangedHere)
          conflicts.push({ path, keptAs: await keepCopy(engine, files, path, local, localChecksum, today, target) })
        await files.write(path, wanted.content)
        written.push(path)
      }
    }
    onProgress?.(++done, all.size)
  }
  await ledger.saveBase({
    head: remote.head,
    manifest: { files: remote.manifest.files.map((entry, i) => ({ ...entry, path: paths[i] ?? entry.path })) },
  })
  return { written, removed, conflicts }
}

/** `notes.txt` → `notes (conflict 2026-11-24).txt`, `… 2).txt`; a name that already holds these bytes is used again. */
async function keepCopy(
  engine: Engine,
  files: FileStore,
  path: string,
  content: Uint8Array,
  checksum: string | undefined,
  today: string,
  taken: ReadonlyMap<string, unknown>,
): Promise<string> {
  const slash = path.lastIndexOf('/') + 1
  const dot = path.lastIndexOf('.')
  const end = dot > slash ? dot : path.length
  for (let n = 1; ; n++) {
    const name = `${path.slice(0, end)} (conflict ${today}${n === 1 ? '' : ` ${n}`})${path.slice(end)}`
    if (taken.has(name)) continue
    const there = await files.read(name)
    if (there && checksumOf(engine, there) !== checksum) continue
    if (!there) await files.write(name, content)
    return name
  }
}
