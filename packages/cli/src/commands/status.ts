import { openBackup } from '@holdfast/backup'
import { type DeviceOptions, openDevice } from '../device-folder'
import { EXIT } from '../exit-code'
import { count, formatBytes, listed, printable, shortHash } from '../format'
import type { Io } from '../io'
import { Progress } from '../progress'

const MEANING = {
  'in-step': 'in step with the service',
  'local-changes': 'changes here are waiting: run `holdfast sync`',
  stale: 'the backup was changed on another device: run `holdfast sync`',
  'stale-with-local-changes': 'changed here and on another device: run `holdfast sync`',
  unknown: 'the service could not be asked',
} as const

export async function statusCommand(io: Io, folder: string, options: DeviceOptions & { readonly json?: boolean }): Promise<number> {
  const progress = new Progress(io)
  const device = await openDevice(io, folder, options, progress.show)
  const status = await (await openBackup(device.options)).status()
  progress.end()
  const { added, changed, removed } = status.changes
  if (options.json) io.stdout(`${JSON.stringify({ ...status, cause: status.cause?.toJSON() })}\n`)
  else {
    io.stdout(
      `${status.state}: ${MEANING[status.state]}\n  ${count(status.files, 'file')}, ${formatBytes(status.bytes)}\n  head here ${shortHash(status.localHead)}, at the service ${shortHash(status.remoteHead)}\n`,
    )
    const signed = (sign: string, paths: readonly string[]) => paths.map((path) => `${sign} ${printable(path)}`)
    io.stdout(listed([...signed('+', added), ...signed('~', changed), ...signed('-', removed)]))
    if (status.cause) io.stderr(`${status.cause.message}\n`)
  }
  if (status.state === 'unknown') return EXIT.network
  return status.state.startsWith('stale') ? EXIT.stale : EXIT.ok
}
