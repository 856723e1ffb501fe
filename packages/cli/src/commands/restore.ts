import { readdir } from 'node:fs/promises'
import { openBackup } from '@holdfast/backup'
import { HoldfastError } from '@holdfast/base'
import { type DeviceOptions, openDevice, stateDirOf } from '../device-folder'
import { EXIT } from '../exit-code'
import { count, formatBytes } from '../format'
import type { Io } from '../io'
import { type PhraseOptions, readFactor } from '../phrase'
import { Progress } from '../progress'

export interface RestoreOptions extends DeviceOptions, PhraseOptions {
  readonly service: string
  readonly json?: boolean
}

export async function restoreCommand(io: Io, folder: string, options: RestoreOptions): Promise<number> {
  await checkEmpty(io, folder, options)
  const factor = await readFactor(io, options)
  const progress = new Progress(io, !options.json)
  const device = await openDevice(io, folder, options, (event) => progress.show(event))
  await device.store.state.save('restoring', folder)
  await device.store.state.save('service', device.serviceUrl)
  const backup = await openBackup({ ...device.options, factor })
  await device.store.state.remove('restoring')
  const { files, bytes } = await backup.verify()
  progress.end()
  if (options.json)
    io.stdout(`${JSON.stringify({ kind: 'restored', backupId: backup.backupId, files, bytes, stateDir: device.stateDir })}\n`)
  else
    io.stdout(
      `restored ${count(files, 'file')} (${formatBytes(bytes)}) into ${folder}\n  backup ${backup.backupId}\n  state  ${device.stateDir}\nnext: edit something, then \`holdfast sync ${folder}\`\n`,
    )
  return EXIT.ok
}

/** A restore that was cut short is finished by the same command; any other content is not written into. */
async function checkEmpty(io: Io, folder: string, { state }: RestoreOptions): Promise<void> {
  const entries = await readdir(folder).catch((error) => {
    if (error.code === 'ENOENT') return []
    throw new HoldfastError('file_unreadable', `the folder cannot be read: ${folder} (${error.code}); choose another`, {
      remedy: 'fix-input',
      cause: error,
    })
  })
  if (entries.length === 0) return
  const stateDir = await stateDirOf(io, folder, state)
  const records = await readdir(stateDir).catch((): string[] => [])
  if (records.includes('restoring.json')) return
  throw new HoldfastError(
    'folder_not_empty',
    `the folder is not empty: ${folder} holds ${entries.length} entries; restore into a new folder`,
    { remedy: 'fix-call' },
  )
}
