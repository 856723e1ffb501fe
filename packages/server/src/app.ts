/** The routes (backup-service-api §1): same paths, bodies, codes and order of checks as the deployed service. */
import {
  type Authorization,
  addSyncFactorRequest,
  CHALLENGES,
  type ChallengeContext,
  createPayload,
  deleteBackupRequest,
  emptyRequest,
  LIMITS,
  ROUTES,
  retrieveMetadataRequest,
  retrieveRequest,
  statusRequest,
  syncPayload,
} from '@holdfast/backup-service/contract'
import { type Clock, encodeBase64, type Random } from '@holdfast/base'
import { Hono } from 'hono'
import { type Attestation, checkAttestation } from './attestation'
import { Backups, exportMetadata, type Scope, type StoredBackup } from './backups'
import type { BlobStore } from './blobs'
import { Challenges } from './challenges'
import type { Database } from './database'
import { checkKeypairProof } from './keypair-proof'
import { FrameworkRejection, Refusal } from './refusal'
import { parseJsonBody, readBackupForm, readBytes, readJson } from './request-body'

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

export const VERSION = '0.1.0'

export function createApp(dependencies: AppDependencies): Hono {
  const { database, blobs, clock, random, attestation, tokenKey, log } = dependencies
  const challenges = new Challenges(tokenKey, clock, random, database)
  const backups = new Backups(database, blobs, clock, random)
  const app = new Hono()

  /** A new keypair proves that it can sign (§2.4); its token is used up by that. @returns its public key. */
  async function registerKeypair(
    authorization: Authorization,
    token: string,
    context: ChallengeContext,
    kindError: Refusal,
  ): Promise<string> {
    if (authorization.kind !== 'EC_KEYPAIR') throw kindError
    checkKeypairProof(await challenges.open(token, context), authorization.publicKey, authorization.signature)
    await challenges.consume(token)
    return authorization.publicKey
  }

  /** §2.5, in its order: type, token, context, signature, lookup, metadata, membership, replay. */
  async function authenticate(scope: Scope, authorization: Authorization, token: string, context: ChallengeContext): Promise<StoredBackup> {
    if (authorization.kind !== 'EC_KEYPAIR') {
      if (scope === 'SYNC') throw new Refusal('invalid_authorization_type', 'Invalid authorization type')
      throw notSupported()
    }
    const { publicKey, signature } = authorization
    checkKeypairProof(await challenges.open(token, context), publicKey, signature)
    const id = await backups.findIdByFactor(scope, publicKey)
    if (id === undefined) throw new Refusal('backup_untraceable', 'Backup is untraceable')
    const backup = await backups.find(id)
    if (!backup) throw new Refusal('backup_missing', 'Backup is missing')
    const factors = scope === 'MAIN' ? backup.metadata.factors : backup.metadata.syncFactors
    if (!factors.some((factor) => factor.kind.publicKey === publicKey)) throw new Refusal('unauthorized_factor', 'Factor is not authorized')
    await challenges.consume(token)
    return backup
  }

  app.get(ROUTES.health, () => Response.json({ status: 'ok', semver: VERSION, rev: null }))
  app.get(ROUTES.ready, async () => {
    await backups.ready()
    return Response.json({ status: 'ok' })
  })

  for (const [context, path] of Object.entries(CHALLENGES)) {
    app.post(path, async (c) => {
      await readJson(c.req.raw, emptyRequest)
      return Response.json(await challenges.issue(context as ChallengeContext))
    })
  }

  app.post(ROUTES.status, async (c) => {
    const { backupId } = await readJson(c.req.raw, statusRequest)
    const backup = await backups.find(backupId)
    if (!backup) throw new Refusal('not_found', 'Not Found')
    return Response.json({ backupId, factors: backup.metadata.factors.map(({ kind }) => ({ kind: kind.kind, accountKind: null })) })
  })

  app.post(ROUTES.create, async (c) => {
    const { payload, backup: blob } = await readBackupForm(c.req.raw, createPayload)
    const mainKey = await registerKeypair(payload.authorization, payload.challengeToken, 'CREATE', notSupported())
    const syncTypeError = new Refusal('invalid_sync_factor_type', 'Invalid sync factor type')
    const syncKey = await registerKeypair(payload.initialSyncFactor, payload.initialSyncChallengeToken, 'CREATE', syncTypeError)
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
    const body = await readBytes(c.req.raw, LIMITS.attestedBytes)
    await checkAttestation(attestation, clock, c.req.raw, body)
    const { authorization, challengeToken } = parseJsonBody(c.req.raw, body ?? new Uint8Array(), retrieveRequest)
    const backup = await authenticate('MAIN', authorization, challengeToken, 'RETRIEVE')
    const blob = await readCurrentBlob(backup)
    return Response.json({ ...blob, syncFactorToken: await backups.mintSyncFactorToken(backup.metadata.id) })
  })

  /** A sync may replace the blob between the two reads: then the newer state is the answer. */
  async function readCurrentBlob(found: StoredBackup): Promise<{ backup: string; metadata: ReturnType<typeof exportMetadata> }> {
    let backup: StoredBackup | undefined = found
    for (let attempt = 0; backup && attempt < 5; attempt++) {
      const blob = await backups.readBlob(backup)
      if (blob) return { backup: encodeBase64(blob), metadata: exportMetadata(backup) }
      backup = await backups.find(found.metadata.id)
    }
    throw new Refusal('internal_server_error', 'Internal server error')
  }

  app.post(ROUTES.addSyncFactor, async (c) => {
    const { syncFactor, challengeToken, syncFactorToken } = await readJson(c.req.raw, addSyncFactorRequest)
    const publicKey = await registerKeypair(
      syncFactor,
      challengeToken,
      'ADDSYNCFACTOR',
      new Refusal('invalid_sync_factor_type', 'Invalid sync factor type'),
    )
    return Response.json({ backupId: await backups.addSyncFactor(syncFactorToken, publicKey) })
  })

  app.post(ROUTES.sync, async (c) => {
    const { payload, backup: blob } = await readBackupForm(c.req.raw, syncPayload)
    const { metadata } = await authenticate('SYNC', payload.authorization, payload.challengeToken, 'SYNC')
    await backups.sync(metadata.id, payload.currentManifestHash, payload.newManifestHash, blob)
    return Response.json({ backupId: metadata.id })
  })

  app.post(ROUTES.retrieveMetadata, async (c) => {
    const { authorization, challengeToken, backupId } = await readJson(c.req.raw, retrieveMetadataRequest)
    try {
      const backup = await authenticate('SYNC', authorization, challengeToken, 'RETRIEVEMETADATA')
      if (backupId !== undefined && backupId !== backup.metadata.id) throw new Refusal('backup_id_mismatch', 'Backup ID mismatch')
      return Response.json(exportMetadata(backup))
    } catch (error) {
      if (backupId === undefined || !(error instanceof Refusal) || error.code !== 'backup_untraceable') throw error
      if (await backups.find(backupId)) throw new Refusal('unauthorized_factor', 'Factor is not authorized')
      throw new Refusal('backup_does_not_exist', 'Backup does not exist')
    }
  })

  app.post(ROUTES.deleteBackup, async (c) => {
    const { authorization, challengeToken } = await readJson(c.req.raw, deleteBackupRequest)
    const { metadata } = await authenticate('SYNC', authorization, challengeToken, 'DELETEBACKUP')
    await backups.remove(metadata.id)
    return new Response(null, { status: 204 })
  })

  for (const path of [ROUTES.health, ROUTES.ready]) app.all(path, () => new Response(null, { status: 405, headers: { allow: 'GET,HEAD' } }))
  for (const path of [...Object.values(ROUTES), ...Object.values(CHALLENGES)])
    app.all(path, () => new Response(null, { status: 405, headers: { allow: 'POST' } }))
  app.notFound(() => new Response(null, { status: 404 }))

  app.onError((error, c) => {
    if (error instanceof Refusal || error instanceof FrameworkRejection) return error.toResponse()
    log?.(`${c.req.method} ${c.req.path}: ${error.name}: ${error.message}`)
    return new Refusal('internal_server_error', 'Internal server error').toResponse()
  })

  return app
}

const notSupported = () => new Refusal('not_supported', 'This kind of factor is not supported by this server.')
