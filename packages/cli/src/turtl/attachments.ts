/** Attachments of an account, one in memory at a time. */
import type { Bytes } from '@holdfast/base'
import { HoldfastError } from '@holdfast/base'
import type { Note } from '@holdfast/turtl'
import type { OpenedSource } from './opened-source'
import { attachmentProblem, missingAttachment, type Problem } from './problem'

/** So many unanswered calls in a row are no matter of single attachments any more. */
const MOST_UNANSWERED = 5

/** Says what was there and keeps account of what was not. */
export class AttachmentReader {
  readonly problems: Problem[] = []
  readonly #source: OpenedSource
  #unanswered = 0

  constructor(source: OpenedSource) {
    this.#source = source
  }

  /** `undefined`: the note has none, or it cannot be had, which is then among the problems. @throws `turtl_unreachable`, `interrupted`. */
  async read(note: Note): Promise<Bytes | undefined> {
    try {
      const bytes = await this.#source.attachmentOf(note)
      if (!bytes && note.has_file === true) this.problems.push(missingAttachment(note.id))
      this.#unanswered = 0
      return bytes
    } catch (error) {
      if (error instanceof HoldfastError) this.#giveUpIfNeeded(error)
      this.problems.push(attachmentProblem(note.id, error))
      return undefined
    }
  }

  #giveUpIfNeeded(error: HoldfastError): void {
    if (error.code === 'interrupted') throw error
    this.#unanswered = error.code === 'turtl_unreachable' ? this.#unanswered + 1 : 0
    if (this.#unanswered >= MOST_UNANSWERED) throw error
  }
}
