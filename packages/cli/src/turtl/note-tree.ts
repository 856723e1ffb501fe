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

/** In the order of their making, which is that of ids. Notes of spaces that are not open stand under a space without title. */
export function noteTree({ spaces, boards, notes }: TurtlContents): readonly SpaceBranch[] {
  const lines = new Map<string, NoteLine[]>()
  const inSpace = (note: Note) => !boards.has(note.board_id ?? '')
  for (const note of inOrder(notes)) {
    const place = inSpace(note) ? note.space_id : (note.board_id ?? '')
    const line = { id: note.id, title: note.data.title ?? '', type: note.data.type }
    lines.set(place, [...(lines.get(place) ?? []), line])
  }
  const homeless = [...notes.values()].filter(inSpace).map(({ space_id }) => space_id)
  const closed = [...boards.values()].map(({ space_id }) => space_id)
  return [...new Set([...spaces.keys(), ...homeless, ...closed])].sort().map((id) => ({
    id,
    title: spaces.get(id)?.data.title ?? '',
    notes: lines.get(id) ?? [],
    boards: inOrder(boards)
      .filter(({ space_id }) => space_id === id)
      .map((board) => ({ id: board.id, title: board.data.title, notes: lines.get(board.id) ?? [] })),
  }))
}

const inOrder = <Item extends { readonly id: string }>(items: ReadonlyMap<string, Item>) =>
  [...items.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
