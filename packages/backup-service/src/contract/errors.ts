import { z } from 'zod'

/** Every error code of the routes used here, with its HTTP status (backup-service-api §6). There is no 401 and no 403. */
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
  encryption_key_not_allowed: 400,
  encryption_key_not_found: 400,
  factor_already_exists: 400,
  factor_not_found: 400,
  factor_orphaned_from_encryption_key: 400,
  internal_server_error: 500,
  invalid_attestation_token: 400,
  invalid_attestation_token_claim: 400,
  invalid_attestation_token_header: 400,
  invalid_authorization_type: 400,
  invalid_backup_account_id: 400,
  invalid_challenge_context: 400,
  invalid_payload: 400,
  invalid_signature: 400,
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

/** The messages of codes whose text is fixed (§6). Match on the code, never on these. */
export const ERROR_MESSAGES = {
  already_used: 'Token has already been used.',
  backup_account_id_already_exists: 'Backup ID already exists. Please `/sync` instead.',
  backup_does_not_exist: 'Client-side auth failure: backup_does_not_exist',
  backup_id_mismatch: 'Client-side auth failure: backup_id_mismatch',
  backup_missing: 'backup_missing',
  backup_not_found: 'Backup not found.',
  backup_untraceable: 'Client-side auth failure: backup_untraceable',
  conflicting_lock: 'Conflicting lock on resource',
  empty_backup_file: 'Empty backup file',
  encryption_key_not_allowed: 'Removing an encryption key is not allowed when removing sync factors',
  encryption_key_not_found: 'Encryption key not found.',
  factor_already_exists: 'This factor already exists.',
  factor_orphaned_from_encryption_key: 'Cannot remove encryption key as it would orphan an existing factor.',
  internal_server_error: 'Internal server error',
  invalid_attestation_token: 'Invalid attestation token.',
  invalid_attestation_token_header: 'Attestation token header is invalid or not present.',
  invalid_authorization_type: 'Client-side auth failure: invalid_authorization_type',
  invalid_challenge_context: 'Client-side auth failure: invalid_challenge_context',
  invalid_sync_factor_type: 'Client-side auth failure: invalid_sync_factor_type',
  jwt_error: 'Invalid or expired token.',
  manifest_hash_mismatch: 'The manifest hash does not match the expected value.',
  missing_backup_field: 'Missing backup field in multipart data',
  missing_payload_field: 'Missing payload field in multipart data',
  not_found: 'Not Found',
  not_supported: 'Not supported',
  token_not_found: 'Token not found.',
  too_many_factors: 'The maximum number of factors for this backup has been reached.',
  unauthorized_factor: 'The provided factor is not authorized for this backup.',
  unexpected_challenge_type: 'The challenge type does not match the expected type.',
} as const satisfies Partial<Record<ServiceErrorCode, string>>

/** Codes whose message is always the same. */
export type FixedErrorCode = keyof typeof ERROR_MESSAGES

export const errorBody = z.object({ allowRetry: z.boolean(), error: z.object({ code: z.string(), message: z.string() }) })
