/** The manifest operations of the reference (world-backup-client §6.2), as pure functions: one manifest in, another out. */
import { HoldfastError, StructureError } from '@holdfast/base'
import type { Designator, Manifest, ManifestEntry } from '@holdfast/wire'

/** Leading `./` and `/` are stripped, again and again; interior segments stay (§6). */
export function normalisePath(path: string): string {
  return path.replace(/^(?:\.?\/)+/, '')
}

/** Paths with that designator, in manifest order. */
export function listFiles(manifest: Manifest, designator: Designator): string[] {
  return manifest.files.filter((entry) => entry.designator === designator).map(({ path }) => path)
}

/** Appends an entry; the same manifest when the path is listed already, under any designator, even if the content changed. */
export function storeFile(manifest: Manifest, entry: ManifestEntry): Manifest {
  const path = normalisePath(entry.path)
  if (manifest.files.some((existing) => existing.path === path)) return manifest
  return { files: [...manifest.files, { ...entry, path }] }
}

/** Drops every entry of the designator and appends the new one. */
export function replaceAllFilesForDesignator(manifest: Manifest, entry: ManifestEntry): Manifest {
  const others = manifest.files.filter(({ designator }) => designator !== entry.designator)
  return { files: [...others, { ...entry, path: normalisePath(entry.path) }] }
}

/** @throws {HoldfastError} `invalid_file`: no entry has exactly that path. */
export function removeFile(manifest: Manifest, path: string): Manifest {
  const wanted = normalisePath(path)
  const files = manifest.files.filter((entry) => entry.path !== wanted)
  if (files.length === manifest.files.length) {
    throw new HoldfastError('invalid_file', `no such file in the backup: ${wanted.slice(0, 14)}; list the files to see which there are`, {
      remedy: 'fix-call',
    })
  }
  return { files }
}

/**
 * Judges a path before a file is put there: beside a path that differs from it in case only, or that is a folder of it or
 * in it, no backup could be restored (§4.3, §7).
 *
 * @throws {StructureError} `duplicate_path`.
 */
export function checkFreePath(existing: readonly string[], path: string): void {
  const key = path.toLowerCase()
  for (const other of existing) {
    const otherKey = other.toLowerCase()
    if (other === path || !(otherKey === key || otherKey.startsWith(`${key}/`) || key.startsWith(`${otherKey}/`))) continue
    throw new StructureError('duplicate_path', { what: 'backup path', expected: `a path that does not collide with ${other}`, got: path })
  }
}
