/** The routes (backup-service-api §1): same paths, bodies, codes and order of checks as the deployed service. */
import {
  type Authorization,
  addSyncFactorRequest,
  BOUND_CHALLENGES,
  CHALLENGES,
  type ChallengeContext,
  createPayload,
  deleteBackupRequest,
  deleteFactorChallengeRequest,
  deleteFactorRequest,
  emptyRequest,
  LIMITS,
  ROUTES,
  resetChallengeRequest,
  resetRequest,
  retrieveMetadataRequest,
  retrieveRequest,
  statusRequest,
  syncPayload,
  verifyFactorRequest,
} from '@holdfast/backup-service/contract'
import { type Clock, encodeBase64, type Random } from '@holdfast/base'
import { type Context, Hono } from 'hono'
import type { z } from 'zod'
import { type Attestation, checkAttestation } from './attestation'
import { Backups, exportMetadata, type Scope, type StoredBackup } from './backups'
import type { BlobStore } from './blobs'
import { Challenges, type Purpose } from './challenges'
import { compressAnswer } from './compression'
import type { Database } from './database'
import { checkKeypairProof } from './keypair-proof'
import { FrameworkRejection, Refusal, refuse } from './refusal'
import { parseJsonBody, readBackupForm, readBytes, readJson } from './request-body'
import { checkResetProof } from './reset-proof'

export interface AppDependencies {
  readonly database: Database
  readonly blobs: BlobStore
  readonly clock: Clock
  readonly random: Random
  readonly attestation: Attestation
  /** 32 bytes that encrypt challenge tokens. */
  readonly tokenKey: Uint8Array
  /** Told of faults, without bodies, tokens or keys. */
  readonly log?: (line: string) => void
}

/** Set by a route for the middleware around it. */
export interface AppEnv {
  Variables: { attestationFailure: string | undefined }
}

export const VERSION = '0.1.0'

