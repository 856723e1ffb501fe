/** The client of the backup service (world-backup-client §9, §12). Every call fetches a fresh challenge; none is ever replayed. */
import { type Bytes, type Clock, decodeBase64, type Fetch, HoldfastError, platformRandom, type Random, systemClock } from '@holdfast/base'
import { type SigningKey, solveChallenge } from '@holdfast/keys'
import { attestationRequestHash } from '@holdfast/wire'
import type { z } from 'zod'
import {
  type BackupMetadata,
  backupIdAnswer,
  backupMetadata,
  CHALLENGES,
  type ChallengeContext,
  challenge,
  createAnswer,
  type EncryptionKey,
  ROUTES,
  readyAnswer,
  retrieveAnswer,
  statusAnswer,
} from './contract'
import { decodeErrorCode } from './error-code'
import { serviceError, serviceFailed, unexpectedAnswer, unreachable } from './service-error'

export interface ServiceClientOptions {
  /** Origin of the service, such as `http://127.0.0.1:8787`; a path prefix is kept. */
  readonly baseUrl: string
  readonly fetch: Fetch
  readonly clock?: Clock
  /** Jitter of retries. */
  readonly random?: Random
  /** Mints the attestation token for one exact request, from its hash (§9.5); a development service takes its bypass text. */
  readonly attestationToken?: (requestHash: string) => Promise<string> | string
}

export interface CreateRequest {
  readonly mainFactor: SigningKey
  readonly syncFactor: SigningKey
  readonly encryptionKey: EncryptionKey
  /** 64 hex digits. */
  readonly manifestHash: string
  readonly backupAccountId: string
  readonly sealedBackup: Uint8Array
}

export interface SyncRequest {
  readonly syncFactor: SigningKey
  readonly currentManifestHash: string
  readonly newManifestHash: string
  readonly sealedBackup: Uint8Array
}

export interface Retrieved {
  readonly sealedBackup: Bytes
  readonly metadata: BackupMetadata
  /** Registers one sync factor, within 15 minutes. */
  readonly syncFactorToken: string
}

/**
 * Every method throws `HoldfastError` with the service's own code, or `unreachable`, `service_failed`, `unexpected_answer`.
 * After `unreachable` or `service_failed` of a call that writes, the outcome is unknown: read the metadata.
 */
export interface ServiceClient {
  ready(): Promise<void>
  status(backupId: string): Promise<z.infer<typeof statusAnswer>>
  create(request: CreateRequest): Promise<{ backupId: string; metadata: BackupMetadata }>
  retrieve(request: { readonly mainFactor: SigningKey }): Promise<Retrieved>
  addSyncFactor(request: { readonly syncFactor: SigningKey; readonly syncFactorToken: string }): Promise<{ backupId: string }>
  retrieveMetadata(request: { readonly syncFactor: SigningKey; readonly backupId?: string }): Promise<BackupMetadata>
  sync(request: SyncRequest): Promise<{ backupId: string }>
  deleteBackup(request: { readonly syncFactor: SigningKey }): Promise<void>
}

const CALL_MS = 7_000
/** Uploads and downloads carry up to 16 MiB; the service itself gives up after 30 s. */
const TRANSFER_MS = 35_000
const ATTEMPTS = 3

