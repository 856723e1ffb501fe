/** Files that are on the disk, whole, when a call returns; and what goes wrong with them, in our words. */
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { HoldfastError } from '@holdfast/base'

/** Temporary file, fsync, rename, fsync of the folder: before or after, never between. */
export async function writeDurably(temporary: string, target: string, bytes: Uint8Array, mode: number): Promise<void> {
  try {
    const file = await open(temporary, 'w', mode)
    try {
      await file.chmod(mode)
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(dirname(target))
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export type Code = { code?: string }
export const isMissing = (error: unknown) => ['ENOENT', 'ENOTDIR'].includes((error as Code).code ?? '')

export function fileError(verb: 'read' | 'write', path: string, cause: unknown): HoldfastError {
  const { code = 'unknown' } = cause as Code
  if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code)) {
    return new HoldfastError(
      'disk_full',
      `the disk is full: ${path} could not be written (${code}); free some space, then run the same command again`,
      { remedy: 'free-space', cause },
    )
  }
  if (verb === 'read') {
    return new HoldfastError('file_unreadable', `a file cannot be read: ${path} (${code}); make it readable or move it out of the folder`, {
      remedy: 'fix-input',
      cause,
    })
  }
  return new HoldfastError('file_unwritable', `a file cannot be written: ${path} (${code}); make its folder writable`, {
    remedy: 'fix-input',
    cause,
  })
}
