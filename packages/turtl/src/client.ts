/**
 * The client of a Turtl server (turtl §6.8): one method a route, values in and out, nothing kept between calls. There is
 * no session: every request carries the same login (§3.6).
 */
import { type Bytes, type Clock, encodeBase64, encodeUtf8, type Fetch, type Secret } from '@holdfast/base'
import {
  type ChangeBatch,
  decodeChangeBatch,
  decodeId,
  decodeObject,
  decodeSendResult,
  decodeUpdated,
  encodeRecords,
  type SendResult,
  type Updated,
  type WireFields,
} from './client/answers'
import { type HttpRequest, parseJson, send } from './client/http'
import { unexpectedAnswer } from './client/turtl-error'
import type { Role } from './models/role'
import type { SyncRecord } from './models/sync-record'

export interface TurtlClientOptions {
  /** Base URL of the server, with or without a slash at its end; a path prefix is kept. */
  readonly endpoint: string
  readonly fetch: Fetch
  readonly clock: Pick<Clock, 'now'>
  /** The 322 hex digits of the auth token as UTF-8 (turtl §3.3). Not wiped: it belongs to the caller. */
  readonly authToken: Secret<'turtl-auth-token'>
  /** E-mail; sent in lowercase. */
  readonly username: string
  /** What the server is told of us; it does nothing with it. */
  readonly clientName?: string
  /** Bytes of the largest attachment, and of the largest answer of a sync, that are taken; 256 MiB each. */
  readonly limits?: { readonly attachment?: number; readonly sync?: number }
}

/** Body of `POST /users` (turtl §3.7). */
export interface JoinBody {
  /** 322 hex digits. */
  readonly auth: string
  readonly username: string
  /** Public form of the user, with `body`. */
  readonly data: WireFields
}

/** Body of `PUT /users/{id}` (turtl §6.7): every keychain entry the server has, and no other. */
export interface ChangePasswordBody {
  readonly user: WireFields
  /** 322 hex digits: of the new password. */
  readonly auth: string
  readonly keychain: readonly WireFields[]
}

/** Why changes are asked for: a `poll` waits up to 20 s for some, the others are answered at once (turtl §6.4). */
export type FetchReason = 'poll' | 'initial' | 'reconnect'

/**
 * Every method throws `HoldfastError` with a `TurtlErrorCode`. After `turtl_unreachable` of a call that writes, the work
 * may or may not be done; doing it again is safe but for the second membership that a repeated `space` add leaves (turtl §6.3).
 * `turtl_login_failed` is never to be tried again with the same credentials.
 */
export interface TurtlClient {
  /** @returns the user's id, decimal text. */
  authenticate(): Promise<string>
  /** Needs no login. @returns the new user's id and its public form. */
  join(body: JoinBody): Promise<{ readonly id: string; readonly data: WireFields }>
  /** Oneself only: of another user the original server answers 500 (turtl §9). */
  fetchUser(id: string): Promise<WireFields>
  /** @returns `undefined` when nobody has joined under that e-mail. */
  findUser(email: string): Promise<WireFields | undefined>
  changePassword(id: string, body: ChangePasswordBody): Promise<{ readonly syncIds: readonly string[] }>
  /** With every space that is owned. */
  deleteUser(id: string): Promise<void>
  resendConfirmation(): Promise<void>
  /** Everything there is. Its cursor was read after its data: what came in between is in neither (turtl §6.5). */
  fetchFullSync(): Promise<ChangeBatch>
  /** @param syncId the cursor, decimal text. */
  fetchChanges(syncId: string, reason: FetchReason): Promise<ChangeBatch>
  sendChanges(records: readonly SyncRecord[]): Promise<SendResult>
  sendInvite(spaceId: string, invite: WireFields): Promise<Updated>
  /** `syncIds` is left empty: what the server answers there are ids of users (turtl §9). @returns the space. */
  acceptInvite(spaceId: string, inviteId: string, invite?: WireFields): Promise<Updated>
  /** Only `role` changes. */
  editInvite(spaceId: string, inviteId: string, invite: WireFields): Promise<Updated>
  deleteInvite(spaceId: string, inviteId: string): Promise<Updated>
  editMember(spaceId: string, userId: string, role: Role): Promise<Updated>
  removeMember(spaceId: string, userId: string): Promise<Updated>
  setOwner(spaceId: string, userId: string): Promise<Updated>
  /** @param bytes sealed: one envelope under the note's key (turtl §4.8). @returns the note. */
  uploadAttachment(noteId: string, bytes: Uint8Array): Promise<Updated>
  /** @returns what was uploaded; nobody has verified it. */
  fetchAttachment(noteId: string): Promise<Bytes>
}

const CALL_MS = 10_000
const POLL_MS = 25_000
const SYNC_MS = 120_000
const UPLOAD_MS = 60_000
const DOWNLOAD_MS = 30_000

const MIB = 1024 * 1024
/** As much as the server itself takes of a request (turtl §6.8). */
const CALL_LIMIT = 24 * MIB
const LARGE = 256 * MIB
/** The core whose protocol is spoken (turtl §3.6). */
const CORE_VERSION = '0.1.2'

/**
 * @example
 * ```ts
 * const client = createTurtlClient({ endpoint: 'https://turtl.example', fetch, clock: systemClock, authToken, username })
 * const userId = await client.authenticate()
 * ```
 */
