import { HoldfastError } from '@holdfast/base'
import { init } from '@holdfast/crypto'
import { EXIT } from '../exit-code'
import { quoted } from '../format'
import type { Io } from '../io'
import type { PhraseOptions } from '../phrase'
import { Progress } from '../progress'
import { exportAccountTo, type Writer } from '../turtl/export-account'
import type { ExportFormat } from '../turtl/export-formats'
import { counts, type ExportReport, listProblems, passwordWarning } from '../turtl/export-report'
import { checkNewFolder } from '../turtl/new-folder'
import { openSource, type SourceOptions } from '../turtl/source'
import { writeMarkdown } from '../turtl/write-markdown'
import { TURTL_EXPORT_FILE, writeTurtlJson } from '../turtl/write-turtl-json'
import { checkPhraseOut, initCommand } from './init'

export interface TurtlExportOptions extends SourceOptions, PhraseOptions {
  readonly format: ExportFormat
  /** For `backup`: as `init` takes them. */
  readonly service?: string
  readonly phraseOut?: string
  readonly state?: string
  readonly json?: boolean
}

const WRITERS: Readonly<Record<TurtlExportOptions['format'], Writer>> = {
  markdown: writeMarkdown,
  turtl: writeTurtlJson,
  backup: writeMarkdown,
}

/** What cannot be opened is listed and stops nothing; the exit code says whether anything was left out. */
export async function turtlExportCommand(io: Io, target: string, options: TurtlExportOptions): Promise<number> {
  await checkBackupOptions(target, options)
  await checkNewFolder(target)
  const progress = new Progress(io)
  const engine = await init()
  try {
    const source = await openSource({ io, engine, progress }, options)
    try {
      const report = await exportAccountTo(target, source, { io, progress }, { format: options.format, write: WRITERS[options.format] })
      progress.end()
      return options.format === 'backup' ? await backUp(io, target, options, report) : sayReport(io, target, options, report)
    } finally {
      source.close()
    }
  } finally {
    progress.end()
  }
}

function sayReport(io: Io, target: string, options: TurtlExportOptions, report: ExportReport): number {
  if (options.json) io.stdout(`${JSON.stringify({ ...report, folder: target })}\n`)
  else io.stdout(describe(target, options, report))
  return exitCodeOf(report)
}

const exitCodeOf = ({ complete }: ExportReport) => (complete ? EXIT.ok : EXIT.damaged)

function describe(target: string, { format }: TurtlExportOptions, report: ExportReport): string {
  const place = format === 'turtl' ? `${target}/${TURTL_EXPORT_FILE}` : target
  const warning = report.passwords > 0 ? `WARNING: ${passwordWarning(report)}\n` : ''
  const listed = listProblems(report.problems)
  const left = report.complete ? '' : 'NOT COMPLETE: some could not be had\n'
  return `exported ${counts(report)} into ${place}\n  from   ${report.source}\n  report ${target}/report.md\n${warning}${left}${listed}`
}

/** The folder becomes one that is backed up, as by `holdfast init`. */
async function backUp(io: Io, target: string, options: TurtlExportOptions, report: ExportReport): Promise<number> {
  const said: string[] = []
  const quiet = options.json ? { ...io, stdout: (text: string) => void said.push(text) } : io
  const exported = options.json ? exitCodeOf(report) : sayReport(io, target, options, report)
  const code = await initCommand(quiet, target, { ...options, service: options.service ?? '' }).catch((error) => {
    throw exportedAll(target, error)
  })
  if (options.json) io.stdout(`${JSON.stringify({ ...report, folder: target, backup: JSON.parse(said.join('')) })}\n`)
  return code === EXIT.ok ? exported : code
}

function exportedAll(target: string, error: unknown): unknown {
  if (!(error instanceof HoldfastError)) return error
  const { code, message, remedy, retry } = error
  const text = `${message}; the export itself is whole, in ${target}: \`holdfast init ${quoted(target)}\` backs it up`
  return new HoldfastError(code, text, { remedy, retry, cause: error })
}

/** All that can be wrong with the backup is found before the account is asked for. */
async function checkBackupOptions(target: string, options: TurtlExportOptions): Promise<void> {
  const { format, service, passwordStdin, phraseStdin } = options
  if ((format === 'backup') !== (service !== undefined)) {
    const [given, todo] = format === 'backup' ? ['no --service', 'pass its address'] : [`--format ${format}`, 'pass --format backup']
    throw new HoldfastError('service_needed', `a backup goes to a service, and nothing else does: ${given} was given; ${todo}`, {
      remedy: 'fix-call',
    })
  }
  if (passwordStdin && phraseStdin) {
    throw new HoldfastError(
      'one_input',
      'standard input holds one secret: both --password-stdin and --phrase-stdin were given; pass one of them as a file',
      { remedy: 'fix-call' },
    )
  }
  if (format === 'backup') await checkPhraseOut(target, options)
}
