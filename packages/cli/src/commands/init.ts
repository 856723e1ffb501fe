import { stat } from 'node:fs/promises'
import { createBackup, recoveryPhrase } from '@holdfast/backup'
import { HoldfastError } from '@holdfast/base'
import { makeRecoveryPhrase } from '@holdfast/keys'
import { type DeviceOptions, openDevice } from '../device-folder'
import { EXIT } from '../exit-code'
import { count, formatBytes } from '../format'
import type { Io } from '../io'
import { isPhraseGiven, type PhraseOptions, readPhrase, writePhrase } from '../phrase'
import { Progress } from '../progress'

export interface InitOptions extends DeviceOptions, PhraseOptions {
  readonly service: string
  readonly phraseOut?: string
  readonly json?: boolean
}

export async function initCommand(io: Io, folder: string, options: InitOptions): Promise<number> {
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) {
    throw new HoldfastError('no_such_folder', `no such folder: ${folder}; pass the folder to back up`, { remedy: 'fix-call' })
  }
  if (options.json && !options.phraseOut && !isPhraseGiven(options)) {
    throw new HoldfastError('phrase_out_needed', 'the recovery phrase has nowhere to go: --json never prints it; pass --phrase-out FILE', {
      remedy: 'fix-call',
    })
  }
  const progress = new Progress(io, !options.json)
  const device = await openDevice(io, folder, options, (event) => progress.show(event))
  await device.options.service.ready()
  const phrase = isPhraseGiven(options) ? await readPhrase(io, options) : makeRecoveryPhrase(device.options.engine.random)
  const factor = recoveryPhrase(phrase)
  const isNew = !isPhraseGiven(options)
  if (isNew && options.phraseOut) await writePhrase(options.phraseOut, phrase)
  await device.store.state.save('service', device.serviceUrl)
  const backup = await createBackup({ ...device.options, factor })
  const outcome = await backup.sync()
  progress.end()
  const files = outcome.kind === 'committed' ? outcome.changes.added.length : 0
  const sealedBytes = outcome.kind === 'committed' ? outcome.sealedBytes : 0
  if (options.json) {
    io.stdout(
      `${JSON.stringify({ kind: outcome.kind, backupId: backup.backupId, files, sealedBytes, stateDir: device.stateDir, phraseFile: isNew ? options.phraseOut : undefined })}\n`,
    )
    return outcome.kind === 'unknown' ? EXIT.network : EXIT.ok
  }
  io.stdout(
    `backed up ${count(files, 'file')} (${formatBytes(sealedBytes)} sealed)\n  backup ${backup.backupId}\n  state  ${device.stateDir}\n`,
  )
  if (isNew && options.phraseOut)
    io.stdout(`\nThe recovery phrase is in ${options.phraseOut}. Keep it apart from this device: it is the only way back in.\n`)
  else if (isNew)
    io.stdout(`\nRecovery phrase. Write it down now; it is shown once, and it is the only way back in:\n\n${layOut(phrase)}\n`)
  io.stdout('next: edit something, then `holdfast sync`\n')
  return EXIT.ok
}

/** Four columns of six, numbered. */
function layOut(phrase: string): string {
  const words = phrase.split(' ').map((word, i) => `${String(i + 1).padStart(4)} ${word.padEnd(10)}`)
  return Array.from({ length: 6 }, (_, row) => `${words.slice(row * 4, row * 4 + 4).join('')}\n`).join('')
}
