export { type BackupAccount, deriveBackupAccount, signWithBackupAccount } from './backup-account'
export { type KeypairAuthorization, solveChallenge } from './challenge'
export { deriveFactorPublicKey, type FactorSecret, makeBackupKeyPair, makeFactorSecret } from './factor'
export {
  type FailedAttempt,
  Keyring,
  type Search,
  type UnreadableReason,
  type Wrap,
  type WrappedObject,
} from './keyring'
export { deriveRecoveryFactor, makeRecoveryPhrase, type RecoveryFactor } from './recovery-phrase'
export { deriveSubkey, exposeRootKeyJson, loadRootKey, makeRootKey, type RootKey } from './root-key'
export { loadSigningKey, makeSigningKey, type SigningKey } from './signing-key'
export {
  type OpenedAccount,
  type OpenedObject,
  openAccount,
  openAccountWithMasterKey,
  type PrivateFields,
  type UnreadableObject,
  type WireAccount,
  type WireObject,
} from './turtl/account'
export { deriveAuthToken } from './turtl/auth-token'
export { fingerprintOf } from './turtl/fingerprint'
export { type InviteProtection, type InviteSeal, openInvite, type SealedInvite, sealInvite, sealInviteMessage } from './turtl/invite'
export { isMadeInvitePassphrase, makeInvitePassphrase } from './turtl/invite-passphrase'
export { deriveTurtlLogin, type TurtlLogin, verifyTurtlDerivations } from './turtl/login'
export { type LoginToken, openLoginToken, openSavedLogin, type SavedLoginKey, sealLoginToken, sealSavedLogin } from './turtl/login-token'
export { deriveMasterKey, type MasterKey, normaliseUsername } from './turtl/master-key'
export { parsePrivateJson } from './turtl/private-json'
