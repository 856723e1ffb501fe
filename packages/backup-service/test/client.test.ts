/** The client against a network that fails: world-backup-client §9.8, §12, §13 (traps 18, 32, 33). */
import { encodeBase64, type Fetch, HoldfastError } from '@holdfast/base'
import { makeSigningKey } from '@holdfast/keys'
import { createFakeClock, createFaultyFetch, type Fault, seededRandom } from '@holdfast/testkit'
import { describe, expect, test } from 'vitest'
import { createServiceClient } from '../src/index'

const random = seededRandom('client')
const syncFactor = makeSigningKey(random)
const HEAD = 'ab'.repeat(32)
const METADATA = { id: 'backup', manifestHash: HEAD, keys: [], factors: [], syncFactors: [] }
const json = (body: unknown, status = 200) => Response.json(body, { status })
const refusal = (code: string, status = 400) => json({ allowRetry: false, error: { code, message: '' } }, status)

interface Call {
  readonly path: string
  readonly init: RequestInit
  readonly body: unknown
}

/** A service that answers challenges, each another, and `answer` to everything else; its network fails as told. */
function connect({
  answer = () => json(METADATA),
  faults = [],
}: {
  answer?: () => Response
  faults?: readonly (Fault | undefined)[]
} = {}) {
  const calls: Call[] = []
  const clock = createFakeClock(0)
  let challenges = 0
  const service: Fetch = async (url, init = {}) => {
    const path = url.replace('http://service', '')
    calls.push({ path, init, body: typeof init.body === 'string' ? JSON.parse(init.body) : init.body })
    return path.includes('/challenge/') ? json({ challenge: encodeBase64(random(32)), token: `token ${challenges++}` }) : answer()
  }
  const fetch = createFaultyFetch(service, (request) => faults[request], clock)
  const client = createServiceClient({ baseUrl: 'http://service/', fetch, clock, random: seededRandom('jitter') })
  const tokensOf = () => calls.flatMap(({ body }) => (body as { challengeToken?: string }).challengeToken ?? [])
  return { client, calls, clock, tokensOf, read: () => client.retrieveMetadata({ syncFactor, backupId: 'backup' }) }
}

const codeOf = async (running: Promise<unknown>) => {
  const error = await running.then(
    () => undefined,
    (error: unknown) => error,
  )
  return error instanceof HoldfastError ? error.code : error
}

describe('a challenge', () => {
  test.each<[string, Fault]>([
    ['dropped on its way', 'drop-request'],
    ['whose answer is dropped', 'drop-answer'],
    ['cut short', 'truncate-answer'],
    ['answered 503', new Response('', { status: 503 })],
    ['answered 429', new Response('', { status: 429 })],
    ['answered 408', new Response('', { status: 408 })],
  ])('%s is asked for again, after up to 250 and 500 ms', async (_, fault) => {
    const { read, clock } = connect({ faults: [fault, fault instanceof Response ? fault.clone() : fault] })
    expect(await read()).toEqual(METADATA)
    expect(clock.now()).toBeGreaterThan(0)
    expect(clock.now()).toBeLessThanOrEqual(750)
  })

  test('is asked for three times, no more', async () => {
    const { read, calls } = connect({ faults: ['drop-answer', 'drop-answer', 'drop-answer'] })
    expect(await codeOf(read())).toBe('unreachable')
    expect(calls).toHaveLength(3)
  })

  test.each([
    ['a refusal', refusal('invalid_payload'), 'invalid_payload'],
    ['a page', new Response('<html></html>', { headers: { 'content-type': 'text/html' } }), 'unexpected_answer'],
    ['a challenge of another shape', json({ challenge: 7 }), 'unexpected_answer'],
  ])('answered with %s is not', async (_, answer, code) => {
    const { read, calls } = connect({ faults: [answer] })
    expect(await codeOf(read())).toBe(code)
    expect(calls).toHaveLength(0)
  })
})

describe('the second call', () => {
  test.each<[string, Fault, string]>([
    ['dropped on its way', 'drop-request', 'unreachable'],
    ['whose answer is dropped', 'drop-answer', 'unreachable'],
    ['whose answer is cut short', 'truncate-answer', 'unreachable'],
    ['answered 500', new Response('', { status: 500 }), 'service_failed'],
  ])('%s is never sent again, and its challenge never used again (trap 18)', async (_, fault, code) => {
    const { read, calls, tokensOf } = connect({ faults: [undefined, fault] })
    expect(await codeOf(read())).toBe(code)
    expect(calls.length).toBeLessThanOrEqual(2)
    expect(await read()).toEqual(METADATA)
    expect(tokensOf().at(-1)).toBe('token 1')
    expect(new Set(tokensOf()).size).toBe(tokensOf().length)
  })

  test('that the network sends twice answers what its second arrival is answered', async () => {
    let arrivals = 0
    const { read } = connect({
      faults: [undefined, 'duplicate'],
      answer: () => (arrivals++ === 0 ? json(METADATA) : refusal('already_used')),
    })
    expect(await codeOf(read())).toBe('already_used')
    expect(arrivals).toBe(2)
  })

  test('that is late is taken when it comes', async () => {
    const { read, clock } = connect({ faults: [undefined, 'delay'] })
    expect(await read()).toEqual(METADATA)
    expect(clock.now()).toBe(60_000)
  })

  test('of a create uses two challenges, of every other call one', async () => {
    const { client, calls } = connect({ answer: () => json({ backupId: 'backup', backupMetadata: METADATA }) })
    await client.create({
      mainFactor: syncFactor,
      syncFactor,
      encryptionKey: { kind: 'PRF', encryptedKey: '' },
      manifestHash: HEAD,
      backupAccountId: 'b',
      sealedBackup: new Uint8Array(1),
    })
    expect(calls.map(({ path }) => path)).toEqual(['/v1/create/challenge/keypair', '/v1/create/challenge/keypair', '/v1/create'])
    const form = calls[2]?.body
    const payload = form instanceof FormData ? (form.get('payload') as Blob) : new Blob()
    expect(JSON.parse(await payload.text())).toMatchObject({ challengeToken: 'token 0', initialSyncChallengeToken: 'token 1' })
  })
})

