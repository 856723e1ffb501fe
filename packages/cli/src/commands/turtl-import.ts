import { HoldfastError } from '@holdfast/base'
import { init } from '@holdfast/crypto'
import type { ImportMode } from '@holdfast/turtl'
import { EXIT } from '../exit-code'
import { count } from '../format'
import type { Io } from '../io'
import { Progress } from '../progress'
import type { CredentialOptions } from '../turtl/credentials'
import { listProblems } from '../turtl/export-report'
import { type ImportReport, importAccount } from '../turtl/import-account'
import { readJson } from '../turtl/read-dump'
import { openServer } from '../turtl/source'

export interface TurtlImportOptions extends CredentialOptions {
  readonly server: string
  readonly mode: ImportMode
  readonly deleteFirst?: boolean
  readonly json?: boolean
}

/** Done again after a failure it goes on: what has arrived keeps its ids and is met again. */
export async function turtlImportCommand(io: Io, file: string, options: TurtlImportOptions): Promise<number> {
  checkMode(options)
  const source = await readJson(file)
  const progress = new Progress(io)
  const engine = await init()
  try {
    const { opened, server, userId } = await openServer({ io, engine, progress }, options.server, options)
    try {
      const report = await importAccount({ io, engine, progress, server, userId }, opened, source, options.mode)
      progress.end()
      io.stdout(options.json ? `${JSON.stringify(report)}\n` : describe(report))
      return report.complete ? EXIT.ok : EXIT.damaged
    } finally {
      opened.close()
    }
  } finally {
    progress.end()
  }
}

function describe({ endpoint, sent, attachments, complete, problems }: ImportReport): string {
  const what = [count(sent.note, 'note'), count(sent.board, 'board'), count(sent.space, 'space'), count(attachments, 'attachment')].join(
    ', ',
  )
  return `sent ${what} to ${endpoint}\n${complete ? '' : 'NOT COMPLETE: some could not be imported\n'}${listProblems(problems)}`
}

function checkMode({ mode, deleteFirst }: TurtlImportOptions): void {
  if ((mode === 'full') === (deleteFirst === true)) return
  throw new HoldfastError(
    'delete_first_needed',
    mode === 'full'
      ? 'the mode `full` deletes every space you own at the server first: nothing is kept of them; export the account, then pass --delete-first'
      : `--delete-first belongs to the mode full: ${mode} was given; pass --mode full, or leave it out`,
    { remedy: 'fix-call' },
  )
}
