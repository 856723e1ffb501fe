/** What is wrong with a folder is said before anything is made or sent, with whole names: this is the user's own terminal. */
import type { BackupOptions } from '@holdfast/backup'
import { HoldfastError } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { checkSealedSize, type FileStore, scanFiles } from '@holdfast/sync'
import { sealBackup } from '@holdfast/wire'
import { printable } from './format'

/** Below this many bytes a folder seals to less than 15 MiB: at worst, bytes that do not compress, to 1.3 times their number. */
const SURELY_FITS = 11 * 1024 * 1024

/** @throws `duplicate_path`, `unsupported_file`, `file_unreadable`. */
export async function checkNames(files: FileStore): Promise<void> {
  const seen = new Map<string, string>()
  for (const path of await files.list()) {
    const folded = path.toLowerCase()
    const other = seen.get(folded)
    if (other !== undefined) {
      throw new HoldfastError(
        'duplicate_path',
        `two paths differ only in case: ${printable(other)} and ${printable(path)}; rename one, for a backup holds only one of them`,
        { remedy: 'fix-input' },
      )
    }
    seen.set(folded, path)
  }
}

/**
 * Reads everything a first sync would read, and seals it where its size is in doubt, to a key nobody has.
 *
 * @throws `backup_too_large`, and what `checkNames` throws.
 */
export async function rehearse(engine: Engine, store: FileStore, onProgress?: BackupOptions['onProgress']): Promise<void> {
  await checkNames(store)
  const { manifest, files } = await scanFiles(
    engine,
    store,
    { files: [] },
    () => 'document_pkg',
    (done, total) => onProgress?.({ phase: 'read', done, total }),
  )
  const bytes = files.reduce((sum, { content }) => sum + content.length, 0)
  if (bytes < SURELY_FITS) return
  onProgress?.({ phase: 'seal', done: 0, total: 1 })
  const { publicKey } = engine.sealedBox.makeKeyPair()
  checkSealedSize(sealBackup(engine, publicKey, { rootKeyJson: '', files, mtime: 0 }), manifest)
}
