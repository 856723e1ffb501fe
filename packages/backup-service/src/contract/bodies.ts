/** Bodies of requests and answers (backup-service-api §1, §3; world-backup-client §9). Unknown fields are ignored everywhere. */
import { z } from 'zod'

const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? undefined)

const HEX_32 = /^(?:0x)*[0-9a-fA-F]{64}$/

/** Hex of 32 bytes; any number of leading `0x` is stripped, the answer is lowercase (§0.5). */
export const manifestHash = z
  .string()
  .regex(HEX_32)
  .transform((text) => text.replace(/^(?:0x)+/, '').toLowerCase())

/** `backup_account_` and hex of 33 bytes; case is preserved and significant (§0.5). */
export const backupAccountId = z.string().regex(/^(?:backup_account_)+[0-9a-fA-F]{66}$/)

const oidcToken = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('GOOGLE'), token: z.string() }),
  z.object({ kind: z.literal('APPLE'), token: z.string(), aud: optional(z.string()) }),
])

export const keypairAuthorization = z.object({ kind: z.literal('EC_KEYPAIR'), publicKey: z.string(), signature: z.string() })

export const authorization = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('PASSKEY'), credential: z.record(z.string(), z.unknown()), label: z.string().optional() }),
  z.object({ kind: z.literal('OIDC_ACCOUNT'), oidcToken, publicKey: z.string(), signature: z.string() }),
  keypairAuthorization,
])
export type Authorization = z.infer<typeof authorization>

export const encryptionKey = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('PRF'), encryptedKey: z.string() }),
  z.object({ kind: z.literal('ICLOUD'), encryptedKey: z.string() }),
  z.object({
    kind: z.literal('TURNKEY'),
    encryptedKey: z.string(),
    turnkeyAccountId: z.string(),
    turnkeyUserId: z.string(),
    turnkeyPrivateKeyId: z.string(),
  }),
])
export type EncryptionKey = z.infer<typeof encryptionKey>

export const factorKind = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('PASSKEY'), credentialId: z.string(), label: z.string() }),
  z.object({
    kind: z.literal('OIDC_ACCOUNT'),
    account: z.object({ kind: z.enum(['GOOGLE', 'APPLE']), maskedEmail: z.string() }),
    turnkeyProviderId: z.string(),
  }),
  z.object({ kind: z.literal('EC_KEYPAIR'), publicKey: z.string() }),
])

/** A kind a later service may add: kept as it came, and counted (world-backup-client §13, trap 32). */
const unknownKind = z.looseObject({ kind: z.string() })

export const factor = z.object({ id: z.string(), createdAt: z.int(), kind: z.union([factorKind, unknownKind]) })
export type Factor = z.infer<typeof factor>

/** Exported metadata (§3.2). */
export const backupMetadata = z.object({
  id: z.string(),
  manifestHash: z.string(),
  keys: z.array(z.union([encryptionKey, unknownKind])),
  factors: z.array(factor),
  syncFactors: z.array(factor),
})
export type BackupMetadata = z.infer<typeof backupMetadata>

export const emptyRequest = z.object({})
export const challenge = z.object({ challenge: z.string(), token: z.string() })

export const statusRequest = z.object({ backupId: z.string() })
export const statusAnswer = z.object({
  backupId: z.string(),
  factors: z.array(z.object({ kind: z.string(), accountKind: z.enum(['GOOGLE', 'APPLE']).nullable() })),
})

export const createPayload = z.object({
  authorization,
  challengeToken: z.string(),
  initialEncryptionKey: encryptionKey,
  initialSyncFactor: authorization,
  initialSyncChallengeToken: z.string(),
  turnkeyProviderId: optional(z.string()),
  manifestHash,
  backupAccountId,
})
export const createAnswer = z.object({ backupId: z.string(), backupMetadata })

export const syncPayload = z.object({
  authorization,
  challengeToken: z.string(),
  currentManifestHash: manifestHash,
  newManifestHash: manifestHash,
})
export const backupIdAnswer = z.object({ backupId: z.string() })

export const retrieveRequest = z.object({ authorization, challengeToken: z.string() })
export const retrieveAnswer = z.object({ backup: z.string(), metadata: backupMetadata, syncFactorToken: z.string() })

export const addSyncFactorRequest = z.object({ challengeToken: z.string(), syncFactor: authorization, syncFactorToken: z.string() })
export const retrieveMetadataRequest = z.object({ authorization, challengeToken: z.string(), backupId: optional(z.string()) })
export const deleteBackupRequest = z.object({ authorization, challengeToken: z.string() })

export const verifyFactorRequest = retrieveRequest

export const deleteFactorChallengeRequest = z.object({ factorId: z.string() })
export const deleteFactorRequest = z.object({
  authorization,
  challengeToken: z.string(),
  factorId: z.string(),
  encryptionKey: optional(encryptionKey),
  scope: z.enum(['MAIN', 'SYNC']),
})
export const deleteFactorAnswer = z.object({ backupDeleted: z.boolean(), backupMetadata: backupMetadata.nullable() })

export const resetChallengeRequest = z.object({ backupAccountId })
export const resetRequest = z.object({ backupAccountId, signature: z.string(), challengeToken: z.string() })

export const healthAnswer = z.object({ status: z.literal('ok'), semver: z.string(), rev: z.string().nullable() })
export const readyAnswer = z.object({ status: z.literal('ok') })
