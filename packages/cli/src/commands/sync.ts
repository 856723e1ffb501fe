import { openBackup, type SyncOutcome } from '@holdfast/backup'
import { type DeviceOptions, openDevice } from '../device-folder'
import { EXIT } from '../exit-code'
import { count, formatBytes, shortHash } from '../format'
import type { Io } from '../io'
import { isPhraseGiven, type PhraseOptions, readFactor } from '../phrase'
import { Progress } from '../progress'

export interface SyncOptions extends DeviceOptions, PhraseOptions {
  readonly json?: boolean
}

export async function syncCommand(io: Io, folder: string, options: SyncOptions): Promise<number> {
  const progress = new Progress(io, !options.json)
  const device = await openDevice(io, folder, options, (event) => progress.show(event))
  const backup = await openBackup(device.options)
  let outcome = await backup.sync()
  progress.end()
  const needsFactor = outcome.kind === 'stale' || outcome.kind === 'needs-factor'
  if (needsFactor && (isPhraseGiven(options) || io.stdin.isTTY)) {
    if (!options.json) io.stderr(`${explain(outcome)}\n`)
    outcome = await backup.sync({ factor: await readFactor(io, options) })
    progress.end()
  }
  io.stdout(options.json ? `${JSON.stringify(toJson(outcome))}\n` : `${explain(outcome)}\n`)
  return exitCode(outcome)
}

function toJson(outcome: SyncOutcome): unknown {
  return 'cause' in outcome ? { ...outcome, cause: outcome.cause.toJSON() } : outcome
}

function explain(outcome: SyncOutcome): string {
  switch (outcome.kind) {
    case 'committed': {
      const { added, changed, removed } = outcome.changes
      return `${explainMerge(outcome)}committed: ${added.length} added, ${changed.length} changed, ${removed.length} removed (${formatBytes(outcome.sealedBytes)} sealed, head ${shortHash(outcome.head)})`
    }
    case 'up-to-date':
      return `${explainMerge(outcome)}up to date (head ${shortHash(outcome.head)})`
    case 'stale': {
      const { added, changed, removed } = outcome.changes
      const waiting = added.length + changed.length + removed.length
      return `stale: the backup was changed on another device (head ${shortHash(outcome.head)}); ${count(waiting, 'change')} waiting here.\n  Authenticate with the recovery phrase to take its state: run \`holdfast sync\` in a terminal, or with --phrase-file.`
    }
    case 'needs-factor':
      return 'this device is not registered with the service any more.\n  Authenticate with the recovery phrase to register it: run `holdfast sync` in a terminal, or with --phrase-file.'
    case 'unknown':
      return `unknown: the answer was lost (${outcome.cause.code}). Nothing is lost: run \`holdfast sync\` again, it settles it.`
  }
}

function explainMerge({ merged }: Extract<SyncOutcome, { kind: 'committed' | 'up-to-date' }>): string {
  if (!merged) return ''
  const kept = merged.conflicts.map(({ path, keptAs }) => `  changed on both sides: ${path}\n    yours is kept as ${keptAs}\n`)
  return `took the remote state: ${merged.written.length} written, ${merged.removed.length} removed\n${kept.join('')}`
}

function exitCode({ kind }: SyncOutcome): number {
  if (kind === 'stale') return EXIT.stale
  if (kind === 'needs-factor') return EXIT.needsFactor
  return kind === 'unknown' ? EXIT.network : EXIT.ok
}
