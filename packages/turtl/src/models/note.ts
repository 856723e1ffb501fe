import { color, flag, id, integer, nonEmptyText, nullableId, optional, text, texts, wrappedKeys } from './field'
import { FILE, type FileData, type NoteFile } from './file'
import type { ModelDefinition, WrappedKey } from './model'

/** The private fields of a note (turtl §4.4). */
export interface NoteData {
  /** `text`, `link`, `image`, `file` or `password` in Turtl's own application. */
  readonly type: string
  readonly title?: string
  readonly tags?: readonly string[]
  readonly url?: string
  readonly username?: string
  readonly password?: string
  readonly text?: string
  readonly embed?: string
  /** Index into none, blue, red, green, purple, pink, brown, black. */
  readonly color?: number
  /** The private fields of the attachment. */
  readonly file?: FileData
}

/** A note; when it was made is in its id alone (turtl §4.2). */
export interface Note {
  readonly id: string
  readonly space_id: string
  readonly board_id: string | null
  /** Who made it. */
  readonly user_id: string
  /** The server's own; absent before the first upload, never null (turtl §9). */
  readonly has_file?: boolean
  readonly file?: NoteFile
  /** Unix seconds of the last edit; absent in some old data. */
  readonly mod?: number
  readonly keys: readonly WrappedKey[]
  readonly data: NoteData
}

export const NOTE: ModelDefinition = {
  public: { id, space_id: id, board_id: nullableId, user_id: id, has_file: optional(flag), mod: optional(integer), keys: wrappedKeys },
  private: {
    type: nonEmptyText,
    title: optional(text),
    tags: optional(texts),
    url: optional(text),
    username: optional(text),
    password: optional(text),
    text: optional(text),
    embed: optional(text),
    color: optional(color),
  },
  submodels: { file: FILE },
  hasWrappedKeys: true,
}
