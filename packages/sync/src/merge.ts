/**
 * Bringing a remote state into the folder without losing what changed here. Every file is judged by three checksums,
 * base, local and remote; running it again after a crash finishes it.
 *
 *   local = remote          nothing to do
 *   local unchanged         the remote version is taken, a removal included
 *   remote unchanged        the local version stays
 *   both changed            an edit beats a removal; two edits are kept both, the local one under a name that says so
 *
 * A local file that is in the way of a remote one, as file against folder or by a name that differs in case only, is moved
 * to a name that says so.
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
  const localPaths = new Set(await files.list())
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
          conflicts.push({ path, keptAs: await keepCopy(engine, files, nameCopies(path, today), local, localChecksum, target) })
        for (const other of localPaths) {
          if (target.has(other) || !isInTheWay(other, path)) continue
          localPaths.delete(other)
          const content = await files.read(other)
          if (!content) continue // removed above: it had not changed here
          const names = nameCopies(isBelow(other, path) ? path : other, today, isBelow(other, path) ? other.slice(path.length) : '')
          conflicts.push({ path: other, keptAs: await keepCopy(engine, files, names, content, checksumOf(engine, content), target) })
          await files.remove(other)
        }
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

const isBelow = (path: string, folder: string) => path.toLowerCase().startsWith(`${folder.toLowerCase()}/`)

const isInTheWay = (other: string, path: string) =>
  other !== path && (other.toLowerCase() === path.toLowerCase() || isBelow(other, path) || isBelow(path, other))

/** `notes.txt` → `notes (conflict 2026-11-24).txt`, `… 2).txt`, and so on; `rest` follows when `path` becomes a folder. */
function* nameCopies(path: string, today: string, rest = ''): Generator<string> {
  const slash = path.lastIndexOf('/') + 1
  const dot = path.lastIndexOf('.')
  const end = dot > slash ? dot : path.length
  for (let n = 1; ; n++) yield `${path.slice(0, end)} (conflict ${today}${n === 1 ? '' : ` ${n}`})${path.slice(end)}${rest}`
}

/** Under the first name that is free; one that already holds these bytes is used again. @returns the name. */
async function keepCopy(
  engine: Engine,
  files: FileStore,
  names: Iterable<string>,
  content: Uint8Array,
  checksum: string | undefined,
  taken: ReadonlyMap<string, unknown>,
): Promise<string> {
  for (const name of names) {
    if (taken.has(name)) continue
    const there = await files.read(name)
    if (there && checksumOf(engine, there) !== checksum) continue
    if (!there) await files.write(name, content)
    return name
  }
  throw new Error('names of copies do not end')
}
