/** What an export came to: for programs (`report.json`), for people (`report.md`), and as a summary on the terminal. */
import type { FolderPlace } from '@holdfast/turtl/markdown'
import { count, listed, printable } from '../format'
import { isLoss, type Problem } from './problem'

export interface ExportReport {
  readonly kind: 'turtl-export'
  readonly format: string
  readonly source: string
  readonly username?: string
  /** ISO 8601. */
  readonly exportedAt: string
  /** Whether nothing was left out. */
  readonly complete: boolean
  readonly spaces: number
  readonly boards: number
  readonly notes: number
  readonly attachments: number
  readonly attachmentBytes: number
  /** Notes that hold a password, which now lies in the clear. */
  readonly passwords: number
  readonly problems: readonly Problem[]
  readonly folders?: readonly FolderPlace[]
}

export const REPORT_FILES = ['report.json', 'report.md']

export const isComplete = (problems: readonly Problem[]) => !problems.some(isLoss)

export function renderReportJson(report: ExportReport): string {
  return `${JSON.stringify(report, null, 2)}\n`
}

export function renderReportMarkdown(report: ExportReport): string {
  const { source, username, exportedAt, complete, problems } = report
  const lines = [
    '# Export of a Turtl account',
    '',
    `From ${source}${username === undefined ? '' : `, account ${username}`}, ${exportedAt}.`,
    '',
    `${counts(report)}.`,
    '',
    ...(report.passwords > 0 ? [`**${passwordWarning(report)}**`, ''] : []),
    complete ? 'Complete: nothing was left out.' : `**Not complete: ${count(problems.filter(isLoss).length, 'object')} could not be had.**`,
  ]
  if (problems.length > 0) lines.push('', '| what | id | reason |', '| --- | --- | --- |', ...problems.map(row))
  return `${lines.join('\n')}\n`
}

const row = ({ kind, id, explanation }: Problem) => `| ${kind} | ${printable(id)} | ${printable(explanation).replaceAll('|', '\\|')} |`

export const counts = ({ spaces, boards, notes, attachments }: ExportReport) =>
  [count(notes, 'note'), count(boards, 'board'), count(spaces, 'space'), count(attachments, 'attachment')].join(', ')

export const passwordWarning = ({ passwords }: ExportReport) =>
  `${count(passwords, 'note')} ${passwords === 1 ? 'holds a password' : 'hold passwords'}, here in the clear: keep this where only you can read it`

export function listProblems(problems: readonly Problem[]): string {
  return listed(problems.map(({ kind, id, explanation }) => `${kind} ${shortId(id)}: ${printable(explanation)}`))
}

/** Ids of Turtl begin with the time and end with a counter. */
export const shortId = (id: string) => (id.length > 30 ? `${id.slice(0, 12)}…${id.slice(-4)}` : printable(id))