export function createApp(dependencies: AppDependencies): Hono<AppEnv> {
  const { database, blobs, clock, random, attestation, tokenKey, log } = dependencies
  const challenges = new Challenges(tokenKey, clock, random, database)
  const backups = new Backups(database, blobs, clock, random, log)
  const app = new Hono<AppEnv>()

  /** A new keypair proves that it can sign (§2.4); its token is used up by that. @returns its public key. */
  async function registerKeypair(authorization: Authorization, token: string, purpose: Purpose): Promise<string> {
    const { publicKey, signature } = await checkKind(authorization, token, purpose)
    checkKeypairProof(await challenges.open(token, purpose), publicKey, signature)
    await challenges.consume(token)
    return publicKey
  }

  function registerSyncKeypair(authorization: Authorization, token: string, context: ChallengeContext): Promise<string> {
    if (authorization.kind !== 'EC_KEYPAIR') throw refuse('invalid_sync_factor_type')
    return registerKeypair(authorization, token, { kind: context })
  }

  /** What this server answers to kinds it does not know: the token is judged before the proof (§2.5), and none of its tokens is a passkey's. */
  async function checkKind(authorization: Authorization, token: string, purpose: Purpose): Promise<KeypairAuthorization> {
    if (authorization.kind === 'EC_KEYPAIR') return authorization
    await challenges.open(token, purpose, authorization.kind === 'PASSKEY' ? 'PASSKEY' : 'KEYPAIR')
    throw refuse('not_supported')
  }

  /** §2.5, in its order: type, token, context, signature, lookup, metadata, membership, replay. */
  async function authenticate(scope: Scope, authorization: Authorization, token: string, purpose: Purpose): Promise<StoredBackup> {
    if (scope === 'SYNC' && authorization.kind !== 'EC_KEYPAIR') throw refuse('invalid_authorization_type')
    const { publicKey, signature } = await checkKind(authorization, token, purpose)
    checkKeypairProof(await challenges.open(token, purpose), publicKey, signature)
    const id = await backups.findIdByFactor(scope, publicKey)
    if (id === undefined) throw refuse('backup_untraceable')
    const backup = await backups.find(id)
    if (!backup) throw refuse('backup_missing')
    const factors = scope === 'MAIN' ? backup.metadata.factors : backup.metadata.syncFactors
    if (!factors.some((factor) => factor.kind.publicKey === publicKey)) throw refuse('unauthorized_factor')
    await challenges.consume(token)
    return backup
  }

  /** Attestation comes before content type and shape (Appendix C); what is not enforced is reported in a header. */
  async function readAttested<Schema extends z.ZodType>(c: Context<AppEnv>, schema: Schema): Promise<z.infer<Schema>> {
    const body = await readBytes(c.req.raw, LIMITS.attestedBytes)
    const failure = await checkAttestation(attestation, clock, c.req.raw, body)
    c.set('attestationFailure', failure)
    return parseJsonBody(c.req.raw, body ?? new Uint8Array(), schema)
  }

  app.use(async (c, next) => {
    await next()
    const failure = c.get('attestationFailure')
    if (failure !== undefined) c.res.headers.set('attestation-failure', failure)
    c.res = await compressAnswer(c.req.raw, c.res)
  })

  app.get(ROUTES.health, () => Response.json({ status: 'ok', semver: VERSION, rev: null }))
  app.get(ROUTES.ready, async () => {
    await backups.ready()
    return Response.json({ status: 'ok' })
  })

  for (const [context, path] of Object.entries(CHALLENGES)) {
    app.post(path, async (c) => {
      await readJson(c.req.raw, emptyRequest)
      return Response.json(await challenges.issue({ kind: context as ChallengeContext }))
    })
  }
  app.post(BOUND_CHALLENGES.DELETEFACTOR, async (c) => {
    const { factorId } = await readJson(c.req.raw, deleteFactorChallengeRequest)
    return Response.json(await challenges.issue({ kind: 'DELETEFACTOR', factorId }))
  })
  app.post(BOUND_CHALLENGES.RESET, async (c) => {
    const { backupAccountId } = await readJson(c.req.raw, resetChallengeRequest)
    return Response.json(await challenges.issue({ kind: 'RESET', backupAccountId }))
  })

  app.post(ROUTES.status, async (c) => {
    const { backupId } = await readJson(c.req.raw, statusRequest)
    const backup = await backups.find(backupId)
    if (!backup) throw refuse('not_found')
    return Response.json({ backupId, factors: backup.metadata.factors.map(({ kind }) => ({ kind: kind.kind, accountKind: null })) })
  })

  app.post(ROUTES.create, async (c) => {
    const { payload, backup: blob } = await readBackupForm(c.req.raw, createPayload)
    const mainKey = await registerKeypair(payload.authorization, payload.challengeToken, { kind: 'CREATE' })
    const syncKey = await registerSyncKeypair(payload.initialSyncFactor, payload.initialSyncChallengeToken, 'CREATE')
    const backup = await backups.create({
      id: payload.backupAccountId,
      manifestHash: payload.manifestHash,
      mainKey,
      syncKey,
      encryptionKey: payload.initialEncryptionKey,
      blob,
    })
    return Response.json({ backupId: backup.metadata.id, backupMetadata: exportMetadata(backup) })
  })

  app.post(ROUTES.retrieve, async (c) => {
    const { authorization, challengeToken } = await readAttested(c, retrieveRequest)
    const backup = await authenticate('MAIN', authorization, challengeToken, { kind: 'RETRIEVE' })
    const blob = await readCurrentBlob(backup)
    return c.json({ ...blob, syncFactorToken: await backups.mintSyncFactorToken(backup.metadata.id) })
  })

  app.post(ROUTES.verifyFactor, async (c) => {
    const { authorization, challengeToken } = await readAttested(c, verifyFactorRequest)
    const { metadata } = await authenticate('MAIN', authorization, challengeToken, { kind: 'VERIFYFACTOR' })
    return c.json({ backupId: metadata.id })
  })

  /** A sync may replace the blob between the two reads: then the newer state is the answer. */
  async function readCurrentBlob(found: StoredBackup): Promise<{ backup: string; metadata: ReturnType<typeof exportMetadata> }> {
    let backup: StoredBackup | undefined = found
    for (let attempt = 0; backup && attempt < 5; attempt++) {
      const blob = await backups.readBlob(backup)
      if (blob) return { backup: encodeBase64(blob), metadata: exportMetadata(backup) }
      backup = await backups.find(found.metadata.id)
    }
    throw refuse('internal_server_error')
  }

  app.post(ROUTES.addSyncFactor, async (c) => {
    const { syncFactor, challengeToken, syncFactorToken } = await readJson(c.req.raw, addSyncFactorRequest)
    const publicKey = await registerSyncKeypair(syncFactor, challengeToken, 'ADDSYNCFACTOR')
    return Response.json({ backupId: await backups.addSyncFactor(syncFactorToken, publicKey) })
  })

  app.post(ROUTES.sync, async (c) => {
    const { payload, backup: blob } = await readBackupForm(c.req.raw, syncPayload)
    const { metadata } = await authenticate('SYNC', payload.authorization, payload.challengeToken, { kind: 'SYNC' })
    await backups.sync(metadata.id, payload.currentManifestHash, payload.newManifestHash, blob)
    return Response.json({ backupId: metadata.id })
  })

  app.post(ROUTES.retrieveMetadata, async (c) => {
    const { authorization, challengeToken, backupId } = await readJson(c.req.raw, retrieveMetadataRequest)
    try {
      const backup = await authenticate('SYNC', authorization, challengeToken, { kind: 'RETRIEVEMETADATA' })
      if (backupId !== undefined && backupId !== backup.metadata.id) throw refuse('backup_id_mismatch')
      return Response.json(exportMetadata(backup))
    } catch (error) {
      if (backupId === undefined || !(error instanceof Refusal) || error.code !== 'backup_untraceable') throw error
      throw refuse((await backups.find(backupId)) ? 'unauthorized_factor' : 'backup_does_not_exist')
    }
  })

  app.post(ROUTES.deleteBackup, async (c) => {
    const { authorization, challengeToken } = await readJson(c.req.raw, deleteBackupRequest)
    const { metadata } = await authenticate('SYNC', authorization, challengeToken, { kind: 'DELETEBACKUP' })
    await backups.remove(metadata.id)
    return new Response(null, { status: 204 })
  })

  app.post(ROUTES.deleteFactor, async (c) => {
    const { authorization, challengeToken, factorId, encryptionKey, scope } = await readAttested(c, deleteFactorRequest)
    if (scope === 'SYNC' && encryptionKey) throw refuse('encryption_key_not_allowed')
    const { metadata } = await authenticate('SYNC', authorization, challengeToken, { kind: 'DELETEFACTOR', factorId })
    const factors = scope === 'MAIN' ? metadata.factors : metadata.syncFactors
    if (!factors.some(({ id }) => id === factorId)) throw new Refusal('factor_not_found', 'Factor not found in backup')
    const left = await backups.removeFactor(metadata.id, scope, factorId, encryptionKey)
    return c.json({ backupDeleted: !left, backupMetadata: left ? exportMetadata(left) : null })
  })

  app.post(ROUTES.reset, async (c) => {
    const { backupAccountId, signature, challengeToken } = await readJson(c.req.raw, resetRequest)
    checkResetProof(await openResetToken(challengeToken, backupAccountId), backupAccountId, signature)
    if (!(await backups.find(backupAccountId))) throw refuse('not_found')
    await challenges.consume(challengeToken)
    await backups.remove(backupAccountId)
    return new Response(null, { status: 204 })
  })

  /** Reset has its own words for a token of another purpose (§1.17). */
  async function openResetToken(token: string, backupAccountId: string): Promise<Uint8Array> {
    try {
      return await challenges.open(token, { kind: 'RESET', backupAccountId })
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'invalid_challenge_context') throw error
      throw new Refusal(error.code, 'Challenge token was not created for reset operation or backup_account_id mismatch.')
    }
  }

  for (const path of [ROUTES.health, ROUTES.ready]) app.all(path, () => new Response(null, { status: 405, headers: { allow: 'GET,HEAD' } }))
  for (const path of [...Object.values(ROUTES), ...Object.values(CHALLENGES), ...Object.values(BOUND_CHALLENGES)])
    app.all(path, () => new Response(null, { status: 405, headers: { allow: 'POST' } }))
  app.notFound(() => new Response(null, { status: 404 }))

  app.onError((error, c) => {
    if (error instanceof Refusal || error instanceof FrameworkRejection) return error.toResponse()
    log?.(`${c.req.method} ${c.req.path}: ${error.name}: ${error.message}`)
    return refuse('internal_server_error').toResponse()
  })

  return app
}

type KeypairAuthorization = Extract<Authorization, { kind: 'EC_KEYPAIR' }>
