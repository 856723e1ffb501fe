import { HoldfastError } from '@holdfast/base'

export function readError(what: string, path: string, cause: unknown): HoldfastError {
  const { code = 'unknown' } = cause as { code?: string }
  return new HoldfastError('file_unreadable', `${what} cannot be read: ${path} (${code}); check its path and who may read it`, {
    remedy: 'fix-input',
    cause,
  })
}
