import { openBackup } from '@holdfast/backup'
import { type DeviceOptions, openDevice } from '../device-folder'
import { EXIT } from '../exit-code'
import { count, formatBytes, listed, printable } from '../format'
import type { Io } from '../io'
import { canAskPhrase, type PhraseOptions, readFactor } from '../phrase'
import { Progress } from '../progress'

export interface VerifyOptions extends DeviceOptions, PhraseOptions {
  readonly local?: boolean
  readonly json?: boolean
}

export async function verifyCommand(io: Io, folder: string, options: VerifyOptions): Promise<number> {
  const progress = new Progress(io)
  const device = await openDevice(io, folder, options, progress.show)
  const factor = options.local || !canAskPhrase(io, options) ? undefined : await readFactor(io, options)
  const report = await (await openBackup(device.options)).verify(factor ? { factor } : {})
  progress.end()
  if (options.json) io.stdout(`${JSON.stringify(report)}\n`)
  else {
    const what =
      report.checked === 'remote'
        ? 'opened everything at the service'
        : 'checked this folder against its ledger (pass the recovery phrase to open what the service holds)'
    io.stdout(`${report.ok ? 'sound' : 'NOT SOUND'}: ${what}; ${count(report.files, 'file')}, ${formatBytes(report.bytes)}\n`)
    io.stdout(listed(report.problems.map(({ path, problem }) => `${problem} ${printable(path)}`.trimEnd())))
  }
  return report.ok ? EXIT.ok : EXIT.damaged
}