/** @example `createServiceClient({ baseUrl: 'http://127.0.0.1:8787', fetch })` */
export function createServiceClient(options: ServiceClientOptions): ServiceClient {
  const clock = options.clock ?? systemClock
  const random = options.random ?? platformRandom
  const base = options.baseUrl.replace(/\/+$/, '')

  async function request(path: string, init: RequestInit, timeoutMs: number): Promise<Response> {
    let response: Response
    try {
      // A POST must never be replayed by a redirect (§13, trap 33).
      response = await options.fetch(base + path, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) })
    } catch (cause) {
      throw unreachable(base + path, cause)
    }
    if (response.ok) return response
    const code = await readErrorCode(path, response)
    // §9.8: this code first, whatever the status.
    if (code === 'unauthorized_factor') throw serviceError(code, response.status)
    if (response.status >= 500 || response.status === 429 || response.status === 408) throw serviceFailed(path, response.status)
    throw serviceError(code ?? `http_${response.status}`, response.status)
  }

  async function read<Schema extends z.ZodType>(path: string, response: Response, schema: Schema): Promise<z.infer<Schema>> {
    let body: unknown
    try {
      body = await response.json()
    } catch (cause) {
      if (cause instanceof SyntaxError) throw unexpectedAnswer(path, cause)
      throw unreachable(path, cause)
    }
    const parsed = schema.safeParse(body)
    if (!parsed.success) throw unexpectedAnswer(path, parsed.error)
    return parsed.data
  }

  const postJson = (path: string, body: unknown, timeoutMs = CALL_MS, headers: Record<string, string> = {}) =>
    request(path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }, timeoutMs)

  function postMultipart(path: string, payload: unknown, sealedBackup: Uint8Array): Promise<Response> {
    const form = new FormData()
    form.set('payload', new Blob([JSON.stringify(payload)], { type: 'application/json' }))
    form.set('backup', new Blob([new Uint8Array(sealedBackup)], { type: 'application/octet-stream' }), 'backup')
    return request(path, { method: 'POST', body: form }, TRANSFER_MS)
  }

  /** Challenges change nothing, so they alone are tried again (§12). */
  async function prove(
    context: ChallengeContext,
    key: SigningKey,
  ): Promise<{ authorization: ReturnType<typeof solveChallenge>; challengeToken: string }> {
    const path = CHALLENGES[context]
    for (let attempt = 1; ; attempt++) {
      try {
        const { challenge: text, token } = await read(path, await postJson(path, {}), challenge)
        return { authorization: solveChallenge(key, text), challengeToken: token }
      } catch (error) {
        if (attempt === ATTEMPTS || !(error instanceof HoldfastError) || !isTransient(error)) throw error
        await clock.sleep(jitter(random, attempt))
      }
    }
  }

  return {
    async ready() {
      await read(ROUTES.ready, await request(ROUTES.ready, { method: 'GET' }, CALL_MS), readyAnswer)
    },
    async status(backupId) {
      return read(ROUTES.status, await postJson(ROUTES.status, { backupId }), statusAnswer)
    },
    async create({ mainFactor, syncFactor, encryptionKey, manifestHash, backupAccountId, sealedBackup }) {
      const main = await prove('CREATE', mainFactor)
      const sync = await prove('CREATE', syncFactor)
      const payload = {
        ...main,
        initialEncryptionKey: encryptionKey,
        initialSyncFactor: sync.authorization,
        initialSyncChallengeToken: sync.challengeToken,
        manifestHash,
        backupAccountId,
      }
      const answer = await read(ROUTES.create, await postMultipart(ROUTES.create, payload, sealedBackup), createAnswer)
      return { backupId: answer.backupId, metadata: answer.backupMetadata }
    },
    async retrieve({ mainFactor }) {
      const body = await prove('RETRIEVE', mainFactor)
      const requestHash = attestationRequestHash({ method: 'POST', path: ROUTES.retrieve, body: JSON.stringify(body) })
      const token = await options.attestationToken?.(requestHash)
      const headers: Record<string, string> = token === undefined ? {} : { 'attestation-token': token }
      const answer = await read(ROUTES.retrieve, await postJson(ROUTES.retrieve, body, TRANSFER_MS, headers), retrieveAnswer)
      return {
        sealedBackup: decodeBackup(answer.backup),
        metadata: answer.metadata,
        syncFactorToken: answer.syncFactorToken,
      }
    },
    async addSyncFactor({ syncFactor, syncFactorToken }) {
      const { authorization, challengeToken } = await prove('ADDSYNCFACTOR', syncFactor)
      return read(
        ROUTES.addSyncFactor,
        await postJson(ROUTES.addSyncFactor, { challengeToken, syncFactor: authorization, syncFactorToken }),
        backupIdAnswer,
      )
    },
    async retrieveMetadata({ syncFactor, backupId }) {
      const body = { ...(await prove('RETRIEVEMETADATA', syncFactor)), backupId }
      return read(ROUTES.retrieveMetadata, await postJson(ROUTES.retrieveMetadata, body), backupMetadata)
    },
    async sync({ syncFactor, currentManifestHash, newManifestHash, sealedBackup }) {
      const payload = { ...(await prove('SYNC', syncFactor)), currentManifestHash, newManifestHash }
      return read(ROUTES.sync, await postMultipart(ROUTES.sync, payload, sealedBackup), backupIdAnswer)
    },
    async deleteBackup({ syncFactor }) {
      await postJson(ROUTES.deleteBackup, await prove('DELETEBACKUP', syncFactor))
    },
  }
}

const isTransient = ({ code }: HoldfastError) => code === 'unreachable' || code === 'service_failed'

function decodeBackup(text: string): Bytes {
  try {
    return decodeBase64(text, 'sealed backup')
  } catch (cause) {
    throw unexpectedAnswer(ROUTES.retrieve, cause)
  }
}

/** Uniform in [0, min(250 ms · 2^(n−1), 2 s)]. */
function jitter(random: Random, attempt: number): number {
  const most = Math.min(250 * 2 ** (attempt - 1), 2_000)
  const [high = 0, low = 0] = random(2)
  return Math.round(((high * 256 + low) / 65535) * most)
}

/** The code, or `undefined` for a framework rejection, whose body is plain text. */
async function readErrorCode(path: string, response: Response): Promise<string | undefined> {
  try {
    return decodeErrorCode(await response.text())
  } catch (cause) {
    throw unreachable(path, cause)
  }
}
