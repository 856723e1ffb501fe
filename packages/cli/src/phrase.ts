import { readFile, writeFile } from 'node:fs/promises'
import { type MainFactor, recoveryPhrase } from '@holdfast/backup'
import { HoldfastError } from '@holdfast/base'
import { type Io, promptSecret, readLine } from './io'

/** Ways to hand over a recovery phrase; never an argument, never the environment. */
export interface PhraseOptions {
  readonly phraseFile?: string
  readonly phraseStdin?: boolean
}

export const isPhraseGiven = ({ phraseFile, phraseStdin }: PhraseOptions) => phraseFile !== undefined || phraseStdin === true

/** @throws `phrase_needed`, `invalid_recovery_phrase`. */
export async function readPhrase(io: Io, options: PhraseOptions): Promise<string> {
  if (options.phraseFile !== undefined) {
    return readFile(options.phraseFile, 'utf8').catch((cause) => {
      throw new HoldfastError('file_unreadable', `the phrase file cannot be read: ${options.phraseFile} (${cause.code}); check its path`, {
        remedy: 'fix-input',
        cause,
      })
    })
  }
  if (options.phraseStdin) return readLine(io)
  return promptSecret(io, 'recovery phrase (24 words, not shown): ')
}

export async function readFactor(io: Io, options: PhraseOptions): Promise<MainFactor> {
  return recoveryPhrase(await readPhrase(io, options))
}

/** For its owner only; an existing file is never overwritten. */
export async function writePhrase(path: string, phrase: string): Promise<void> {
  await writeFile(path, `${phrase}\n`, { mode: 0o600, flag: 'wx' }).catch((cause) => {
    throw new HoldfastError('file_unwritable', `the phrase file cannot be written: ${path} (${cause.code}); choose a new file`, {
      remedy: 'fix-input',
      cause,
    })
  })
}
