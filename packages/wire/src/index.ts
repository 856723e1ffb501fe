export { isBufferable, type Json, type JsonMember, parseJson, readRecord, readText } from './json'
export { ENVELOPE_OVERHEAD, openEnvelope, sealEnvelope } from './turtl/envelope'
export { openMessage, SEALED_MESSAGE_OVERHEAD, sealMessage } from './turtl/sealed-message'
export { attestationRequestHash } from './world/attestation'
export { checkNewPath, resolvePath } from './world/backup-path'
export { DESIGNATORS, type Designator, isDesignator } from './world/designator'
export {
  checkUniquePaths,
  decodeManifest,
  EMPTY_MANIFEST_HASH,
  encodeManifest,
  hashManifest,
  type Manifest,
  type ManifestEntry,
} from './world/manifest'
export { decodeRootKey, encodeRootKey, type RootKeyJson } from './world/root-key-json'
export {
  type BackupContents,
  decodeContainer,
  MAX_CONTAINER_BYTES,
  MAX_SEALED_BACKUP_BYTES,
  openBackup,
  resolvePaths,
  sealBackup,
} from './world/sealed-backup'
export { openBackupSecret, sealBackupSecret } from './world/sealed-backup-secret'
