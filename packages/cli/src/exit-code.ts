import { HoldfastError } from '@holdfast/base'

/** Exit codes by class of outcome; a script can tell what to do next. */
export const EXIT = { ok: 0, internal: 1, usage: 2, needsFactor: 3, stale: 4, network: 5, damaged: 6, disk: 7 } as const

const BY_CODE: Readonly<Record<string, number>> = {
  unreachable: EXIT.network,
  service_failed: EXIT.network,
  unexpected_answer: EXIT.network,
  conflicting_lock: EXIT.network,
  phrase_needed: EXIT.needsFactor,
  invalid_recovery_phrase: EXIT.needsFactor,
  unauthorized_factor: EXIT.needsFactor,
  backup_untraceable: EXIT.needsFactor,
  no_backup_here: EXIT.needsFactor,
  auth_failed: EXIT.damaged,
  invalid_file_record: EXIT.damaged,
  invalid_checksum: EXIT.damaged,
  container_damaged: EXIT.damaged,
  container_too_large: EXIT.damaged,
  version_not_detected: EXIT.damaged,
  invalid_root_key: EXIT.damaged,
  invalid_backup_key_pair: EXIT.damaged,
  disk_full: EXIT.disk,
  file_unreadable: EXIT.disk,
  file_unwritable: EXIT.disk,
  unsupported_file: EXIT.disk,
  store_busy: EXIT.disk,
  database_unavailable: EXIT.disk,
}

export function exitCodeOf(error: unknown): number {
  if (!(error instanceof HoldfastError)) return EXIT.internal
  return BY_CODE[error.code] ?? EXIT.usage
}
