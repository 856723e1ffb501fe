import { HoldfastError } from '@holdfast/base'
import { init } from '@holdfast/crypto'
import type { Note, TurtlContents } from '@holdfast/turtl'
import { renderNote } from '@holdfast/turtl/markdown'
import { EXIT } from '../exit-code'
import { count, printable } from '../format'
import type { Io } from '../io'
import { Progress } from '../progress'
import { isComplete, listProblems, shortId } from '../turtl/export-report'
import { type BoardBranch, noteTree, type SpaceBranch } from '../turtl/note-tree'
import type { OpenedSource } from '../turtl/opened-source'
import { openSource, type SourceOptions } from '../turtl/source'

export interface TurtlShowOptions extends SourceOptions {
  readonly note?: string
  readonly reveal?: boolean
  readonly json?: boolean
}

/** The whole tree, or one note; writes nothing. */
export async function turtlShowCommand(io: Io, options: TurtlShowOptions): Promise<number> {
  const progress = new Progress(io)
  const engine = await init()
  try {
    const source = await openSource({ io, engine, progress }, options)
    progress.end()
    try {
      if (options.note === undefined) showTree(io, source, options)
      else showNote(io, findNote(source.contents, options.note), options)
      return isComplete(source.problems) ? EXIT.ok : EXIT.damaged
    } finally {
      source.close()
    }
  } finally {
    progress.end()
  }
}

function showTree(io: Io, { contents, description, username, problems }: OpenedSource, { json }: TurtlShowOptions): void {
  const spaces = noteTree(contents)
  if (json) {
    io.stdout(`${JSON.stringify({ kind: 'turtl-tree', source: description, username, spaces, problems })}\n`)
    return
  }
  const { boards, notes } = contents
  io.stdout(
    `${username ?? 'account'}, ${description}: ${count(notes.size, 'note')}, ${count(boards.size, 'board')}, ${count(spaces.length, 'space')}\n`,
  )
  for (const space of spaces) io.stdout(describeSpace(space))
  if (problems.length > 0) io.stdout(`could not be opened:\n${listProblems(problems)}`)
}

const describeSpace = (space: SpaceBranch) =>
  `${named(space.title)}\n${describeNotes(space, '  ')}${space.boards.map((board) => `  ${named(board.title)}/\n${describeNotes(board, '    ')}`).join('')}`

const describeNotes = ({ notes }: BoardBranch, indent: string) =>
  notes.map(({ id, title, type }) => `${indent}${shortId(id)}  ${type.padEnd(8)}  ${named(title)}\n`).join('')

const named = (title: string) => (title === '' ? '(without title)' : printable(title))

function showNote(io: Io, note: Note, { json, reveal }: TurtlShowOptions): void {
  const { password, ...others } = note.data
  const isHidden = password !== undefined && reveal !== true
  const shown = isHidden ? { ...note, data: others } : note
  if (json) {
    const { keys: _, ...fields } = shown
    io.stdout(`${JSON.stringify({ kind: 'turtl-note', ...fields, passwordHidden: isHidden })}\n`)
    return
  }
  const lines = renderNote({ note: shown, path: '' }).split('\n')
  io.stdout(`${lines.map((line) => line.split('\t').map(printable).join('\t')).join('\n')}`)
  if (isHidden) io.stderr('the password is not shown: --reveal shows it\n')
}

/** @param wanted the id, or its two ends as the tree shows them. @throws `no_such_note`, `ambiguous_note`. */
function findNote({ notes }: TurtlContents, wanted: string): Note {
  const exact = notes.get(wanted)
  if (exact) return exact
  const [start = '', end = ''] = wanted.split(/…|\.{2,}/)
  const found = [...notes.values()].filter(({ id }) => id.startsWith(start) && id.endsWith(end))
  const [note] = found
  if (note && found.length === 1) return note
  throw new HoldfastError(
    found.length > 1 ? 'ambiguous_note' : 'no_such_note',
    `${found.length > 1 ? `${found.length} notes have` : 'no note has'} that id: ${printable(wanted)}; pass one that \`turtl show\` lists`,
    { remedy: 'fix-call' },
  )
}
