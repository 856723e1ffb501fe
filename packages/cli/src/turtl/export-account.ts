/** From an open account to a folder that was not there before, with the report beside it. */
import { holdsPassword } from '@holdfast/turtl/markdown'
import { interrupted } from '../io'
import { AttachmentReader } from './attachments'
import { type ExportReport, isComplete, renderReportJson, renderReportMarkdown } from './export-report'
import { NewFolder } from './new-folder'
import type { OpenedSource } from './opened-source'
import type { SourceWorld } from './source'

export interface WriteWorld {
  readonly folder: NewFolder
  readonly source: OpenedSource
  readonly attachments: AttachmentReader
  /** Says how far it is; throws when the command is to stop. */
  step(done: number, total: number): void
}

export type Written = Pick<ExportReport, 'attachments' | 'attachmentBytes' | 'folders'>

export type Writer = (world: WriteWorld) => Promise<Written>

/** @throws `folder_not_empty`, `file_unwritable`, `disk_full`, `turtl_unreachable`, `interrupted`; nothing is left then. */
export async function exportAccountTo(
  target: string,
  source: OpenedSource,
  { io, progress }: Pick<SourceWorld, 'io' | 'progress'>,
  { format, write }: { readonly format: string; readonly write: Writer },
): Promise<ExportReport> {
  const attachments = new AttachmentReader(source)
  const step = (done: number, total: number) => {
    if (io.signal.aborted) throw interrupted()
    progress.show({ phase: 'apply', done, total })
  }
  return NewFolder.make(target, async (folder) => {
    const written = await write({ folder, source, attachments, step })
    const problems = [...source.problems, ...attachments.problems]
    const { spaces, boards, notes } = source.contents
    const report: ExportReport = {
      kind: 'turtl-export',
      format,
      source: source.description,
      ...(source.username === undefined ? {} : { username: source.username }),
      exportedAt: new Date().toISOString(),
      complete: isComplete(problems),
      spaces: spaces.size,
      boards: boards.size,
      notes: notes.size,
      passwords: [...notes.values()].filter(({ data }) => holdsPassword(data)).length,
      problems,
      ...written,
    }
    await folder.write('report.json', renderReportJson(report))
    await folder.write('report.md', renderReportMarkdown(report))
    step(1, 1)
    return report
  })
}
