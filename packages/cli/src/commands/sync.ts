import { openBackup } from '@holdfast/backup'
import { HoldfastError } from '@holdfast/base'
import { Ledger } from '@holdfast/sync'
import { checkNames } from '../check-files'
import { type DeviceOptions, type OpenedDevice, openDevice } from '../device-folder'
import { count } from '../format'
import type { Io } from '../io'
import { exitCode, explain, withPlainCause } from '../outcome'
import { canAskPhrase, type PhraseOptions, readFactor } from '../phrase'
import { Progress } from '../progress'

export interface SyncOptions extends DeviceOptions, PhraseOptions {
  readonly allowEmpty?: boolean
  readonly json?: boolean
}

export async function syncCommand(io: Io, folder: string, options: SyncOptions): Promise<number> {
  const progress = new Progress(io)
  const device = await openDevice(io, folder, options, progress.show)
  await checkNames(device.store.files)
  if (!options.allowEmpty) await checkNotEmptied(device, folder)
  const backup = await openBackup(device.options)
  const sync = async (given?: Parameters<typeof backup.sync>[0]) => {
    try {
      return await backup.sync(given)
    } finally {
      progress.end()
    }
  }
  let outcome = await sync()
  const needsFactor = outcome.kind === 'stale' || outcome.kind === 'needs-factor'
  if (needsFactor && canAskPhrase(io, options)) {
    if (!options.json) io.stderr(`${explain(outcome).split('\n')[0]}\n`)
    outcome = await sync({ factor: await readFactor(io, options) })
  }
  io.stdout(options.json ? `${JSON.stringify(withPlainCause(outcome))}\n` : `${explain(outcome)}\n`)
  return exitCode(outcome)
}

/** A disk that is not mounted looks like a folder whose files were all removed. */
async function checkNotEmptied({ store }: OpenedDevice, folder: string): Promise<void> {
  const base = await new Ledger(store.state).loadBase()
  const files = base?.manifest.files.length ?? 0
  if (files === 0 || (await store.files.list()).length > 0) return
  throw new HoldfastError(
    'folder_emptied',
    `the folder is empty, but ${count(files, 'file')} of it were backed up: ${folder}; if its disk is not mounted, mount it; to restore, \`holdfast restore\`; to remove every file from the backup, pass --allow-empty`,
    { remedy: 'fix-input' },
  )
}
