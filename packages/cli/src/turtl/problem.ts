/** What could not be had of an account, and why: one entry an object, so that the rest goes on without it. */
import { HoldfastError } from '@holdfast/base'
import type { UnreadableObject } from '@holdfast/keys'

export interface Problem {
  readonly kind: 'keychain' | 'space' | 'board' | 'note' | 'attachment'
  /** Of the object; of an attachment the id of its note. */
  readonly id: string
  /** A word for programs. */
  readonly reason: string
  /** The same for people. */
  readonly explanation: string
}

const EXPLANATIONS: Readonly<Record<UnreadableObject['reason'], string>> = {
  no_wrap: 'no key that could be opened leads to it',
  wrong_key: 'no key of this account opens it',
  damaged: 'its content is missing or damaged',
  unsupported: 'it is of a format that is not known',
}

export function toProblem({ kind, id, reason, missing }: UnreadableObject): Problem {
  const wanted = missing.length > 0 ? ` (wanted: the key of ${missing.join(', ')})` : ''
  return { kind, id, reason, explanation: EXPLANATIONS[reason] + wanted }
}

/** @throws what is no expected error. */
export function attachmentProblem(noteId: string, error: unknown): Problem {
  if (!(error instanceof HoldfastError)) throw error
  return { kind: 'attachment', id: noteId, reason: error.code, explanation: error.message }
}

/** Of a note that has one, of which the store of attachments knows nothing. */
export function missingAttachment(noteId: string): Problem {
  return { kind: 'attachment', id: noteId, reason: 'missing', explanation: 'the note has an attachment, and it is not there' }
}

/** A broken entry of the keychain is a cause: what it keeps closed is listed by itself. */
export const isLoss = ({ kind }: Problem) => kind !== 'keychain'
