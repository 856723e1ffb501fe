import { openBackup } from '@holdfast/backup'
import { type DeviceOptions, endRestore, makeRestoredDevice } from '../device-folder'
import { EXIT } from '../exit-code'
import { count, formatBytes, quoted } from '../format'
import type { Io } from '../io'
import { type PhraseOptions, readFactor } from '../phrase'
import { Progress } from '../progress'

export interface RestoreOptions extends DeviceOptions, PhraseOptions {
  readonly service: string
  readonly json?: boolean
}

/** A restore that was cut short is finished by the same command; one that could not begin leaves nothing behind. */
export async function restoreCommand(io: Io, folder: string, options: RestoreOptions): Promise<number> {
  const progress = new Progress(io)
  const device = await makeRestoredDevice(io, folder, options, progress.show)
  let backup: Awaited<ReturnType<typeof openBackup>>
  try {
    const factor = await readFactor(io, options)
    backup = await openBackup({ ...device.options, factor })
    await endRestore(device)
  } catch (error) {
    progress.end()
    await device.takeBack()
    throw error
  }
  const { files, bytes } = await backup.verify()
  progress.end()
  if (options.json)
    io.stdout(`${JSON.stringify({ kind: 'restored', backupId: backup.backupId, files, bytes, stateDir: device.stateDir })}\n`)
  else
    io.stdout(
      `restored ${count(files, 'file')} (${formatBytes(bytes)}) into ${folder}\n  backup ${backup.backupId}\n  state  ${device.stateDir}\nnext: edit something, then \`holdfast sync ${quoted(folder)}\`\n`,
    )
  return EXIT.ok
}
