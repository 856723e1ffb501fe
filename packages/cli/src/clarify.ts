/** Errors of the libraries below, in the words of somebody at a command line. */
import { HoldfastError } from '@holdfast/base'
import { formatBytes } from './format'

const CLARIFIED: Readonly<Record<string, (error: HoldfastError) => string>> = {
  backup_too_large: ({ message }) =>
    `the folder is too large: sealed it would take ${formatBytes(Number(/got (\d+)/.exec(message)?.[1]))}, and a backup may take 15 MiB; move something out, or back up a smaller folder`,
  backup_untraceable: () =>
    'no backup for this phrase: the service knows none that it belongs to; check that it is the right phrase, and the right service',
}

/** The same code, remedy and cause, and a message that says what to do here. */
export function clarify(error: unknown): unknown {
  if (!(error instanceof HoldfastError)) return error
  const message = CLARIFIED[error.code]?.(error)
  return message === undefined ? error : new HoldfastError(error.code, message, { remedy: error.remedy, retry: error.retry, cause: error })
}
