import { HoldfastError, type HoldfastErrorOptions } from '@holdfast/base'

/** Codes the client makes itself, beside those of the service. */
export type ClientErrorCode =
  /** No answer: the service may or may not have done the work. */
  | 'unreachable'
  /** The service answered 5xx, 429 or 408: outcome unknown for calls that write. */
  | 'service_failed'
  | 'unexpected_answer'

/** What to do about a service code (world-backup-client §9.9). */
const REMEDIES: Readonly<Record<string, HoldfastErrorOptions>> = {
  unauthorized_factor: { remedy: 'register-sync-factor' },
  backup_untraceable: { remedy: 'register-sync-factor' },
  backup_does_not_exist: { remedy: 'wipe-local' },
  manifest_hash_mismatch: { remedy: 'fetch-remote' },
  backup_account_id_already_exists: { remedy: 'authenticate-main-factor' },
  conflicting_lock: { remedy: 'retry', retry: { safe: true, afterMs: 500 } },
  already_used: { remedy: 'retry', retry: { safe: true } },
  jwt_error: { remedy: 'retry', retry: { safe: true } },
  content_too_large: { remedy: 'fix-input' },
}

/** A refusal by the service, under its own code. Unknown codes are passed on as they are. */
export function serviceError(code: string, status: number): HoldfastError {
  const options = REMEDIES[code] ?? { remedy: 'contact-support' }
  return new HoldfastError(code, `the service refused: ${code.replaceAll('_', ' ')} (HTTP ${status}); ${advice(options.remedy)}`, options)
}

function advice(remedy: HoldfastErrorOptions['remedy']): string {
  switch (remedy) {
    case 'register-sync-factor':
      return 'this device is not registered: authenticate with the main factor and register it'
    case 'wipe-local':
      return 'the backup is gone: start over'
    case 'fetch-remote':
      return 'another device was first: fetch its state, then sync again'
    case 'authenticate-main-factor':
      return 'open the existing backup with its main factor'
    case 'retry':
      return 'try again'
    case 'fix-input':
      return 'send less'
    default:
      return 'ask whoever runs the service'
  }
}

export function unreachable(what: string, cause: unknown): HoldfastError<ClientErrorCode> {
  return new HoldfastError(
    'unreachable',
    `no answer from the service: ${what} failed on the way; check the address and the network, then try again`,
    {
      remedy: 'retry',
      retry: { safe: true, afterMs: 1000 },
      cause,
    },
  )
}

export function serviceFailed(what: string, status: number): HoldfastError<ClientErrorCode> {
  return new HoldfastError('service_failed', `the service failed: ${what} was answered with HTTP ${status}; try again later`, {
    remedy: 'retry',
    retry: { safe: true, afterMs: 1000 },
  })
}

export function unexpectedAnswer(what: string, cause?: unknown): HoldfastError<ClientErrorCode> {
  return new HoldfastError(
    'unexpected_answer',
    `the service answered ${what} in a form this client does not know; check that the address is a backup service`,
    {
      remedy: 'contact-support',
      cause,
    },
  )
}
