import type { Board } from './models/board'
import type { Note } from './models/note'
import type { Space } from './models/space'

/** What is in an account, in the clear, by id; a `TurtlAccount` is one. */
export interface TurtlContents {
  readonly spaces: ReadonlyMap<string, Space>
  readonly boards: ReadonlyMap<string, Board>
  readonly notes: ReadonlyMap<string, Note>
}
