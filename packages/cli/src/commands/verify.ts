import { openBackup } from '@holdfast/backup'
import { type DeviceOptions, openDevice } from '../device-folder'
import { EXIT } from '../exit-code'
import { count, formatBytes } from '../format'
import type { Io } from '../io'
import { isPhraseGiven, type PhraseOptions, readFactor } from '../phrase'
import { Progress } from '../progress'

export async function verifyCommand(
  io: Io,
  folder: string,
  options: DeviceOptions & PhraseOptions & { readonly json?: boolean },
): Promise<number> {
  const progress = new Progress(io, !options.json)
  const device = await openDevice(io, folder, options, (event) => progress.show(event))
  const factor = isPhraseGiven(options) || io.stdin.isTTY ? await readFactor(io, options) : undefined
  const report = await (await openBackup(device.options)).verify(factor ? { factor } : {})
  progress.end()
  if (options.json) io.stdout(`${JSON.stringify(report)}\n`)
  else {
    const what =
      report.checked === 'remote'
        ? 'opened everything at the service'
        : 'checked this folder against its ledger (pass the recovery phrase to open what the service holds)'
    io.stdout(`${report.ok ? 'sound' : 'NOT SOUND'}: ${what}; ${count(report.files, 'file')}, ${formatBytes(report.bytes)}\n`)
    for (const { path, problem } of report.problems) io.stdout(`  ${problem} ${path}\n`)
  }
  return report.ok ? EXIT.ok : EXIT.damaged
}
