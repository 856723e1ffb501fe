import { z } from 'zod'

/** Every error code of the routes used here, with its HTTP status (backup-service-api §6). */
export const ERROR_CODES = {
  already_used: 400,
  backup_account_id_already_exists: 409,
  backup_does_not_exist: 400,
  backup_id_mismatch: 400,
  backup_missing: 400,
  backup_not_found: 400,
  backup_untraceable: 400,
  conflicting_lock: 423,
  content_too_large: 413,
  empty_backup_file: 400,
  factor_already_exists: 400,
  internal_server_error: 500,
  invalid_attestation_token: 400,
  invalid_attestation_token_claim: 400,
  invalid_attestation_token_header: 400,
  invalid_authorization_type: 400,
  invalid_challenge_context: 400,
  invalid_payload: 400,
  invalid_sync_factor_type: 400,
  jwt_error: 400,
  manifest_hash_mismatch: 412,
  missing_backup_field: 400,
  missing_payload_field: 400,
  multipart_error: 400,
  not_found: 404,
  not_supported: 400,
  signature_verification_error: 400,
  token_not_found: 400,
  too_many_factors: 409,
  unauthorized_factor: 400,
  unexpected_challenge_type: 400,
} as const

export type ServiceErrorCode = keyof typeof ERROR_CODES

export const errorBody = z.object({ allowRetry: z.boolean(), error: z.object({ code: z.string(), message: z.string() }) })
