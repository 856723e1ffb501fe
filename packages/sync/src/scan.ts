import { type Bytes, encodeHex } from '@holdfast/base'
import type { Engine, FileRecord } from '@holdfast/crypto'
import { checkNewPath, checkUniquePaths, type Designator, type Manifest, type ManifestEntry } from '@holdfast/wire'
import type { FileStore } from './store'

/** What is in the folder: a manifest, and exactly the bytes it was computed from. */
export interface Snapshot {
  readonly manifest: Manifest
  readonly files: readonly (FileRecord & { readonly content: Bytes })[]
}

export type Progress = (done: number, total: number) => void

/**
 * Reads every file once: what is hashed is what will be sealed, whatever happens to the folder meanwhile. Entries of
 * `base` keep their order; new ones follow.
 *
 * @throws `duplicate_path`, `invalid_path`, `file_unreadable`, `unsupported_file`.
 */
export async function scanFiles(
  engine: Engine,
  store: FileStore,
  base: Manifest,
  designatorOf: (path: string) => Designator,
  onProgress?: Progress,
): Promise<Snapshot> {
  const paths = await store.list()
  for (const path of paths) checkNewPath(path)
  checkUniquePaths({ files: paths.map((path) => ({ path, designator: 'document_pkg', checksum: '' })) })
  const order = new Map(base.files.map(({ path }, i) => [path, i]))
  paths.sort((a, b) => (order.get(a) ?? order.size) - (order.get(b) ?? order.size))
  const files: (FileRecord & { content: Bytes })[] = []
  const entries: ManifestEntry[] = []
  for (const [i, path] of paths.entries()) {
    const content = await store.read(path)
    onProgress?.(i + 1, paths.length)
    if (!content) continue // removed since it was listed
    const designator = designatorOf(path)
    files.push({ designator, path, content })
    entries.push({ designator, path, checksum: checksumOf(engine, content) })
  }
  return { manifest: { files: entries }, files }
}

export function checksumOf(engine: Engine, content: Uint8Array): string {
  return encodeHex(engine.hash.blake3(content))
}

export interface Changes {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly removed: readonly string[]
}

export function compareManifests(base: Manifest, current: Manifest): Changes {
  const before = new Map(base.files.map((entry) => [entry.path, entry]))
  const after = new Set(current.files.map(({ path }) => path))
  const differs = (entry: ManifestEntry) => {
    const old = before.get(entry.path)
    return old !== undefined && (old.checksum.toLowerCase() !== entry.checksum || old.designator !== entry.designator)
  }
  return {
    added: current.files.filter(({ path }) => !before.has(path)).map(({ path }) => path),
    changed: current.files.filter(differs).map(({ path }) => path),
    removed: base.files.filter(({ path }) => !after.has(path)).map(({ path }) => path),
  }
}

export function hasChanges({ added, changed, removed }: Changes): boolean {
  return added.length + changed.length + removed.length > 0
}
