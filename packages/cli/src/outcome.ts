/** What a sync came to, for people, for scripts and as an exit code. */
import type { SyncOutcome } from '@holdfast/backup'
import { EXIT } from './exit-code'
import { count, formatBytes, printable, shortHash } from './format'

/** The outcome as it goes into JSON. */
export function withPlainCause(outcome: SyncOutcome): Record<string, unknown> {
  return 'cause' in outcome ? { ...outcome, cause: outcome.cause.toJSON() } : outcome
}

export function explain(outcome: SyncOutcome): string {
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
      return `stale: the backup was changed on another device (head ${shortHash(outcome.head)}); ${count(waiting, 'change')} waiting here.\n  To take its state the recovery phrase is needed: run \`holdfast sync\` in a terminal, or with --phrase-file.`
    }
    case 'needs-factor':
      return 'this device is not registered with the service any more.\n  To register it the recovery phrase is needed: run `holdfast sync` in a terminal, or with --phrase-file.'
    case 'unknown':
      return `unknown: the answer was lost (${outcome.cause.code}). Nothing is lost here: run \`holdfast sync\` again, it settles it.`
  }
}

function explainMerge({ merged }: Extract<SyncOutcome, { kind: 'committed' | 'up-to-date' }>): string {
  if (!merged) return ''
  const kept = merged.conflicts.map(
    ({ path, keptAs }) => `  changed on both sides: ${printable(path)}\n    yours is kept as ${printable(keptAs)}\n`,
  )
  return `took the remote state: ${merged.written.length} written, ${merged.removed.length} removed\n${kept.join('')}`
}

export function exitCode({ kind }: SyncOutcome): number {
  if (kind === 'stale') return EXIT.stale
  if (kind === 'needs-factor') return EXIT.needsFactor
  return kind === 'unknown' ? EXIT.network : EXIT.ok
}
