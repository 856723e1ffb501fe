export {
  type AccountWorld,
  type BoardDraft,
  makeTurtlAccount,
  type NoteDraft,
  openTurtlAccount,
  type Saved,
  type SpaceDraft,
  TurtlAccount,
} from './account'
export { ATTACHMENT_OVERHEAD, attachmentFileName, openAttachment, sealAttachment } from './attachment'
export {
  type ChangePasswordBody,
  createTurtlClient,
  type FetchReason,
  type JoinBody,
  type TurtlClient,
  type TurtlClientOptions,
} from './client'
export type { AcceptedRecord, ChangeBatch, FailedRecord, SendResult, Updated, WireFields } from './client/answers'
export { type TurtlErrorCode, TurtlRejection, unlessGone } from './client/turtl-error'
export type { TurtlContents } from './contents'
export { exportAccount, type TurtlExport } from './export'
export { createIdSource, createMemoryIdStore, type IdSource, type IdState, type IdStore } from './id-source'
export { createdAt, decodeId, encodeId, type IdParts, remapId } from './ids'
export { type Imported, type ImportFailure, type ImportMode, type ImportOptions, importInto } from './import'
export { changeTurtlLogin, forgetLoginChange, type LoginChange, resumeLoginChange } from './login/change-login'
export { deleteTurtlAccount } from './login/delete-account'
export { type Joined, joinTurtl } from './login/join'
export { type MigrationOptions, migrateOldProfile } from './login/migrate-old-profile'
export { findOldKey, type OldBoard, type OldNote, type OldProfile, type OpenedProfile, openOldProfile } from './login/old-profile'
export { type LoginPair, rewrapStored } from './login/rewrap'
export { type SavedLogin, saveTurtlLogin } from './login/saved-login'
export { editUser, type LoginWorld, loginToTurtl, loginWithToken, type TurtlSession } from './login/session'
export type { Board } from './models/board'
export { checkWireShape, decodeModel, openModel, sealModel } from './models/codec'
export type { FileData, NoteFile } from './models/file'
export type { Invite } from './models/invite'
export type { KeychainEntry } from './models/keychain-entry'
export type { ModelKind, Models, WireModel, WrappedKey } from './models/model'
export type { Note, NoteData } from './models/note'
export { encodePrivateJson } from './models/private-json'
export { ROLES, type Role } from './models/role'
export type { Member, Space } from './models/space'
export {
  BATCH_LIMIT,
  type Change,
  decodeSyncRecord,
  encodeSyncRecord,
  type IncomingRecord,
  makeSyncRecords,
  SYNC_ACTIONS,
  SYNC_TYPES,
  type SyncAction,
  type SyncRecord,
  type SyncType,
} from './models/sync-record'
export type { User } from './models/user'
export { type ReadExport, readExport } from './read-export'
export { createNoteSearch, type NoteQuery, type NoteSearch } from './search'
export { type Accepted, type AcceptWorld, acceptInvite, declineInvite, resumeInvites } from './sharing/accept-invite'
export {
  type InviteDraft,
  type InviteWeakness,
  type MadeInvite,
  makeInvite,
  type Protection,
  type RecipientKey,
} from './sharing/make-invite'
export { editMember, leaveSpace, removeMember, setOwner } from './sharing/members'
export type { Left, Moved, Rekeying } from './sharing/move-objects'
export { moveToSpace, type SpaceMove, type SpaceMoveWorld } from './sharing/move-to-space'
export { mayDo, PERMISSIONS, type Permission, roleIn } from './sharing/permissions'
export { type Rotated, type RotationOrder, type RotationWorld, rotateSpace } from './sharing/rotate-space'
export { editInvite, fetchRecipient, type Recipient, revokeInvite, type SharingWorld, sendInvite } from './sharing/send-invite'
export {
  type Conflict,
  CURSOR,
  IGNORED,
  type ObjectTable,
  type Transfer,
  type TurtlStore,
  type TurtlTable,
  type TurtlTables,
  type TurtlTransaction,
  type Written,
} from './store'
export { createMemoryTurtlStore, type StoreFault } from './store/memory-store'
export { createStoredIdStore } from './store/stored-ids'
export type { TurtlSyncOptions } from './sync/context'
export { type Edited, openTurtlSync, type SyncOutcome, type TurtlSync } from './sync/open-turtl-sync'
export { loadUserKeyPair, makeUserKeyPair, type UserKeyPair } from './user-key-pair'
