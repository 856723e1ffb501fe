/** An account as people see it: spaces, in them boards, in them notes. */
import type { Note, TurtlContents } from '@holdfast/turtl'

export interface NoteLine {
  readonly id: string
  readonly title: string
  readonly type: string
}

export interface BoardBranch {
  readonly id: string
  readonly title: string
  readonly notes: readonly NoteLine[]
}

export interface SpaceBranch extends BoardBranch {
  readonly boards: readonly BoardBranch[]
}

/** Notes of spaces that are not open stand under a space without title. */
export function noteTree({ spaces, boards, notes }: TurtlContents): readonly SpaceBranch[] {
  const lines = new Map<string, NoteLine[]>()
  const inSpace = (note: Note) => !boards.has(note.board_id ?? '')
  for (const note of notes.values()) {
    const place = inSpace(note) ? note.space_id : (note.board_id ?? '')
    const line = { id: note.id, title: note.data.title ?? '', type: note.data.type }
    lines.set(place, [...(lines.get(place) ?? []), line])
  }
  const homeless = [...notes.values()].filter(inSpace).map(({ space_id }) => space_id)
  const closed = [...boards.values()].map(({ space_id }) => space_id)
  return [...new Set([...spaces.keys(), ...homeless, ...closed])].map((id) => ({
    id,
    title: spaces.get(id)?.data.title ?? '',
    notes: lines.get(id) ?? [],
    boards: [...boards.values()]
      .filter(({ space_id }) => space_id === id)
      .map((board) => ({ id: board.id, title: board.data.title, notes: lines.get(board.id) ?? [] })),
  }))
}
