/** The routes of the original server (turtl §6.8). */
import { systemClock } from '@holdfast/base'
import { Hono, type Context as HonoContext } from 'hono'
import { applyRecords } from './apply-records'
import { fetchAttachment, storeAttachment } from './attachments'
import type { Caller, Context } from './context'
import { Refusal } from './refusal'
import { acceptInvite, deleteInvite, editInvite, editMember, removeMember, sendInvite, setOwner } from './spaces'
import { type Changes, readChanges, readEverything } from './sync-log'
import {
  authenticate,
  changePassword,
  confirm,
  deleteByToken,
  deleteUser,
  fetchUser,
  findUser,
  join,
  login,
  profileSize,
  requestDeletion,
} from './users'

export interface AppOptions {
  /** Longest time a poll waits for something to tell, in milliseconds. */
  readonly pollMs: number
  /** Records of a `POST /sync` that are looked at. */
  readonly batchLimit: number
}

const MAX_BODY_BYTES = 24 * 1024 * 1024
const POLL_INTERVAL_MS = 2500
const POLL_SETTLE_MS = 500

type Route = (c: HonoContext) => Promise<unknown> | unknown
type UserRoute = (c: HonoContext, caller: Caller) => Promise<unknown> | unknown

/** Decoded once; a `+` stays one (turtl §9). */
const part = (c: HonoContext, name: string) => c.req.param(name) ?? ''

/** For anybody, by method and path. */
const openRoutes = (context: Context): Readonly<Record<string, Route>> => ({
  'GET /': () => ({ greeting: 'a test server that speaks Turtl' }),
  'GET /health/db': async () => ({ healthy: (await context.database.query('select 1')).length === 1 }),
  'POST /users': async (c) => join(context, await readJson(c)),
  'GET /users/confirm/:email/:token': (c) => confirm(context, part(c, 'email'), part(c, 'token')),
  'POST /users/delete/:email': (c) => requestDeletion(context, part(c, 'email')),
  'GET /users/delete/:email/:token': (c) => deleteByToken(context, part(c, 'email'), part(c, 'token'), c.req.query('raw')),
})

/** For who is logged in. */
const userRoutes = (context: Context, { pollMs, batchLimit }: AppOptions): Readonly<Record<string, UserRoute>> => ({
  'POST /auth': (_, caller) => login(context, caller),
  'POST /users/confirmation/resend': () => true,
  'GET /users/email/:email': (c) => findUser(context, part(c, 'email')),
  'GET /users/:id/profile-size': (c, caller) => profileSize(context, caller, part(c, 'id')),
  'GET /users/:id': (c, caller) => fetchUser(context, caller, part(c, 'id')),
  'PUT /users/:id': async (c, caller) => changePassword(context, caller, part(c, 'id'), await readJson(c)),
  'DELETE /users/:id': (c, caller) => deleteUser(context, caller, part(c, 'id')),

  'GET /sync/full': (_, caller) => readEverything(context, caller),
  'GET /sync': (c, caller) => waitForChanges(context, caller, c, pollMs),
  'POST /sync': async (c, caller) => applyRecords(context, caller, await readJson(c), batchLimit),

  'PUT /spaces/:space/members/:user': async (c, caller) =>
    editMember(context, caller, part(c, 'space'), part(c, 'user'), await readJson(c)),
  'DELETE /spaces/:space/members/:user': (c, caller) => removeMember(context, caller, part(c, 'space'), part(c, 'user')),
  'PUT /spaces/:space/owner/:user': (c, caller) => setOwner(context, caller, part(c, 'space'), part(c, 'user')),
  'POST /spaces/:space/invites': async (c, caller) => sendInvite(context, caller, part(c, 'space'), await readJson(c)),
  'POST /spaces/:space/invites/accepted/:invite': (c, caller) => acceptInvite(context, caller, part(c, 'space'), part(c, 'invite')),
  'PUT /spaces/:space/invites/:invite': async (c, caller) =>
    editInvite(context, caller, part(c, 'space'), part(c, 'invite'), await readJson(c)),
  'DELETE /spaces/:space/invites/:invite': (c, caller) => deleteInvite(context, caller, part(c, 'space'), part(c, 'invite')),

  'PUT /notes/:id/attachment': async (c, caller) =>
    storeAttachment(context, caller, part(c, 'id'), new Uint8Array(await c.req.arrayBuffer())),
  // The first step checks nothing; what is refused is refused by the second (turtl §9).
  'GET /notes/:id/attachment': (c) => new URL(`/notes/${encodeURIComponent(part(c, 'id'))}/local-attachment-proxy`, c.req.url).href,
  'GET /notes/:id/local-attachment-proxy': async (c, caller) => {
    const bytes = await fetchAttachment(context, caller, part(c, 'id'))
    return new Response(bytes, { headers: { 'content-type': 'application/octet-stream' } })
  },

  'POST /feedback': () => true,
  'POST /log/error': () => true,
})

export function createApp(context: Context, options: AppOptions): Hono {
  const app = new Hono()
  const route = (name: string, answer: Route) => {
    const [method = '', path = ''] = name.split(' ')
    app.on(method, path, async (c) => {
      const answered = await answer(c)
      return answered instanceof Response ? answered : Response.json(answered)
    })
  }
  for (const [name, answer] of Object.entries(openRoutes(context))) route(name, answer)
  for (const [name, answer] of Object.entries(userRoutes(context, options)))
    route(name, async (c) => answer(c, await authenticate(context, c.req.header('authorization'))))
  app.notFound(() => errorResponse(404, 'no such route'))
  app.onError((error) => errorResponse(error instanceof Refusal ? error.status : 500, error.message))
  return app
}

const errorResponse = (status: number, message: string) => Response.json({ error: { message } }, { status })

async function readJson(c: HonoContext): Promise<unknown> {
  const bytes = await c.req.arrayBuffer()
  if (bytes.byteLength > MAX_BODY_BYTES) throw new Refusal(413, 'the body is too large')
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw new Refusal(400, 'the body is no JSON') // the parser's error would quote the body
  }
}

/** A poll looks every 2.5 s, and half a second after it has found something, for what comes together (turtl §6.4). */
async function waitForChanges(context: Context, caller: Caller, c: HonoContext, pollMs: number): Promise<Changes> {
  const since = c.req.query('sync_id') ?? ''
  if (!/^\d+$/.test(since)) throw new Refusal(400, 'sync_id is no number')
  const read = () => readChanges(context, caller, since)
  const isPoll = c.req.query('type') === 'poll' && c.req.query('immediate') !== '1'
  for (let waited = 0; isPoll && waited < pollMs; waited += POLL_INTERVAL_MS) {
    if ((await read()).records.length > 0) {
      await systemClock.sleep(POLL_SETTLE_MS)
      break
    }
    await systemClock.sleep(Math.min(POLL_INTERVAL_MS, pollMs - waited), c.req.raw.signal)
  }
  return read()
}
