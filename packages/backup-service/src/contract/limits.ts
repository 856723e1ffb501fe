/** Sizes and times of the service (backup-service-api §0.3, §2.2, §2.3). */
export const LIMITS = {
  sealedBackupBytes: 15 * 1024 * 1024,
  multipartBytes: 16 * 1024 * 1024,
  jsonBytes: 2 * 1024 * 1024,
  attestedBytes: 1024 * 1024,
  mainFactors: 10,
  syncFactors: 25,
  challengeSeconds: 900,
  syncFactorTokenSeconds: 900,
} as const
