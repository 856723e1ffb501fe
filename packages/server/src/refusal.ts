import { ERROR_CODES, ERROR_MESSAGES, type FixedErrorCode, type ServiceErrorCode } from '@holdfast/backup-service/contract'

/** A refusal in the service's envelope (backup-service-api §0.4). */
export class Refusal extends Error {
  readonly code: ServiceErrorCode

  constructor(code: ServiceErrorCode, message: string) {
    super(message)
    this.code = code
  }

  toResponse(): Response {
    const { code, message } = this
    return Response.json({ allowRetry: false, error: { code, message } }, { status: ERROR_CODES[code] })
  }
}

/** A refusal whose message is fixed (§6). */
export function refuse(code: FixedErrorCode): Refusal {
  return new Refusal(code, ERROR_MESSAGES[code])
}

/** What the framework of the original answers before a handler runs: plain text, no envelope. */
export class FrameworkRejection extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }

  toResponse(): Response {
    return new Response(this.message, { status: this.status, headers: { 'content-type': 'text/plain; charset=utf-8' } })
  }
}
