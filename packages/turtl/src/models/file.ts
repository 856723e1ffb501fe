import { id, integer, objectField, optional, text } from './field'
import type { SubmodelDefinition } from './model'

/** The public half of an attachment (turtl §4.4); its key is the note's. */
export interface NoteFile {
  /** The note's id; the server drops it. */
  readonly id?: string
  /** Bytes as stored, that is encrypted; the server's own after an upload. */
  readonly size?: number
}

export interface FileData {
  readonly name?: string
  /** MIME. */
  readonly type?: string
  /** Like `{"width": …, "height": …}`. */
  readonly meta?: Readonly<Record<string, unknown>>
}

export const FILE: SubmodelDefinition = {
  public: { id: optional(id), size: optional(integer) },
  private: { name: optional(text), type: optional(text), meta: optional(objectField) },
}
