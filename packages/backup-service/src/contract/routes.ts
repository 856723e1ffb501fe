/** Paths of the routes used here, and what a challenge for each is bound to (backup-service-api §1.0). */
export const ROUTES = {
  health: '/health',
  ready: '/ready',
  status: '/v1/backup/status',
  create: '/v1/create',
  retrieve: '/v1/retrieve/from-challenge',
  verifyFactor: '/v1/verify-factor',
  addSyncFactor: '/v1/add-sync-factor',
  sync: '/v1/sync',
  retrieveMetadata: '/v1/retrieve-metadata',
  deleteFactor: '/v1/delete-factor',
  deleteBackup: '/v1/delete-backup',
  reset: '/v1/reset',
} as const

/** Challenges that are asked for with `{}`. */
export const CHALLENGES = {
  CREATE: '/v1/create/challenge/keypair',
  RETRIEVE: '/v1/retrieve/challenge/keypair',
  VERIFYFACTOR: '/v1/verify-factor/challenge/keypair',
  ADDSYNCFACTOR: '/v1/add-sync-factor/challenge/keypair',
  SYNC: '/v1/sync/challenge/keypair',
  RETRIEVEMETADATA: '/v1/retrieve-metadata/challenge/keypair',
  DELETEBACKUP: '/v1/delete-backup/challenge/keypair',
} as const

/** Challenges bound to an id as well: of the factor to delete, of the backup to reset. */
export const BOUND_CHALLENGES = {
  DELETEFACTOR: '/v1/delete-factor/challenge/keypair',
  RESET: '/v1/reset/challenge/keypair',
} as const

export type ChallengeContext = keyof typeof CHALLENGES
