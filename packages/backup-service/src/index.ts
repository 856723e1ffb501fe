export {
  type CreateRequest,
  createServiceClient,
  type Retrieved,
  type ServiceClient,
  type ServiceClientOptions,
  type SyncRequest,
} from './client'
export type { BackupMetadata, EncryptionKey, Factor, ServiceErrorCode } from './contract'
export { LIMITS } from './contract'
export type { ClientErrorCode } from './service-error'
