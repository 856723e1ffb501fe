import { access, rm, writeFile } from 'node:fs/promises'
import { type MainFactor, recoveryPhrase } from '@holdfast/backup'
import { HoldfastError } from '@holdfast/base'
import { type Io, promptSecret, readInput } from './io'
import { readSecretFile } from './secret-file'

/** Ways to hand over a recovery phrase; never an argument, never the environment. */
export interface PhraseOptions {
  readonly phraseFile?: string
  readonly phraseStdin?: boolean
}

const WORDS = 24
const TRIES = 3

export const isPhraseGiven = ({ phraseFile, phraseStdin }: PhraseOptions) => phraseFile !== undefined || phraseStdin === true

/** A phrase can be had: it was given, or somebody sits at a terminal. */
export const canAskPhrase = (io: Io, options: PhraseOptions) => isPhraseGiven(options) || io.stdin.isTTY === true

/** @throws `phrase_needed`, `invalid_recovery_phrase`, `file_unreadable`, `interrupted`. */
export async function readPhrase(io: Io, options: PhraseOptions): Promise<string> {
  if (options.phraseFile !== undefined) return withoutNumbers(await readSecretFile(io, options.phraseFile, 'phrase'))
  if (options.phraseStdin && !io.stdin.isTTY) return withoutNumbers(await readInput(io))
  if (!io.stdin.isTTY) {
    throw new HoldfastError(
      'phrase_needed',
      'the recovery phrase is needed: there is no terminal to ask on; pass --phrase-file FILE or --phrase-stdin',
      { remedy: 'authenticate-main-factor' },
    )
  }
  return askPhrase(io)
}

/** At a terminal, a slip may be mended at once. */
async function askPhrase(io: Io): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const text = withoutNumbers(await promptSecret(io, 'recovery phrase (24 words, not shown): ', askOn))
    try {
      recoveryPhrase(text)
      return text
    } catch (error) {
      if (attempt === TRIES || text.trim() === '' || !(error instanceof HoldfastError)) throw error
      io.stderr(`${error.message}\n`)
    }
  }
}

/** A phrase may be pasted or typed over several lines; an empty line ends it. */
function askOn(text: string): string | undefined {
  const words = countWords(text)
  const lastLine = text.split('\n').at(-2) ?? ''
  if (words >= WORDS || lastLine.trim() === '') return undefined
  return `${words} of ${WORDS} words; go on, or press Enter to end: `
}

const countWords = (text: string) => withoutNumbers(text).split(/\s+/).filter(Boolean).length

/** The phrase is shown as a numbered table; who copies the table copies the numbers. */
const withoutNumbers = (text: string) => text.replace(/\d+\.?/g, ' ').trim()

export async function readFactor(io: Io, options: PhraseOptions): Promise<MainFactor> {
  return recoveryPhrase(await readPhrase(io, options))
}

/** For its owner only; an existing file is never overwritten. @returns how to take it back. */
export async function writePhrase(path: string, phrase: string): Promise<() => Promise<void>> {
  try {
    await writeFile(path, `${phrase}\n`, { mode: 0o600, flag: 'wx' })
  } catch (cause) {
    throw phraseFileError(path, (cause as { code?: string }).code, cause)
  }
  return () => rm(path, { force: true })
}

/** @throws `phrase_file_unwritable`: there is a file already. */
export async function checkNewPhraseFile(path: string): Promise<void> {
  const exists = await access(path).then(
    () => true,
    () => false,
  )
  if (exists) throw phraseFileError(path, 'EEXIST')
}

function phraseFileError(path: string, code: string | undefined, cause?: unknown): HoldfastError {
  const why = code === 'EEXIST' ? 'it is there already, and is never overwritten' : code
  return new HoldfastError('phrase_file_unwritable', `the phrase file cannot be written: ${path} (${why}); choose a new file`, {
    remedy: 'fix-input',
    cause,
  })
}
