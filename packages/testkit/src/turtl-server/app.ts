/** The routes of the original server (turtl §6.8). */
import { systemClock } from '@holdfast/base'
import { Hono, type Context as HonoContext } from 'hono'
import { applyRecords } from './apply-records'
import { fetchAttachment, storeAttachment } from './attachments'
import type { Caller, Context } from './context'
import { Refusal } from './refusal'
import * as spaces from './spaces'
import { type Changes, readChanges, readEverything } from './sync-log'
import * as users from './users'

export interface AppOptions {
  /** Longest time a poll waits for something to tell, in milliseconds. */
  readonly pollMs: number
  /** Records of a `POST /sync` that are looked at. */
  readonly batchLimit: number
}

const MAX_BODY_BYTES = 24 * 1024 * 1024
const POLL_INTERVAL_MS = 2500
const POLL_SETTLE_MS = 500

type Handler = (c: HonoContext, caller: Caller) => Promise<unknown> | unknown

export function createApp(context: Context, { pollMs, batchLimit }: AppOptions): Hono {
  const app = new Hono()
  const asUser = (handler: Handler) => async (c: HonoContext) => {
    const answer = await handler(c, await users.authenticate(context, c.req.header('authorization')))
    return answer instanceof Response ? answer : Response.json(answer)
  }
  const asAnybody = (handler: (c: HonoContext) => Promise<unknown> | unknown) => async (c: HonoContext) => Response.json(await handler(c))
  /** Decoded once; a `+` stays one (turtl §9). */
  const part = (c: HonoContext, name: string) => c.req.param(name) ?? ''

  app.get(
    '/',
    asAnybody(() => ({ greeting: 'a test server that speaks Turtl' })),
  )
  app.get(
    '/health/db',
    asAnybody(async () => ({ healthy: (await context.database.query('select 1')).length === 1 })),
  )
  app.post(
    '/auth',
    asUser((_, caller) => users.login(context, caller)),
  )

  app.post(
    '/users',
    asAnybody(async (c) => users.join(context, await readJson(c))),
  )
  app.post(
    '/users/confirmation/resend',
    asUser(() => true),
  )
  app.get(
    '/users/confirm/:email/:token',
    asAnybody((c) => users.confirm(context, part(c, 'email'), part(c, 'token'))),
  )
  app.post(
    '/users/delete/:email',
    asAnybody((c) => users.requestDeletion(context, part(c, 'email'))),
  )
  app.get(
    '/users/delete/:email/:token',
    asAnybody((c) => users.deleteByToken(context, part(c, 'email'), part(c, 'token'), c.req.query('raw'))),
  )
  app.get(
    '/users/email/:email',
    asUser((c) => users.findUser(context, part(c, 'email'))),
  )
  app.get(
    '/users/:id/profile-size',
    asUser((c, caller) => users.profileSize(context, caller, part(c, 'id'))),
  )
  app.get(
    '/users/:id',
    asUser((c, caller) => users.fetchUser(context, caller, part(c, 'id'))),
  )
  app.put(
    '/users/:id',
    asUser(async (c, caller) => users.changePassword(context, caller, part(c, 'id'), await readJson(c))),
  )
  app.delete(
    '/users/:id',
    asUser((c, caller) => users.deleteUser(context, caller, part(c, 'id'))),
  )

  app.get(
    '/sync/full',
    asUser((_, caller) => readEverything(context, caller)),
  )
  app.get(
    '/sync',
    asUser((c, caller) => waitForChanges(context, caller, c, pollMs)),
  )
  app.post(
    '/sync',
    asUser(async (c, caller) => applyRecords(context, caller, await readJson(c), batchLimit)),
  )

  app.put(
    '/spaces/:space/members/:user',
    asUser(async (c, caller) => spaces.editMember(context, caller, part(c, 'space'), part(c, 'user'), await readJson(c))),
  )
  app.delete(
    '/spaces/:space/members/:user',
    asUser((c, caller) => spaces.removeMember(context, caller, part(c, 'space'), part(c, 'user'))),
  )
  app.put(
    '/spaces/:space/owner/:user',
    asUser((c, caller) => spaces.setOwner(context, caller, part(c, 'space'), part(c, 'user'))),
  )
  app.post(
    '/spaces/:space/invites',
    asUser(async (c, caller) => spaces.sendInvite(context, caller, part(c, 'space'), await readJson(c))),
  )
  app.post(
    '/spaces/:space/invites/accepted/:invite',
    asUser((c, caller) => spaces.acceptInvite(context, caller, part(c, 'space'), part(c, 'invite'))),
  )
  app.put(
    '/spaces/:space/invites/:invite',
    asUser(async (c, caller) => spaces.editInvite(context, caller, part(c, 'space'), part(c, 'invite'), await readJson(c))),
  )
  app.delete(
    '/spaces/:space/invites/:invite',
    asUser((c, caller) => spaces.deleteInvite(context, caller, part(c, 'space'), part(c, 'invite'))),
  )

  app.put(
    '/notes/:id/attachment',
    asUser(async (c, caller) => {
      return storeAttachment(context, caller, part(c, 'id'), new Uint8Array(await c.req.arrayBuffer()))
    }),
  )
  // The first step checks nothing; what is refused is refused by the second (turtl §9).
  app.get(
    '/notes/:id/attachment',
    asUser((c) => new URL(`/notes/${encodeURIComponent(part(c, 'id'))}/local-attachment-proxy`, c.req.url).href),
  )
  app.get(
    '/notes/:id/local-attachment-proxy',
    asUser(async (c, caller) => {
      const bytes = await fetchAttachment(context, caller, part(c, 'id'))
      return new Response(bytes, { headers: { 'content-type': 'application/octet-stream' } })
    }),
  )

  app.post(
    '/feedback',
    asUser(() => true),
  )
  app.post(
    '/log/error',
    asUser(() => true),
  )

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
