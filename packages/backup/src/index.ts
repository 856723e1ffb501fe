export { createBackup } from './create-backup'
export { recoveryPhrase } from './factor'
export { openBackup } from './open-backup'
export type { Backup, BackupOptions, BackupStatus, MainFactor, ProgressEvent, SyncOutcome, VerifyReport } from './types'
