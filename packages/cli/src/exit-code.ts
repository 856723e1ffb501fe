import { HoldfastError, StructureError } from '@holdfast/base'

/** Exit codes by class of outcome; a script can tell what to do next. */
export const EXIT = {
  ok: 0,
  internal: 1,
  usage: 2,
  needsFactor: 3,
  stale: 4,
  network: 5,
  damaged: 6,
  disk: 7,
  interrupted: 130,
} as const

const BY_CODE: Readonly<Record<string, number>> = {
  interrupted: EXIT.interrupted,
  unreachable: EXIT.network,
  service_failed: EXIT.network,
  unexpected_answer: EXIT.network,
  conflicting_lock: EXIT.network,
  internal_error: EXIT.network,
  backup_does_not_exist: EXIT.network,
  turtl_unreachable: EXIT.network,
  turtl_rejected: EXIT.network,
  turtl_unexpected_answer: EXIT.network,
  turtl_answer_too_large: EXIT.network,
  turtl_login_failed: EXIT.needsFactor,
  turtl_wrong_password: EXIT.needsFactor,
  password_needed: EXIT.needsFactor,
  phrase_needed: EXIT.needsFactor,
  invalid_recovery_phrase: EXIT.needsFactor,
  unauthorized_factor: EXIT.needsFactor,
  backup_untraceable: EXIT.needsFactor,
  backup_id_mismatch: EXIT.needsFactor,
  missing_encryption_key: EXIT.needsFactor,
  auth_failed: EXIT.damaged,
  disk_full: EXIT.disk,
  file_unreadable: EXIT.disk,
  file_unwritable: EXIT.disk,
  unsupported_file: EXIT.disk,
  state_not_yours: EXIT.disk,
  store_busy: EXIT.disk,
  database_unavailable: EXIT.disk,
  port_unavailable: EXIT.network,
  // Structure errors that are about what the user has, not about damage.
  backup_too_large: EXIT.usage,
  duplicate_path: EXIT.usage,
  invalid_path: EXIT.usage,
}

export function exitCodeOf(error: unknown): number {
  if (!(error instanceof HoldfastError)) return EXIT.internal
  return BY_CODE[error.code] ?? (error instanceof StructureError ? EXIT.damaged : EXIT.usage)
}
