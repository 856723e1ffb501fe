/** What a call to a Turtl server can fail with (turtl §3.6, §6.8, §9). */
import { HoldfastError, type HoldfastErrorOptions } from '@holdfast/base'

export type TurtlErrorCode =
  /** The server does not take the credentials (403). Stop: five of these lock the account, for the right password too (§3.6, §9). */
  | 'turtl_login_failed'
  /** The server refused; why is in `status`. */
  | 'turtl_rejected'
  /** No answer, or one of something in between: what writes may or may not have been done. */
  | 'turtl_unreachable'
  | 'turtl_unexpected_answer'
  | 'turtl_answer_too_large'

/** A refusal, with the HTTP status of the answer. */
export class TurtlRejection extends HoldfastError<'turtl_rejected' | 'turtl_login_failed'> {
  readonly status: number

  constructor(code: 'turtl_rejected' | 'turtl_login_failed', status: number, message: string, options: HoldfastErrorOptions = {}) {
    super(code, message, options)
    this.status = status
  }
}

/** What is gone is no failure to whoever only wanted it fetched, or gone. @returns `undefined` after a 404. */
export async function unlessGone<Answer>(running: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await running
  } catch (error) {
    if (error instanceof TurtlRejection && error.status === 404) return undefined
    throw error
  }
}

export function loginFailed(status: number): TurtlRejection {
  return new TurtlRejection(
    'turtl_login_failed',
    status,
    `the login was refused: the server answered HTTP ${status} to these credentials; log in with the current e-mail and password, and do not repeat the call: five failures lock the account`,
    { remedy: 'authenticate-main-factor' },
  )
}

/** @param reason the server's own words; what could steer a terminal is left out of them. */
export function rejected(what: string, status: number, reason: string): TurtlRejection {
  const said = reason === '' ? '' : ` ("${reason.replace(/\p{C}/gu, '').slice(0, 200)}")`
  return new TurtlRejection(
    'turtl_rejected',
    status,
    `the server refused: ${what} was answered with HTTP ${status}${said}; ${advice(status)}`,
    {
      remedy: status >= 500 ? 'contact-support' : 'fix-input',
    },
  )
}

function advice(status: number): string {
  if (status === 403) return 'the role in the space does not allow it'
  if (status === 404) return 'it is not there, or not any more: fetch what is'
  if (status === 409) return 'the server holds another state: fetch it first'
  return status >= 500 ? 'ask whoever runs the server' : 'send what the server takes'
}

export function unreachable(what: string, cause?: unknown): HoldfastError<'turtl_unreachable'> {
  return new HoldfastError(
    'turtl_unreachable',
    `no answer from the Turtl server: ${what} failed on the way; check the address and the network, then try again`,
    { remedy: 'retry', retry: { safe: true, afterMs: 1000 }, cause },
  )
}

export function unexpectedAnswer(what: string, cause?: unknown): HoldfastError<'turtl_unexpected_answer'> {
  return new HoldfastError(
    'turtl_unexpected_answer',
    `not the answer of a Turtl server: ${what} came back in a form this client does not know; check that the address is that of a Turtl server`,
    { remedy: 'contact-support', cause },
  )
}

export function answerTooLarge(what: string, limit: number): HoldfastError<'turtl_answer_too_large'> {
  return new HoldfastError(
    'turtl_answer_too_large',
    `the answer is too large: ${what} gave more than the ${limit} bytes that are taken; raise the limit if the server is to be trusted with that`,
    { remedy: 'contact-support' },
  )
}
