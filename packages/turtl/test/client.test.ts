/** The client of a Turtl server against answers of every kind (turtl §3.6, §6.3–6.8, §9). */
import { encodeUtf8, type Fetch, Secret } from '@holdfast/base'
import { createFakeClock, createFaultyFetch, type Fault } from '@holdfast/testkit'
import { describe, expect, test } from 'vitest'
import { createTurtlClient, encodeSyncRecord, type TurtlClient } from '../src/index'

interface Call {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly body: unknown
}

function connect(answers: readonly Response[], { faults = [] as readonly (Fault | undefined)[], endpoint = 'https://turtl.test/' } = {}) {
  const calls: Call[] = []
  const left = [...answers]
  const clock = createFakeClock()
  const server: Fetch = async (url, init = {}) => {
    calls.push({ method: init.method ?? 'GET', url, headers: new Headers(init.headers), body: init.body })
    return left.shift() ?? Response.json({ error: { message: 'no more answers' } }, { status: 500 })
  }
  const client = createTurtlClient({
    endpoint,
    fetch: createFaultyFetch(server, (request) => faults[request], clock),
    clock,
    authToken: new Secret('turtl-auth-token', encodeUtf8('0006aa')),
    username: 'Alice+notes@Example.com',
    limits: { attachment: 100, sync: 1000 },
  })
  return { client, calls }
}

const json = (body: unknown, status = 200) => Response.json(body, { status })
const refusal = (status: number, message = 'no') => json({ error: { message } }, status)
const code = (code: string) => expect.objectContaining({ code })

describe('every request', () => {
  test('carries the login, lowercase, and who asks; the slash at the end of the endpoint is not doubled (§3.6, trap 40)', async () => {
    const { client, calls } = connect([json('39')])
    expect(await client.authenticate()).toBe('39')
    expect(calls[0]).toMatchObject({ method: 'POST', url: 'https://turtl.test/auth' })
    expect(atob(calls[0]?.headers.get('authorization')?.slice('Basic '.length) ?? '')).toBe('alice+notes@example.com:0006aa')
    expect(calls[0]?.headers.get('x-turtl-client')).toBe('holdfast/0.1.2')
  })

  test('but the join, which has no login yet (§6.8)', async () => {
    const { client, calls } = connect([json({ id: 7, data: { username: 'a' }, confirmation_token: 'not ours to see' })])
    expect(await client.join({ auth: '00', username: 'a', data: {} })).toEqual({ id: '7', data: { username: 'a' } })
    expect(calls[0]?.headers.has('authorization')).toBe(false)
  })

  test('puts what comes from people into paths percent-encoded (trap 40)', async () => {
    const { client, calls } = connect([json(null), json({ sync_ids: [] })])
    expect(await client.findUser('Bob+x/../@example.com')).toBeUndefined()
    await client.deleteInvite('aa', '../..?x')
    expect(calls.map(({ url }) => url)).toEqual([
      'https://turtl.test/users/email/bob%2Bx%2F..%2F%40example.com',
      'https://turtl.test/spaces/aa/invites/..%2F..%3Fx',
    ])
  })

  test('keeps the path prefix of the endpoint', async () => {
    const { client, calls } = connect([json('1')], { endpoint: 'https://turtl.test/v3//' })
    await client.authenticate()
    expect(calls[0]?.url).toBe('https://turtl.test/v3/auth')
  })
})

describe('answers', () => {
  test('ids come as text, whatever they were (§4.2)', async () => {
    const records = [
      { id: 12, action: 'edit', type: 'note', item_id: 'aa', user_id: 3, data: { id: 'aa' } },
      { action: 'add', type: 'user', item_id: 4, data: { missing: true } },
    ]
    const { client, calls } = connect([json({ records, sync_id: 12 }), json({ records: [], sync_id: '9007199254740993' }), json(39)])
    expect(await client.fetchChanges('11', 'initial')).toEqual({
      records: [
        { id: '12', action: 'edit', type: 'note', item_id: 'aa', user_id: '3', data: { id: 'aa' }, missing: false },
        { action: 'add', type: 'user', item_id: '4', data: { missing: true }, missing: true },
      ],
      syncId: '12',
    })
    expect(calls[0]?.url).toBe('https://turtl.test/sync?sync_id=11&type=initial')
    expect((await client.fetchFullSync()).syncId).toBe('9007199254740993')
    expect(await client.authenticate()).toBe('39')
  })

  test('success and failures are matched by id; what is in neither stays unsaid; failures may lack a code (§6.3, §9)', async () => {
    const record = encodeSyncRecord('aa', '3', { action: 'delete', type: 'note', item_id: 'bb', data: { id: 'bb' } })
    const answer = {
      success: [{ id: 'aa', sync_ids: [4, '5'] }, {}],
      failures: [{ id: 'cc', error: { code: 404, msg: 'gone' } }, { id: 'dd' }],
    }
    const { client, calls } = connect([json({ ...answer, blocked: null })])
    expect(await client.sendChanges([record])).toEqual({
      success: [{ id: 'aa', syncIds: ['4', '5'], data: {} }],
      failures: [
        { id: 'cc', code: 404, reason: 'gone' },
        { id: 'dd', reason: '' },
      ],
      blocked: [],
    })
    expect(JSON.parse(String(calls[0]?.body))).toEqual([{ ...record }])
  })

  test('the ids that an accepted invite answers are those of users, and are not passed on (§9)', async () => {
    const { client } = connect([json({ id: 'aa', sync_ids: [3, 7] })])
    expect(await client.acceptInvite('aa', 'bb')).toEqual({ data: { id: 'aa' }, syncIds: [] })
  })

  test.each([
    ['no JSON', () => new Response('<html>')],
    ['no UTF-8', () => new Response(new Uint8Array([0xff]))],
    ['another shape', () => json({ hello: 1 })],
    ['an id that is no number', () => json({ records: [], sync_id: 'x' })],
  ])('of %s are refused as unexpected', async (_, answer) => {
    await expect(connect([answer()]).client.fetchChanges('1', 'poll')).rejects.toEqual(code('turtl_unexpected_answer'))
  })

  test('longer than the limit are refused, whether they say so or not', async () => {
    const endless = () =>
      new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(64)) }, { highWaterMark: 0 })
    for (const answer of [new Response(endless()), new Response('1', { headers: { 'content-length': '1001' } })])
      await expect(connect([answer]).client.fetchFullSync()).rejects.toEqual(code('turtl_answer_too_large'))
  })
})

