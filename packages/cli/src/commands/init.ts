import { createBackup, recoveryPhrase } from '@holdfast/backup'
import { HoldfastError } from '@holdfast/base'
import { makeRecoveryPhrase } from '@holdfast/keys'
import { rehearse } from '../check-files'
import { type DeviceOptions, isInside, makeDevice, type NewDevice } from '../device-folder'
import { count, formatBytes, quoted } from '../format'
import type { Io } from '../io'
import { exitCode, explain, withPlainCause } from '../outcome'
import { checkNewPhraseFile, isPhraseGiven, type PhraseOptions, readPhrase, writePhrase } from '../phrase'
import { Progress } from '../progress'

export interface InitOptions extends DeviceOptions, PhraseOptions {
  readonly service: string
  readonly phraseOut?: string
  readonly json?: boolean
}

/** All that can be wrong is found before anything is made; from then on the phrase is in the user's hands before any file is sent. */
export async function initCommand(io: Io, folder: string, options: InitOptions): Promise<number> {
  await checkPhraseOut(folder, options)
  const progress = new Progress(io)
  const device = await makeDevice(io, folder, options, progress.show)
  const isNew = !isPhraseGiven(options)
  const phrase = await prepare(io, device, options).finally(() => progress.end())
  const takeBackPhrase = isNew && options.phraseOut ? await writePhrase(options.phraseOut, phrase) : undefined
  let backup: Awaited<ReturnType<typeof createBackup>>
  try {
    backup = await createBackup({ ...device.options, factor: recoveryPhrase(phrase) })
  } catch (error) {
    // With a phrase of the user's the same command finishes what may have arrived; a new one is worth nothing yet.
    if (isNew || !(error instanceof HoldfastError && error.retry.safe)) await device.takeBack()
    await takeBackPhrase?.()
    throw error
  }
  progress.end()
  if (!options.json && isNew) showPhrase(io, phrase, options.phraseOut)
  const outcome = await backup.sync().finally(() => progress.end())
  const committed = outcome.kind === 'committed' ? outcome : undefined
  const files = committed?.changes.added.length ?? 0
  const sealedBytes = committed?.sealedBytes ?? 0
  if (options.json) {
    const phraseFile = isNew ? options.phraseOut : undefined
    io.stdout(
      `${JSON.stringify({ ...withPlainCause(outcome), backupId: backup.backupId, files, sealedBytes, stateDir: device.stateDir, phraseFile })}\n`,
    )
    return exitCode(outcome)
  }
  if (outcome.kind === 'up-to-date') io.stdout('backed up an empty folder\n')
  else io.stdout(committed ? `backed up ${count(files, 'file')} (${formatBytes(sealedBytes)} sealed)\n` : `${explain(outcome)}\n`)
  io.stdout(`  backup ${backup.backupId}\n  state  ${device.stateDir}\nnext: edit something, then \`holdfast sync ${quoted(folder)}\`\n`)
  return exitCode(outcome)
}

/** @throws `phrase_out_needed`, `phrase_file_unwritable`, `phrase_inside_folder`. */
export async function checkPhraseOut(folder: string, options: Omit<InitOptions, 'service'>): Promise<void> {
  if (isPhraseGiven(options)) return
  if (options.phraseOut === undefined) {
    if (!options.json) return
    throw new HoldfastError('phrase_out_needed', 'the recovery phrase has nowhere to go: --json never prints it; pass --phrase-out FILE', {
      remedy: 'fix-call',
    })
  }
  await checkNewPhraseFile(options.phraseOut)
  if (!(await isInside(folder, options.phraseOut))) return
  throw new HoldfastError(
    'phrase_inside_folder',
    `the phrase file would lie inside the backed-up folder: ${options.phraseOut}; choose a place outside, for it is the way back in`,
    { remedy: 'fix-call' },
  )
}

async function prepare(io: Io, device: NewDevice, options: InitOptions): Promise<string> {
  const { engine, service, store, onProgress } = device.options
  try {
    await rehearse(engine, store.files, onProgress)
    await service.ready()
    const phrase = isPhraseGiven(options) ? await readPhrase(io, options) : makeRecoveryPhrase(engine.random)
    recoveryPhrase(phrase)
    return phrase
  } catch (error) {
    await device.takeBack()
    throw error
  }
}

function showPhrase(io: Io, phrase: string, phraseOut: string | undefined): void {
  if (phraseOut !== undefined)
    io.stdout(`The recovery phrase is in ${phraseOut}. Keep it apart from this device: it is the only way back in.\n\n`)
  else io.stdout(`Recovery phrase. Write it down now; it is shown once, and it is the only way back in:\n\n${layOut(phrase, io.columns)}\n`)
}

/** Numbered, in as many columns as the terminal holds: four, two or one. */
function layOut(phrase: string, terminal: number): string {
  const words = phrase.split(' ').map((word, i) => `${String(i + 1).padStart(4)} ${word.padEnd(10)}`)
  const columns = [4, 2].find((n) => n * 15 <= terminal) ?? 1
  const rows = words.length / columns
  return Array.from(
    { length: rows },
    (_, row) =>
      `${words
        .slice(row * columns, (row + 1) * columns)
        .join('')
        .trimEnd()}\n`,
  ).join('')
}