describe('every request', () => {
  test('forbids redirects, and a redirect is an error (trap 33)', async () => {
    const { read, calls } = connect({ answer: () => new Response(null, { status: 307, headers: { location: 'http://elsewhere/' } }) })
    expect(await codeOf(read())).toBe('http_307')
    expect(calls.map(({ init }) => init.redirect)).toEqual(['manual', 'manual'])
  })

  test('has a time limit of its own, after which the outcome is unknown', async () => {
    const { read, calls } = connect()
    await read()
    for (const { init } of calls) expect(init.signal).toBeInstanceOf(AbortSignal)
    const timedOut = createServiceClient({
      baseUrl: 'http://service',
      clock: createFakeClock(),
      fetch: async () => {
        throw new DOMException('The operation was aborted due to timeout', 'TimeoutError')
      },
    })
    await expect(timedOut.ready()).rejects.toMatchObject({ code: 'unreachable', remedy: 'retry', retry: { safe: true } })
  })
})

describe('an error answer (§9.8)', () => {
  test.each([
    ['the envelope', '{"allowRetry":false,"error":{"code":"backup_missing","message":"m"}}', 400, 'backup_missing'],
    ['a code of a later service', '{"error":{"code":"from_the_future"}}', 409, 'from_the_future'],
    ['array forms', '{"error":["backup_missing"]}', 400, 'backup_missing'],
    ['array forms all the way', '[["backup_missing"]]', 400, 'backup_missing'],
    ['a duplicate member', '{"error":{"code":"a","code":"b"}}', 400, 'http_400'],
    ['a code that is no text', '{"error":{"code":7}}', 400, 'http_400'],
    ['plain text', 'Failed to deserialize', 422, 'http_422'],
    ['a page', '<html>Not Found</html>', 404, 'http_404'],
    ['nothing', '', 405, 'http_405'],
    ['unauthorized_factor, whatever the status', '{"error":{"code":"unauthorized_factor"}}', 503, 'unauthorized_factor'],
    ['another code with 500', '{"error":{"code":"internal_server_error"}}', 500, 'service_failed'],
    ['a page with 502', '<html></html>', 502, 'service_failed'],
  ])('%s', async (_, body, status, code) => {
    expect(await codeOf(connect({ answer: () => new Response(body, { status }) }).read())).toBe(code)
  })

  test.each([
    ['unauthorized_factor', 'register-sync-factor'],
    ['backup_untraceable', 'register-sync-factor'],
    ['backup_does_not_exist', 'wipe-local'],
    ['manifest_hash_mismatch', 'fetch-remote'],
    ['backup_account_id_already_exists', 'authenticate-main-factor'],
    ['conflicting_lock', 'retry'],
    ['already_used', 'retry'],
    ['jwt_error', 'retry'],
    ['from_the_future', 'contact-support'],
  ])('%s says what to do: %s (§9.9)', async (code, remedy) => {
    await expect(connect({ answer: () => refusal(code) }).read()).rejects.toMatchObject({ code, remedy })
  })
})

describe('a good answer', () => {
  test('of another form, or of none, is unexpected', async () => {
    for (const body of ['{}', '<html></html>', '', '{"id":7}'])
      expect(await codeOf(connect({ answer: () => new Response(body) }).read())).toBe('unexpected_answer')
    const retrieved = { backup: 'no base64!', metadata: METADATA, syncFactorToken: 't' }
    expect(await codeOf(connect({ answer: () => json(retrieved) }).client.retrieve({ mainFactor: syncFactor }))).toBe('unexpected_answer')
  })

  test('keeps and counts kinds of a later service (trap 32)', async () => {
    const kind = { kind: 'IRIS', scan: [1, 2] }
    const metadata = {
      ...METADATA,
      factors: [{ id: 'f', createdAt: 1, kind }],
      keys: [{ kind: 'QUANTUM', encryptedKey: 'x' }],
      extra: true,
    }
    const { factors, keys } = await connect({ answer: () => json(metadata) }).read()
    expect({ factors, keys }).toEqual({ factors: metadata.factors, keys: metadata.keys })
  })
})