describe('failures', () => {
  const read = (client: TurtlClient) => client.fetchChanges('1', 'poll')

  test.each<[string, Fault]>([
    ['a request that is dropped', 'drop-request'],
    ['an answer that is dropped', 'drop-answer'],
    ['an answer that breaks off', 'truncate-answer'],
    ['an answer a minute late by the clock, the poll having 25 s', 'delay'],
    ['a gateway that cannot reach it', new Response('', { status: 502 })],
    ['a server that has no time', new Response('', { status: 429 })],
  ])('%s is unreachable, and safe to repeat', async (_, fault) => {
    const { client } = connect([json({ records: [], sync_id: 1 })], { faults: [fault] })
    await expect(read(client)).rejects.toMatchObject({ code: 'turtl_unreachable', retry: { safe: true } })
  })

  test.each([
    ['POST /auth', (client: TurtlClient) => client.authenticate()],
    ['GET /sync', read],
    ['GET /sync/full', (client: TurtlClient) => client.fetchFullSync()],
    ['POST /sync', (client: TurtlClient) => client.sendChanges([])],
    ['GET /users/{id}', (client: TurtlClient) => client.fetchUser('7')],
  ])('403 of %s is a failed login, never to be repeated (§3.6)', async (_, request) => {
    await expect(request(connect([refusal(403)]).client)).rejects.toMatchObject({
      code: 'turtl_login_failed',
      status: 403,
      retry: { safe: false },
    })
  })

  test.each([400, 403, 404, 409, 500])('HTTP %i of another route is a refusal that says so', async (status) => {
    const { client } = connect([refusal(status, 'because\u001b[31m')])
    const failure = await client.editMember('aa', '7', 'guest').catch((error) => error)
    expect(failure).toMatchObject({ code: 'turtl_rejected', status })
    expect(failure.message).toContain('("because[31m")')
  })

  test('a redirect is not followed', async () => {
    const { client } = connect([new Response('', { status: 302, headers: { location: 'https://elsewhere.test/' } })])
    await expect(client.authenticate()).rejects.toMatchObject({ code: 'turtl_rejected', status: 302 })
  })

  test('show neither the token nor the person', async () => {
    for (const answer of [refusal(403), refusal(500), new Response('<html>')]) {
      const failure = await connect([answer])
        .client.findUser('bob@example.com')
        .catch((error) => error)
      expect(JSON.stringify([failure, failure.message, failure.stack])).not.toMatch(/0006aa|bob|alice/)
    }
  })
})

describe('attachments (§6.6)', () => {
  const blob = () => new Response(new Uint8Array([1, 2, 3]))

  test('go up as raw bytes', async () => {
    const { client, calls } = connect([json({ id: 'aa', has_file: true, sync_ids: ['5', '6'] })])
    expect(await client.uploadAttachment('aa', new Uint8Array([9]))).toEqual({ data: { id: 'aa', has_file: true }, syncIds: ['5', '6'] })
    expect(calls[0]).toMatchObject({ method: 'PUT', url: 'https://turtl.test/notes/aa/attachment', body: new Uint8Array([9]) })
    expect(calls[0]?.headers.get('content-type')).toBe('application/octet-stream')
  })

  test.each([
    ['the server itself', 'https://turtl.test/notes/aa/local-attachment-proxy', true],
    ['another host', 'https://blobs.test/aa?signature=1', false],
    ['a host that only looks like it', 'https://turtl.test.evil.test/https://turtl.test/', false],
    ['another port', 'https://turtl.test:8443/aa', false],
    ['the same host without TLS', 'http://turtl.test/aa', false],
  ])('come down in two steps, from %s', async (_, url, hasLogin) => {
    const { client, calls } = connect([json(url), blob()])
    expect(await client.fetchAttachment('aa')).toEqual(new Uint8Array([1, 2, 3]))
    expect(calls[1]?.url).toBe(url)
    expect(calls[1]?.headers.has('authorization')).toBe(hasLogin)
  })

  test('that are not there, or not for this member, are refused in either step (§9)', async () => {
    await expect(connect([refusal(404)]).client.fetchAttachment('aa')).rejects.toMatchObject({ status: 404 })
    const second = connect([json('https://turtl.test/x'), refusal(403)])
    await expect(second.client.fetchAttachment('aa')).rejects.toMatchObject({ code: 'turtl_rejected', status: 403 })
  })

  test('lie at an address of the web, or are refused', async () => {
    for (const url of ['file:///etc/passwd', 'data:,x', 'https://', 7])
      await expect(connect([json(url)]).client.fetchAttachment('aa')).rejects.toEqual(code('turtl_unexpected_answer'))
  })
})