export function createTurtlClient(options: TurtlClientOptions): TurtlClient {
  const { fetch, clock, authToken, clientName = 'holdfast', limits = {} } = options
  const base = options.endpoint.replace(/\/+$/, '')
  const username = options.username.toLowerCase()
  const headers = { 'x-turtl-client': `${clientName}/${CORE_VERSION}` }

  function authorization(): string {
    return authToken.use((token) => {
      const login = new Uint8Array([...encodeUtf8(`${username}:`), ...token])
      const text = `Basic ${encodeBase64(login)}`
      login.fill(0)
      return text
    })
  }

  type Call = Partial<Pick<HttpRequest, 'timeoutMs' | 'limit' | 'forbidden'>> & { readonly json?: unknown; readonly bytes?: Bytes }

  /** `what` is the route as §6.8 writes it; `segments` stand for what is in braces, in order. */
  async function call(what: string, segments: readonly string[], { json, bytes, ...over }: Call = {}): Promise<unknown> {
    const [method, route = ''] = what.split(' ') as [HttpRequest['method'], string?]
    const rest = [...segments]
    const path = route.replace(/\{\w+\}/g, () => encodeURIComponent(rest.shift() ?? ''))
    const type = bytes ? 'application/octet-stream' : 'application/json'
    const body = bytes ?? (json === undefined ? undefined : typeof json === 'string' ? json : JSON.stringify(json))
    const answer = await send(fetch, clock, {
      method,
      url: base + path,
      what,
      headers: {
        ...headers,
        ...(what === JOIN ? {} : { authorization: authorization() }),
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body }),
      timeoutMs: CALL_MS,
      limit: CALL_LIMIT,
      forbidden: 'permission',
      ...over,
    })
    return parseJson(what, answer)
  }

  const update = async (what: string, segments: readonly string[], json?: unknown) =>
    decodeUpdated(what, await call(what, segments, json === undefined ? {} : { json }))

  return {
    async authenticate() {
      const what = 'POST /auth'
      return decodeId(what, await call(what, [], { forbidden: 'login' }))
    },
    async join(body) {
      const { id, data, ...rest } = decodeObject(JOIN, await call(JOIN, [], { json: body }))
      return { id: decodeId(JOIN, id), data: decodeObject(JOIN, data ?? rest) }
    },
    async fetchUser(id) {
      const what = 'GET /users/{id}'
      return decodeObject(what, await call(what, [id], { forbidden: 'login' }))
    },
    async findUser(email) {
      const what = 'GET /users/email/{email}'
      const answer = await call(what, [email.toLowerCase()], { forbidden: 'login' })
      return answer === null ? undefined : decodeObject(what, answer)
    },
    async changePassword(id, body) {
      const { syncIds } = await update('PUT /users/{id}', [id], body)
      return { syncIds }
    },
    async deleteUser(id) {
      await update('DELETE /users/{id}', [id])
    },
    async resendConfirmation() {
      await update('POST /users/confirmation/resend', [])
    },
    async fetchFullSync() {
      const what = 'GET /sync/full'
      return decodeChangeBatch(what, await call(what, [], { timeoutMs: SYNC_MS, limit: limits.sync ?? LARGE, forbidden: 'login' }))
    },
    async fetchChanges(syncId, reason) {
      const what = 'GET /sync?sync_id={cursor}&type={reason}'
      const timeoutMs = reason === 'poll' ? POLL_MS : CALL_MS
      return decodeChangeBatch(what, await call(what, [syncId, reason], { timeoutMs, limit: limits.sync ?? LARGE, forbidden: 'login' }))
    },
    async sendChanges(records) {
      const what = 'POST /sync'
      return decodeSendResult(what, await call(what, [], { json: encodeRecords(records), timeoutMs: SYNC_MS, forbidden: 'login' }))
    },
    sendInvite: (spaceId, invite) => update('POST /spaces/{space}/invites', [spaceId], invite),
    async acceptInvite(spaceId, inviteId, invite = {}) {
      const { data } = await update('POST /spaces/{space}/invites/accepted/{invite}', [spaceId, inviteId], invite)
      return { data, syncIds: [] }
    },
    editInvite: (spaceId, inviteId, invite) => update('PUT /spaces/{space}/invites/{invite}', [spaceId, inviteId], invite),
    deleteInvite: (spaceId, inviteId) => update('DELETE /spaces/{space}/invites/{invite}', [spaceId, inviteId]),
    editMember: (spaceId, userId, role) => update('PUT /spaces/{space}/members/{user}', [spaceId, userId], { role }),
    removeMember: (spaceId, userId) => update('DELETE /spaces/{space}/members/{user}', [spaceId, userId]),
    setOwner: (spaceId, userId) => update('PUT /spaces/{space}/owner/{user}', [spaceId, userId]),
    async uploadAttachment(noteId, bytes) {
      const what = 'PUT /notes/{note}/attachment'
      return decodeUpdated(what, await call(what, [noteId], { bytes: new Uint8Array(bytes), timeoutMs: UPLOAD_MS }))
    },
    async fetchAttachment(noteId) {
      const what = 'GET /notes/{note}/attachment'
      const url = parseUrl(what, await call(what, [noteId]), base)
      const isOurs = url.origin === new URL(base).origin
      return send(fetch, clock, {
        method: 'GET',
        url: url.href,
        what: 'GET (the attachment itself)',
        headers: isOurs ? { ...headers, authorization: authorization() } : {},
        timeoutMs: DOWNLOAD_MS,
        limit: limits.attachment ?? LARGE,
        forbidden: 'permission',
      })
    },
  }
}

const JOIN = 'POST /users'

/** Where an attachment lies: a signed address elsewhere, or one of the server's own (turtl §6.6). */
function parseUrl(what: string, answer: unknown, base: string): URL {
  if (typeof answer !== 'string') throw unexpectedAnswer(what)
  let url: URL
  try {
    url = new URL(answer, `${base}/`)
  } catch (cause) {
    throw unexpectedAnswer(what, cause)
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw unexpectedAnswer(what)
  return url
}
