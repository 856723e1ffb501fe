import type { Bytes } from '@holdfast/base'
import type { Note, TurtlContents } from '@holdfast/turtl'
import type { Problem } from './problem'

/** An account, open, wherever it came from. */
export interface OpenedSource {
  /** For people: where it came from. */
  readonly description: string
  readonly username?: string
  readonly contents: TurtlContents
  /** What could not be opened, attachments apart: those are opened one by one. */
  readonly problems: readonly Problem[]
  /**
   * The attachment of a note in the clear, `undefined` when there is none.
   *
   * @throws `auth_failed` and other codes: there is one, and it cannot be had.
   */
  attachmentOf(note: Note): Promise<Bytes | undefined>
  /** Wipes every key. */
  close(): void
}
