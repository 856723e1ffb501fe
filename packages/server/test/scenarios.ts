/** What a harness sees of the service, over real HTTP: backup-service-api §10 (numbers in brackets), §9 and Appendix C. The same on every database. */

import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { brotliDecompressSync } from 'node:zlib'
import { createServiceClient, type ServiceClient } from '@holdfast/backup-service'
import { type Clock, encodeBase64, encodeHex, encodeUtf8, platformRandom } from '@holdfast/base'
import { makeSigningKey, type SigningKey, solveChallenge } from '@holdfast/keys'
import { attestationRequestHash } from '@holdfast/wire'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Attestation, RunningServer } from '../src/index'

const EMPTY = '85c9d3437fbd13e892674f14603650fff5cb32db314d375722f39f84f501036f'
const JSON_TYPE = { 'content-type': 'application/json' }
const BYPASS = { 'attestation-token': 'let-me-in' }
const hash = (n: number) => n.toString(16).padStart(64, '0')
const makeId = () => `backup_account_02${encodeHex(platformRandom(32))}`

interface Answer {
  readonly status: number
  readonly body: unknown
  readonly text: string
  readonly headers: Headers
}

/** @param start a server on a free port, with that clock and attestation. */
export function describeService(
  name: string,
  start: (options: { clock: Clock; attestation: Attestation }) => Promise<RunningServer>,
): void {
  describe(`the service over HTTP, ${name}`, () => {
    let server: RunningServer
    let gateway: CryptoKey
    let client: ServiceClient
    let now = 1_700_000_000_000
    const clock: Clock = { now: () => now, sleep: async () => {} }

    beforeAll(async () => {
      const { publicKey, privateKey } = await generateKeyPair('ES256')
      gateway = privateKey
      const jwks = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'gateway-1', alg: 'ES256' }] })
      server = await start({ clock, attestation: { jwks, bypassToken: 'let-me-in' } })
      client = createServiceClient({ baseUrl: server.url, fetch, attestationToken: () => 'let-me-in' })
    })
    afterAll(() => server.close())

    async function send(method: string, path: string, body?: BodyInit, headers: Record<string, string> = {}): Promise<Answer> {
      const response = await fetch(server.url + path, { method, headers, ...(body === undefined ? {} : { body }) })
      const text = await response.text()
      let parsed: unknown
      try {
        parsed = JSON.parse(text)
      } catch {
        parsed = undefined // plain text or empty
      }
      return { status: response.status, body: parsed, text, headers: response.headers }
    }

    const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
      send('POST', path, typeof body === 'string' ? body : JSON.stringify(body), { ...JSON_TYPE, ...headers })

    const envelope = (status: number, code: string, message: unknown = expect.any(String)) =>
      expect.objectContaining({ status, body: { allowRetry: false, error: { code, message } } })

    async function prove(path: string, key: SigningKey, body: unknown = {}) {
      const answer = await post(`${path}/challenge/keypair`, body)
      expect(answer.status).toBe(200)
      const { challenge, token } = answer.body as { challenge: string; token: string }
      return { authorization: solveChallenge(key, challenge), challengeToken: token }
    }

    interface Account {
      readonly id: string
      readonly mainFactor: SigningKey
      readonly syncFactor: SigningKey
    }
    const makeAccount = (): Account => ({
      id: makeId(),
      mainFactor: makeSigningKey(platformRandom),
      syncFactor: makeSigningKey(platformRandom),
    })

    function form(payload: unknown, backup: Uint8Array | undefined = new Uint8Array([1])): FormData {
      const data = new FormData()
      if (payload !== undefined) data.set('payload', typeof payload === 'string' ? payload : JSON.stringify(payload))
      if (backup) data.set('backup', new Blob([new Uint8Array(backup)]), 'b')
      return data
    }

    async function createPayload({ id, mainFactor, syncFactor }: Account, changes: object = {}) {
      const main = await prove('/v1/create', mainFactor)
      const sync = await prove('/v1/create', syncFactor)
      return {
        ...main,
        initialEncryptionKey: { kind: 'ICLOUD', encryptedKey: 'ab' },
        initialSyncFactor: sync.authorization,
        initialSyncChallengeToken: sync.challengeToken,
        manifestHash: EMPTY,
        backupAccountId: id,
        ...changes,
      }
    }

    async function createAccount(account = makeAccount(), backup?: Uint8Array): Promise<Account> {
      const answer = await send('POST', '/v1/create', form(await createPayload(account), backup))
      expect(answer.status).toBe(200)
      return account
    }

    const syncForm = async ({ syncFactor }: Account, current: string, next: string, backup?: Uint8Array) =>
      form({ ...(await prove('/v1/sync', syncFactor)), currentManifestHash: current, newManifestHash: next }, backup)

    const retrieve = async ({ mainFactor }: Account) => {
      const answer = await post('/v1/retrieve/from-challenge', await prove('/v1/retrieve', mainFactor), BYPASS)
      return {
        ...answer,
        body: answer.body as {
          backup: string
          metadata: { manifestHash: string; syncFactors: { id: string }[]; factors: { id: string }[] }
          syncFactorToken: string
        },
      }
    }
    const readMetadata = async (syncFactor: SigningKey, backupId?: string | null) =>
      post('/v1/retrieve-metadata', { ...(await prove('/v1/retrieve-metadata', syncFactor)), backupId })
    const addSyncFactor = async (key: SigningKey, syncFactorToken: string) => {
      const { authorization, challengeToken } = await prove('/v1/add-sync-factor', key)
      return post('/v1/add-sync-factor', { challengeToken, syncFactor: authorization, syncFactorToken })
    }

    describe('transport (§0)', () => {
      test('health and ready say ok, in exactly these members [95]', async () => {
        expect((await send('GET', '/health')).body).toEqual({ status: 'ok', semver: expect.any(String), rev: null })
        expect((await send('GET', '/ready')).text).toBe('{"status":"ok"}')
        const head = await send('HEAD', '/health')
        expect([head.status, head.text]).toEqual([200, ''])
      })

      test.each([
        ['POST', '/health', 405, 'GET,HEAD'],
        ['GET', '/v1/create', 405, 'POST'],
        ['HEAD', '/v1/sync', 405, 'POST'],
        ['OPTIONS', '/v1/sync', 405, 'POST'],
        ['PUT', '/v1/reset/challenge/keypair', 405, 'POST'],
        ['DELETE', '/v1/backup/status', 405, 'POST'],
        ['POST', '/v1/nothing', 404, null],
        ['POST', '/v1/sync/', 404, null],
        ['GET', '/', 404, null],
      ])('%s %s is %i with an empty body', async (method, path, status, allow) => {
        const answer = await send(method, path)
        expect([answer.status, answer.headers.get('allow'), answer.text, answer.headers.get('content-type')]).toEqual([
          status,
          allow,
          '',
          null,
        ])
        expect(answer.headers.get('access-control-allow-origin')).toBeNull()
      })

      test.each([
        ['no content type', '{"backupId":"x"}', {}, 415],
        ['a wrong content type', '{"backupId":"x"}', { 'content-type': 'text/json' }, 415],
        ['a JSON suffix with parameters', '{"backupId":"x"}', { 'content-type': 'application/problem+json; charset=utf-8' }, 404],
        ['upper case', '{"backupId":"x"}', { 'content-type': 'Application/JSON' }, 404],
        ['broken JSON', '{"backupId":', JSON_TYPE, 400],
        ['nothing at all', '', JSON_TYPE, 400],
        ['trailing characters', '{"backupId":"x"} x', JSON_TYPE, 400],
        ['a trailing comma', '{"backupId":"x",}', JSON_TYPE, 400],
        ['a byte-order mark', '\ufeff{"backupId":"x"}', JSON_TYPE, 400],
        ['a missing member', '{}', JSON_TYPE, 422],
        ['a member of another type', '{"backupId":7}', JSON_TYPE, 422],
        ['null for a member that must be there', '{"backupId":null}', JSON_TYPE, 422],
        ['text in place of a record', '"x"', JSON_TYPE, 422],
        ['the mistake of shape before one of syntax', '{"backupId":7', JSON_TYPE, 422],
        ['a duplicate of a named member', '{"backupId":"x","backupId":"x"}', JSON_TYPE, 422],
        ['a duplicate of an unknown member', '{"a":1,"a":2,"backupId":"x"}', JSON_TYPE, 404],
        ['a record as an array', '["x"]', JSON_TYPE, 404],
        ['an array that is too short', '[]', JSON_TYPE, 422],
        ['an array that is too long', '["x","y"]', JSON_TYPE, 400],
        ['a lone surrogate', '{"backupId":"\\ud800"}', JSON_TYPE, 400],
        ['a lone surrogate that nobody reads', '{"a":"\\ud800","backupId":"x"}', JSON_TYPE, 404],
        ['a number beyond a double that nobody reads', '{"a":1e999,"backupId":"x"}', JSON_TYPE, 404],
        ['nesting that nobody reads', `{"a":${'['.repeat(5000)}${']'.repeat(5000)},"backupId":"x"}`, JSON_TYPE, 404],
        ['broken nesting that nobody reads', `{"a":[{"b":[1}],"backupId":"x"}`, JSON_TYPE, 400],
        ['a NUL, which no database text holds', '{"backupId":"\\u0000"}', JSON_TYPE, 404],
        ['escapes', '{"\\u0062ackupId":"\\n\\u00e9"}', JSON_TYPE, 404],
      ])('a JSON route given %s', async (_, body, headers, status) => {
        // Bytes have no content type of their own.
        expect((await send('POST', '/v1/backup/status', encodeUtf8(body), headers)).status).toBe(status)
      })

      test('shapes are judged the same inside a tagged union, which is held whole', async () => {
        const send = async (authorization: string) =>
          (await post('/v1/delete-backup', `{"challengeToken":"t","authorization":${authorization}}`)).status
        expect(await send('{"kind":"EC_KEYPAIR","publicKey":"p","signature":"s"}')).toBe(400)
        expect(await post('/v1/delete-backup', '{"challengeToken":"t","authorization":["EC_KEYPAIR","p","s"]}')).toEqual(
          envelope(400, 'jwt_error'),
        )
        expect(await post('/v1/delete-backup', '[["EC_KEYPAIR","p","s"],"t"]')).toEqual(envelope(400, 'jwt_error'))
        expect(await send('{"publicKey":"p","signature":"s"}')).toBe(422)
        expect(await send('{"kind":"ec_keypair","publicKey":"p","signature":"s"}')).toBe(422)
        expect(await send('{"kind":"EC_KEYPAIR","publicKey":"p","publicKey":"p","signature":"s"}')).toBe(422)
        expect(await send('{"kind":"EC_KEYPAIR","publicKey":"p"}')).toBe(422)
        expect(
          await post(
            '/v1/delete-backup',
            '{"challengeToken":"t","authorization":{"kind":"EC_KEYPAIR","publicKey":"p","signature":"s","x":1e999}}',
          ),
        ).toMatchObject({ status: 400, body: undefined })
        expect(await send('{"kind":"PASSKEY","credential":{},"label":null}')).toBe(422)
      })

      test('framework rejections are plain text that says what was expected', async () => {
        const wrongType = await send('POST', '/v1/backup/status', '{}')
        expect([wrongType.text, wrongType.headers.get('content-type')]).toEqual([
          'Expected request with `Content-Type: application/json`',
          'text/plain; charset=utf-8',
        ])
        expect((await post('/v1/backup/status', '{')).text).toMatch(/^Failed to parse the request body as JSON/)
        expect((await post('/v1/backup/status', '{}')).text).toMatch(/^Failed to deserialize the JSON body into the target type/)
      })

      test('a JSON body has exactly 2 MiB', async () => {
        const body = (bytes: number) => `{"backupId":"${'x'.repeat(bytes - '{"backupId":""}'.length)}"}`
        expect((await post('/v1/backup/status', body(2 ** 21))).status).toBe(404)
        expect((await post('/v1/backup/status', body(2 ** 21 + 1))).status).toBe(413)
        expect((await send('POST', '/v1/backup/status', body(2 ** 21 + 1), { 'content-type': 'text/plain' })).status).toBe(413)
      })

      test('answers above 32 bytes are brotli for those who take it', async () => {
        const get = (path: string, accept: string) =>
          new Promise<{ encoding: string | undefined; bytes: Buffer }>((resolve, reject) => {
            httpRequest(server.url + path, { headers: { 'accept-encoding': accept } }, (answer) => {
              const chunks: Buffer[] = []
              answer.on('data', (chunk: Buffer) => chunks.push(chunk))
              answer.on('end', () => resolve({ encoding: answer.headers['content-encoding'], bytes: Buffer.concat(chunks) }))
            })
              .on('error', reject)
              .end()
          })
        const health = await get('/health', 'gzip, br')
        expect(health.encoding).toBe('br')
        expect(JSON.parse(brotliDecompressSync(health.bytes).toString())).toMatchObject({ status: 'ok' })
        for (const [path, accept] of [
          ['/ready', 'br'],
          ['/health', 'gzip'],
          ['/health', 'br;q=0'],
          ['/health', ''],
        ] as const)
          expect((await get(path, accept)).encoding).toBeUndefined()
      })
    })

    describe('challenges (§2)', () => {
      const PATHS = ['create', 'retrieve', 'verify-factor', 'add-sync-factor', 'sync', 'retrieve-metadata', 'delete-backup']

      test.each(PATHS)('/v1/%s/challenge/keypair is 32 bytes in 44 characters and a token [3]', async (path) => {
        const { status, body } = await post(`/v1/${path}/challenge/keypair`, '{"unknown":true}')
        expect(status).toBe(200)
        expect(body).toEqual({ challenge: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/), token: expect.stringMatching(/^.{11,}$/) })
        expect((await send('POST', `/v1/${path}/challenge/keypair`)).status).toBe(415)
      })

      let account: Account
      beforeAll(async () => {
        account = await createAccount()
      })
      const read = (proof: object) => post('/v1/retrieve-metadata', proof)

      test('is good once, also of many uses at once', async () => {
        const proof = await prove('/v1/retrieve-metadata', account.syncFactor)
        const answers = await Promise.all(Array.from({ length: 8 }, () => read(proof)))
        expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
        for (const answer of answers)
          if (answer.status !== 200) expect(answer).toEqual(envelope(400, 'already_used', 'Token has already been used.'))
      })

      test('has one spelling: white space, padding and unused bits make another token of it [6]', async () => {
        const proof = await prove('/v1/retrieve-metadata', account.syncFactor)
        expect((await read(proof)).status).toBe(200)
        const last = proof.challengeToken.slice(-1)
        const twin = String.fromCharCode(last.charCodeAt(0) + 1)
        for (const token of [
          `${proof.challengeToken}=`,
          `${proof.challengeToken} `,
          `${proof.challengeToken}x`,
          proof.challengeToken.slice(0, -1) + twin,
        ])
          expect(await read({ ...proof, challengeToken: token })).toEqual(envelope(400, 'jwt_error', 'Invalid or expired token.'))
      })

      test.each([['garbage'], [''], ['a.b.c.d.e'], ['eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0....']])(
        '%j is no token [13]',
        async (challengeToken) => {
          const proof = await prove('/v1/retrieve-metadata', account.syncFactor)
          expect(await read({ ...proof, challengeToken })).toEqual(envelope(400, 'jwt_error', 'Invalid or expired token.'))
        },
      )

      test('lives 900 seconds, the last one included [7]', async () => {
        const before = now
        const proof = await prove('/v1/retrieve-metadata', account.syncFactor)
        now += 901_000
        expect(await read(proof)).toEqual(envelope(400, 'jwt_error'))
        now -= 1_000
        expect((await read(proof)).status).toBe(200)
        now = before
      })

      test('is bound to its operation; context comes before signature and replay', async () => {
        const proof = await prove('/v1/sync', account.syncFactor)
        const badSignature = { ...proof, authorization: { ...proof.authorization, signature: 'x' } }
        expect(await read(badSignature)).toEqual(
          envelope(400, 'invalid_challenge_context', 'Client-side auth failure: invalid_challenge_context'),
        )
      })

      test('survives a failed proof', async () => {
        const proof = await prove('/v1/retrieve-metadata', account.syncFactor)
        const other = solveChallenge(makeSigningKey(platformRandom), encodeBase64(platformRandom(32)))
        expect(await read({ ...proof, authorization: { ...proof.authorization, signature: other.signature } })).toEqual(
          envelope(400, 'signature_verification_error', 'Signature verification failed'),
        )
        expect((await read(proof)).status).toBe(200)
      })

      test('a passkey answers no keypair challenge', async () => {
        const { challengeToken } = await prove('/v1/retrieve', account.mainFactor)
        const authorization = { kind: 'PASSKEY', credential: {} }
        expect(await post('/v1/retrieve/from-challenge', { authorization, challengeToken }, BYPASS)).toEqual(
          envelope(400, 'unexpected_challenge_type', 'The challenge type does not match the expected type.'),
        )
        expect(await post('/v1/retrieve-metadata', { authorization, challengeToken })).toEqual(envelope(400, 'invalid_authorization_type'))
      })
    })

    describe('keypair proofs (§2.4)', () => {
      test.each([
        [
          'no padding',
          (proof: { signature: string }) => ({ signature: proof.signature.slice(0, -1) }),
          'Failed to decode a value from base64: Invalid padd',
        ],
        ['a character of another alphabet', () => ({ signature: 'AA-_' }), 'Failed to decode a value from base64: Invalid symb'],
        ['nothing', () => ({ signature: '' }), 'Public key, signature or trusted payload is empty'],
        ['raw r and s', () => ({ signature: encodeBase64(new Uint8Array(64).fill(1)) }), /^Failed to create signature from DER bytes: /],
        [
          'a compressed key',
          () => ({ publicKey: encodeBase64(new Uint8Array(33).fill(2)) }),
          'Failed to create verifying key from SEC1 bytes',
        ],
        [
          'a key off the curve',
          () => ({ publicKey: encodeBase64(new Uint8Array(65).fill(4)) }),
          'Failed to create verifying key from SEC1 bytes',
        ],
      ])('%s is refused, in 50 characters at most [21]', async (_, change, message) => {
        const proof = await prove('/v1/retrieve-metadata', makeSigningKey(platformRandom))
        const answer = await post('/v1/retrieve-metadata', {
          ...proof,
          authorization: { ...proof.authorization, ...change(proof.authorization) },
        })
        expect(answer).toEqual(
          envelope(400, 'signature_verification_error', typeof message === 'string' ? message : expect.stringMatching(message)),
        )
        expect((answer.body as { error: { message: string } }).error.message.length).toBeLessThanOrEqual(50)
      })
    })

    describe('create (§1.7)', () => {
      test('answers id and metadata, and keeps the blob byte for byte [12]', async () => {
        const account = makeAccount()
        const blob = platformRandom(100_000)
        const { status, body } = await send('POST', '/v1/create', form(await createPayload(account), blob))
        const factor = (key: SigningKey) => ({
          id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
          createdAt: Math.floor(now / 1000),
          kind: { kind: 'EC_KEYPAIR', publicKey: key.publicKey },
        })
        const metadata = {
          id: account.id,
          manifestHash: EMPTY,
          keys: [{ kind: 'ICLOUD', encryptedKey: 'ab' }],
          factors: [factor(account.mainFactor)],
          syncFactors: [factor(account.syncFactor)],
        }
        expect([status, body]).toEqual([200, { backupId: account.id, backupMetadata: metadata }])
        const retrieved = await retrieve(account)
        expect(retrieved.body).toEqual({ backup: encodeBase64(blob), metadata, syncFactorToken: expect.stringMatching(/^[\w-]{43}$/) })
      })

      test('refuses an id that exists, after both proofs were used up [22]', async () => {
        const account = await createAccount()
        const payload = await createPayload({ ...makeAccount(), id: account.id })
        const conflict = envelope(409, 'backup_account_id_already_exists', 'Backup ID already exists. Please `/sync` instead.')
        expect(await send('POST', '/v1/create', form(payload))).toEqual(conflict)
        expect(await send('POST', '/v1/create', form({ ...payload, backupAccountId: makeId() }))).toEqual(envelope(400, 'already_used'))
      })

      test('of five at once with one id exactly one wins [24]', async () => {
        const id = makeId()
        const forms = await Promise.all(Array.from({ length: 5 }, async () => form(await createPayload({ ...makeAccount(), id }))))
        const answers = await Promise.all(forms.map((body) => send('POST', '/v1/create', body)))
        expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
        for (const { status } of answers) expect([200, 409, 423]).toContain(status)
      })

      test('refuses a factor that another backup has, in either scope, and leaves no row of the other behind', async () => {
        const account = await createAccount()
        const fresh = makeAccount()
        const taken = envelope(400, 'factor_already_exists', 'This factor already exists.')
        expect(await send('POST', '/v1/create', form(await createPayload({ ...fresh, mainFactor: account.mainFactor })))).toEqual(taken)
        expect(await send('POST', '/v1/create', form(await createPayload({ ...fresh, syncFactor: account.syncFactor })))).toEqual(taken)
        await createAccount(fresh)
      })

      test('takes one keypair as both factors, but not one token for both proofs (§9, traps 8 and 39)', async () => {
        const key = makeSigningKey(platformRandom)
        await createAccount({ id: makeId(), mainFactor: key, syncFactor: key })
        const payload = await createPayload({
          id: makeId(),
          mainFactor: makeSigningKey(platformRandom),
          syncFactor: makeSigningKey(platformRandom),
        })
        const reused = { ...payload, initialSyncFactor: payload.authorization, initialSyncChallengeToken: payload.challengeToken }
        expect(await send('POST', '/v1/create', form(reused))).toEqual(envelope(400, 'already_used'))
      })

      test('takes only a keypair as sync factor, and has used the main token by then [20]', async () => {
        const payload = await createPayload(makeAccount())
        const passkey = { ...payload, initialSyncFactor: { kind: 'PASSKEY', credential: {} } }
        expect(await send('POST', '/v1/create', form(passkey))).toEqual(envelope(400, 'invalid_sync_factor_type'))
        expect(await send('POST', '/v1/create', form(payload))).toEqual(envelope(400, 'already_used'))
      })

      test.each([
        ['an id without prefix', { backupAccountId: `02${'ab'.repeat(32)}` }],
        ['an id of 32 bytes', { backupAccountId: `backup_account_${'ab'.repeat(32)}` }],
        ['a hash of 31 bytes', { manifestHash: 'ab'.repeat(31) }],
        ['a hash with 0X', { manifestHash: `0X${EMPTY}` }],
        ['a key of an unknown kind', { initialEncryptionKey: { kind: 'OTHER', encryptedKey: '' } }],
        ['a Turnkey key without its ids', { initialEncryptionKey: { kind: 'TURNKEY', encryptedKey: '' } }],
      ])('%s is an invalid payload [23]', async (_, change) => {
        const answer = await send('POST', '/v1/create', form(await createPayload(makeAccount(), change)))
        expect(answer).toEqual(envelope(400, 'invalid_payload', 'Failed to deserialize payload'))
      })

      test('a hash is lowered and loses every 0x, an id keeps its case', async () => {
        const account = { ...makeAccount(), id: `backup_account_02${'AB'.repeat(32)}` }
        const payload = await createPayload(account, { manifestHash: `0x0x${EMPTY.toUpperCase()}` })
        const { body } = await send('POST', '/v1/create', form(payload))
        expect(body).toMatchObject({ backupId: account.id, backupMetadata: { manifestHash: EMPTY } })
        expect((await post('/v1/backup/status', { backupId: account.id.toLowerCase() })).status).toBe(404)
      })
    })

    describe('multipart bodies (§0.3, §1.7, Appendix C)', () => {
      const raw = (body: string | Uint8Array, type = 'multipart/form-data; boundary=b') =>
        send('POST', '/v1/sync', typeof body === 'string' ? encodeUtf8(body) : new Uint8Array(body), { 'content-type': type })
      const part = (name: string, text: string) => `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`

      test.each([
        ['no parts', '--b--\r\n', 'missing_payload_field', 'Missing payload field in multipart data'],
        ['no payload', `${part('backup', 'x')}--b--`, 'missing_payload_field', expect.any(String)],
        ['a payload of another shape, and no backup', `${part('payload', '{}')}--b--`, 'invalid_payload', 'Failed to deserialize payload'],
        ['a payload that is no JSON', `${part('payload', '{')}${part('backup', 'x')}--b--`, 'invalid_payload', expect.any(String)],
        ['a stream that ends early', '--b\r\n', 'multipart_error', 'incomplete multipart stream'],
        ['something else', 'hello', 'multipart_error', 'incomplete multipart stream'],
        ['line feeds alone', '--b\ncontent-disposition: form-data; name="payload"\n\n{}\n--b--\n', 'multipart_error', expect.any(String)],
      ])('%s', async (_, body, code, message) => {
        expect(await raw(body)).toEqual(envelope(400, code, message))
      })

      test('a missing or wrong content type is plain text and 400', async () => {
        for (const type of ['application/json', 'multipart/mixed; boundary=b', 'multipart/form-data']) {
          const answer = await raw('', type)
          expect([answer.status, answer.text]).toEqual([400, expect.stringMatching(/^Invalid `boundary`/)])
        }
      })

      test('names decide: the last of a name, any order, unknown and nameless parts, preamble and epilogue', async () => {
        const account = await createAccount()
        const payload = JSON.stringify({
          ...(await prove('/v1/sync', account.syncFactor)),
          currentManifestHash: EMPTY,
          newManifestHash: hash(1),
        })
        const body = `preamble\r\n${part('backup', 'old')}${part('other', 'x')}--b\r\n\r\nnameless\r\n${part('payload', '{')}${part('payload', payload)}${part('backup', 'new\r\n--x')}--b--\r\nepilogue`
        expect((await raw(body, 'multipart/form-data; charset=utf-8; boundary="b"')).status).toBe(200)
        expect((await retrieve(account)).body.backup).toBe(encodeBase64(encodeUtf8('new\r\n--x')))
      })

      test('0 bytes, 15 MiB and one byte more [15] [16]', async () => {
        const account = await createAccount()
        expect(await send('POST', '/v1/sync', await syncForm(account, EMPTY, hash(1), new Uint8Array()))).toEqual(
          envelope(400, 'empty_backup_file', 'Empty backup file'),
        )
        expect(await send('POST', '/v1/sync', await syncForm(account, EMPTY, hash(1), new Uint8Array(15 * 2 ** 20 + 1)))).toEqual(
          envelope(413, 'content_too_large', 'Backup file exceeds maximum allowed size.'),
        )
        expect((await send('POST', '/v1/sync', await syncForm(account, EMPTY, hash(1), new Uint8Array(15 * 2 ** 20)))).status).toBe(200)
      })

      test('30 MiB are refused by their announced length, before anything else [43]', async () => {
        const answer = await send('POST', '/v1/sync', new Uint8Array(30 * 2 ** 20), { 'content-type': 'text/plain' })
        expect(answer).toEqual(envelope(413, 'content_too_large', `Request body of ${30 * 2 ** 20} bytes is too large.`))
      })

      test('a chunked stream is cut at 16 MiB', async () => {
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(encodeUtf8('--b\r\ncontent-disposition: form-data; name="backup"\r\n\r\n'))
            for (let i = 0; i < 17; i++) controller.enqueue(new Uint8Array(2 ** 20))
            controller.close()
          },
        })
        const response = await fetch(`${server.url}/v1/sync`, {
          method: 'POST',
          headers: { 'content-type': 'multipart/form-data; boundary=b' },
          body,
          duplex: 'half',
        } as RequestInit)
        expect(await response.json()).toEqual({ allowRetry: false, error: { code: 'multipart_error', message: 'failed to read stream' } })
      })
    })

    describe('retrieve and verify-factor (§1.9, §1.10, §2.9)', () => {
      let account: Account
      beforeAll(async () => {
        account = await createAccount()
      })

      const sign = (claims: object, { kid = 'gateway-1', key = gateway }: { kid?: string; key?: CryptoKey } = {}) =>
        new SignJWT({
          pass: true,
          iss: 'attestation.worldcoin.org',
          aud: 'toolsforhumanity.com',
          iat: now / 1000,
          exp: now / 1000 + 60,
          ...claims,
        })
          .setProtectedHeader({ alg: 'ES256', kid })
          .sign(key)

      test.each([
        ['/v1/retrieve/from-challenge', '/v1/retrieve'],
        ['/v1/verify-factor', '/v1/verify-factor'],
      ])('%s takes a token whose jti is the hash of this request, over the full path [26] [87]', async (path, operation) => {
        const body = JSON.stringify(await prove(operation, account.mainFactor))
        const stripped = await sign({ jti: attestationRequestHash({ method: 'POST', path: path.slice(3), body }) })
        expect(await post(path, body, { 'attestation-token': stripped })).toEqual(
          envelope(400, 'invalid_attestation_token_claim', 'Invalid attestation token claim: JTI claim (request hash) is not valid.'),
        )
        const token = await sign({ jti: attestationRequestHash({ method: 'POST', path, body }) })
        expect((await post(path, body, { 'attestation-token': token })).status).toBe(200)
      })

      test('an attestation that is not one is refused, each for its reason [85]', async () => {
        const path = '/v1/verify-factor'
        const body = '{}'
        const jti = attestationRequestHash({ method: 'POST', path, body })
        const stranger = (await generateKeyPair('ES256')).privateKey
        const refused = async (token: Promise<string>) => post(path, body, { 'attestation-token': await token })
        const invalid = envelope(400, 'invalid_attestation_token', 'Invalid attestation token.')
        const claim = (text: string) => envelope(400, 'invalid_attestation_token_claim', `Invalid attestation token claim: ${text}`)
        expect(await refused(sign({ jti }, { kid: 'another' }))).toEqual(invalid)
        expect(await refused(sign({ jti }, { key: stranger }))).toEqual(invalid)
        expect(await refused(sign({ jti, pass: false }))).toEqual(invalid)
        expect(await refused(sign({ jti, exp: now / 1000 - 1 }))).toEqual(claim('Token expired or expires at claim.'))
        expect(await refused(sign({ jti, iat: now / 1000 + 5 }))).toEqual(invalid)
        expect(await refused(sign({ jti, iss: 'someone' }))).toEqual(invalid)
        expect(await refused(sign({ jti, aud: ['toolsforhumanity.com'] }))).toEqual(claim('Audience claim is not valid.'))
        expect((await refused(sign({ jti }))).status).toBe(422) // attested; now the shape is judged
      })

      test.each(['/v1/retrieve/from-challenge', '/v1/verify-factor', '/v1/delete-factor'])(
        '%s answers the attestation before type and shape [33]',
        async (path) => {
          const header = envelope(400, 'invalid_attestation_token_header', 'Attestation token header is invalid or not present.')
          expect(await post(path, '{}')).toEqual(header)
          expect(await send('POST', path, '{', { 'content-type': 'text/plain' })).toEqual(header)
          expect(await post(path, '{}', { 'attestation-token': '' })).toEqual(header)
          const withoutKid = 'eyJhbGciOiJIUzI1NiJ9.e30.c2ln'
          for (const token of ['x', withoutKid])
            expect(await post(path, '{}', { 'attestation-token': token })).toEqual(envelope(400, 'invalid_attestation_token'))
          expect(await post(path, '{', { 'attestation-token': await sign({}) })).toEqual(
            envelope(500, 'internal_server_error', 'Internal server error'),
          )
          expect((await post(path, '{}', BYPASS)).status).toBe(422)
          expect((await send('POST', path, '{}', { ...BYPASS, 'content-type': 'text/plain' })).status).toBe(415)
          expect(await post(path, ' '.repeat(2 ** 20 + 1), BYPASS)).toEqual(envelope(400, 'invalid_payload', 'Body payload is invalid'))
          expect(await send('POST', path, new Uint8Array([0xff]), { ...JSON_TYPE, ...BYPASS })).toEqual(
            envelope(400, 'invalid_payload', 'Body payload is invalid'),
          )
        },
      )

      test('a sync key and an unknown key cannot be traced; a foreign signature is refused first [31]', async () => {
        const untraceable = envelope(400, 'backup_untraceable', 'Client-side auth failure: backup_untraceable')
        for (const key of [account.syncFactor, makeSigningKey(platformRandom)])
          expect(await post('/v1/retrieve/from-challenge', await prove('/v1/retrieve', key), BYPASS)).toEqual(untraceable)
        const mine = await prove('/v1/retrieve', account.mainFactor)
        const other = await createAccount()
        expect(
          await post(
            '/v1/retrieve/from-challenge',
            { ...mine, authorization: { ...mine.authorization, publicKey: other.mainFactor.publicKey } },
            BYPASS,
          ),
        ).toEqual(envelope(400, 'signature_verification_error', 'Signature verification failed'))
      })

      test('verify-factor names the backup and nothing else, and takes no other challenge [34] [35]', async () => {
        const { body } = await post('/v1/verify-factor', await prove('/v1/verify-factor', account.mainFactor), BYPASS)
        expect(body).toEqual({ backupId: account.id })
        expect(await post('/v1/verify-factor', await prove('/v1/retrieve', account.mainFactor), BYPASS)).toEqual(
          envelope(400, 'invalid_challenge_context'),
        )
        expect(await post('/v1/retrieve/from-challenge', await prove('/v1/verify-factor', account.mainFactor), BYPASS)).toEqual(
          envelope(400, 'invalid_challenge_context'),
        )
      })
    })

    describe('status (§1.4)', () => {
      test('lists main factors only, with null where there is no account [36]', async () => {
        const { id } = await createAccount()
        expect((await post('/v1/backup/status', { backupId: id })).text).toBe(
          `{"backupId":"${id}","factors":[{"kind":"EC_KEYPAIR","accountKind":null}]}`,
        )
        expect(await post('/v1/backup/status', { backupId: 'x' })).toEqual(envelope(404, 'not_found', 'Not Found'))
      })
    })

    describe('sync (§1.13)', () => {
      let account: Account
      beforeEach(async () => {
        account = await createAccount()
      })

      test('moves the head along a chain, and answers the id alone [37] [42]', async () => {
        for (const n of [1, 2]) {
          const answer = await send(
            'POST',
            '/v1/sync',
            await syncForm(account, n === 1 ? EMPTY : hash(n - 1), hash(n), new Uint8Array([n])),
          )
          expect([answer.status, answer.body]).toEqual([200, { backupId: account.id }])
        }
        expect((await retrieve(account)).body).toMatchObject({
          backup: encodeBase64(new Uint8Array([2])),
          metadata: { manifestHash: hash(2) },
        })
      })

      test('a wrong base changes nothing and has used the challenge [39]', async () => {
        const proof = await prove('/v1/sync', account.syncFactor)
        const stale = form({ ...proof, currentManifestHash: hash(7), newManifestHash: hash(8) }, new Uint8Array([9]))
        expect(await send('POST', '/v1/sync', stale)).toEqual(
          envelope(412, 'manifest_hash_mismatch', 'The manifest hash does not match the expected value.'),
        )
        const right = form({ ...proof, currentManifestHash: EMPTY, newManifestHash: hash(8) }, new Uint8Array([9]))
        expect(await send('POST', '/v1/sync', right)).toEqual(envelope(400, 'already_used'))
        expect((await retrieve(account)).body).toMatchObject({ backup: 'AQ==', metadata: { manifestHash: EMPTY } })
      })

      test('the head may stay as it is while the blob changes', async () => {
        expect((await send('POST', '/v1/sync', await syncForm(account, EMPTY, EMPTY, new Uint8Array([5])))).status).toBe(200)
        expect((await retrieve(account)).body.backup).toBe('BQ==')
      })

      test('a malformed hash is an invalid payload; another key, an unknown one and a main factor are refused [38] [40]', async () => {
        expect(await send('POST', '/v1/sync', await syncForm(account, 'zz', hash(1)))).toEqual(envelope(400, 'invalid_payload'))
        for (const syncFactor of [makeSigningKey(platformRandom), account.mainFactor])
          expect(await send('POST', '/v1/sync', await syncForm({ ...account, syncFactor }, EMPTY, hash(1)))).toEqual(
            envelope(400, 'backup_untraceable'),
          )
      })

      test('of many at once from one head exactly one wins; the others are locked out or late, and its blob stays [41]', async () => {
        const forms = await Promise.all(Array.from({ length: 10 }, (_, i) => syncForm(account, EMPTY, hash(i + 1), new Uint8Array([i]))))
        const answers = await Promise.all(forms.map((body) => send('POST', '/v1/sync', body)))
        const winners = answers.flatMap(({ status }, i) => (status === 200 ? [i] : []))
        expect(winners).toHaveLength(1)
        for (const { status } of answers) expect([200, 412, 423]).toContain(status)
        expect((await retrieve(account)).body).toMatchObject({
          backup: encodeBase64(new Uint8Array([winners[0] ?? -1])),
          metadata: { manifestHash: hash((winners[0] ?? -1) + 1) },
        })
      })
    })

    describe('metadata (§1.14, §7)', () => {
      test('tells a device that was revoked from one whose backup is gone [44] [46] [47]', async () => {
        const account = await createAccount()
        const stranger = makeSigningKey(platformRandom)
        expect((await readMetadata(account.syncFactor, null)).body).toMatchObject({ id: account.id })
        expect(await readMetadata(stranger)).toEqual(envelope(400, 'backup_untraceable'))
        expect(await readMetadata(stranger, account.id)).toEqual(
          envelope(400, 'unauthorized_factor', 'The provided factor is not authorized for this backup.'),
        )
        expect(await readMetadata(stranger, 'anything')).toEqual(
          envelope(400, 'backup_does_not_exist', 'Client-side auth failure: backup_does_not_exist'),
        )
        expect(await readMetadata(account.syncFactor, makeId())).toEqual(
          envelope(400, 'backup_id_mismatch', 'Client-side auth failure: backup_id_mismatch'),
        )
        expect((await post('/v1/delete-backup', await prove('/v1/delete-backup', account.syncFactor))).status).toBe(204)
        expect(await readMetadata(account.syncFactor, account.id)).toEqual(envelope(400, 'backup_does_not_exist'))
      })
    })

    describe('sync factors (§1.12)', () => {
      test('a retrieve’s token registers one key, which can sync then [48] [49]', async () => {
        const account = await createAccount()
        const { syncFactorToken } = (await retrieve(account)).body
        const key = makeSigningKey(platformRandom)
        const added = await addSyncFactor(key, syncFactorToken)
        expect([added.status, added.body]).toEqual([200, { backupId: account.id }])
        expect(await addSyncFactor(makeSigningKey(platformRandom), syncFactorToken)).toEqual(envelope(400, 'already_used'))
        expect(await addSyncFactor(makeSigningKey(platformRandom), 'made-up')).toEqual(envelope(400, 'token_not_found', 'Token not found.'))
        expect((await send('POST', '/v1/sync', await syncForm({ ...account, syncFactor: key }, EMPTY, hash(1)))).status).toBe(200)
      })

      test('a main keypair is not added as sync factor, and the token stays good [50]', async () => {
        const account = await createAccount()
        const { syncFactorToken } = (await retrieve(account)).body
        for (const key of [account.mainFactor, account.syncFactor])
          expect(await addSyncFactor(key, syncFactorToken)).toEqual(envelope(400, 'factor_already_exists', 'This factor already exists.'))
        expect(await readMetadata(account.mainFactor)).toEqual(envelope(400, 'backup_untraceable'))
        expect((await addSyncFactor(makeSigningKey(platformRandom), syncFactorToken)).status).toBe(200)
        expect((await retrieve(account)).body.metadata.syncFactors).toHaveLength(2)
      })

      test('a token outlives its backup, and says that it is gone, again and again [51]', async () => {
        const account = await createAccount()
        const { syncFactorToken } = (await retrieve(account)).body
        expect((await post('/v1/delete-backup', await prove('/v1/delete-backup', account.syncFactor))).status).toBe(204)
        const key = makeSigningKey(platformRandom)
        for (let i = 0; i < 2; i++)
          expect(await addSyncFactor(key, syncFactorToken)).toEqual(envelope(400, 'backup_not_found', 'Backup not found.'))
        await createAccount({ ...account, syncFactor: key })
      })

      test('of ten uses at once one succeeds; after 900 seconds a token is unknown [52]', async () => {
        const account = await createAccount()
        const { syncFactorToken } = (await retrieve(account)).body
        const answers = await Promise.all(Array.from({ length: 10 }, () => addSyncFactor(makeSigningKey(platformRandom), syncFactorToken)))
        expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
        for (const answer of answers) if (answer.status !== 200) expect(answer).toEqual(envelope(400, 'already_used'))
        const late = (await retrieve(account)).body.syncFactorToken
        const before = now
        now += 900_000
        expect(await addSyncFactor(makeSigningKey(platformRandom), late)).toEqual(envelope(400, 'token_not_found'))
        now = before
      })

      test('the 25th is taken, the 26th refused and not stored [75]', async () => {
        const account = await createAccount()
        for (let i = 1; i <= 25; i++) {
          const answer = await addSyncFactor(makeSigningKey(platformRandom), (await retrieve(account)).body.syncFactorToken)
          if (i < 25) expect(answer.status).toBe(200)
          else expect(answer).toEqual(envelope(409, 'too_many_factors', 'The maximum number of factors for this backup has been reached.'))
        }
        expect((await retrieve(account)).body.metadata.syncFactors).toHaveLength(25)
      })
    })

    describe('delete-factor, delete-backup, reset (§1.15–1.17)', () => {
      const deleteFactor = async (account: Account, factorId: string, body: object, boundTo = factorId) =>
        post(
          '/v1/delete-factor',
          { ...(await prove('/v1/delete-factor', account.syncFactor, { factorId: boundTo })), factorId, ...body },
          BYPASS,
        )
      const factorsOf = async (account: Account) => (await retrieve(account)).body.metadata

      test('the last main factor takes the backup with it [61]', async () => {
        const account = await createAccount()
        const { factors } = await factorsOf(account)
        const answer = await deleteFactor(account, factors[0]?.id ?? '', {
          scope: 'MAIN',
          encryptionKey: { kind: 'PRF', encryptedKey: 'not looked at' },
        })
        expect([answer.status, answer.body]).toEqual([200, { backupDeleted: true, backupMetadata: null }])
        expect(await readMetadata(account.syncFactor, account.id)).toEqual(envelope(400, 'backup_does_not_exist'))
        await createAccount(account)
      })

      test('a sync factor removes itself [62]', async () => {
        const account = await createAccount()
        const { syncFactors } = await factorsOf(account)
        const answer = await deleteFactor(account, syncFactors[0]?.id ?? '', { scope: 'SYNC' })
        expect(answer.body).toMatchObject({ backupDeleted: false, backupMetadata: { factors: [{}], syncFactors: [] } })
        expect(await readMetadata(account.syncFactor, account.id)).toEqual(envelope(400, 'unauthorized_factor'))
      })

      test('another factor’s challenge, the other scope, a key with scope SYNC: nothing is deleted [63] [64]', async () => {
        const account = await createAccount()
        const { factors, syncFactors } = await factorsOf(account)
        const [main = '', sync = ''] = [factors[0]?.id, syncFactors[0]?.id]
        expect(await deleteFactor(account, main, { scope: 'MAIN' }, sync)).toEqual(envelope(400, 'invalid_challenge_context'))
        expect(await deleteFactor(account, sync, { scope: 'MAIN' })).toEqual(
          envelope(400, 'factor_not_found', 'Factor not found in backup'),
        )
        expect(await deleteFactor(account, sync, { scope: 'SYNC', encryptionKey: { kind: 'ICLOUD', encryptedKey: 'ab' } })).toEqual(
          envelope(400, 'encryption_key_not_allowed', 'Removing an encryption key is not allowed when removing sync factors'),
        )
        expect((await deleteFactor(account, sync, { scope: 'sync' })).status).toBe(422)
        expect(await factorsOf(account)).toMatchObject({ factors: [{ id: main }], syncFactors: [{ id: sync }] })
      })

      test('delete-backup is 204 and empty, then its factors are free; a replay is untraceable [66]', async () => {
        const account = await createAccount()
        const proof = await prove('/v1/delete-backup', account.syncFactor)
        const answer = await post('/v1/delete-backup', proof)
        expect([answer.status, answer.text, answer.headers.get('content-type')]).toEqual([204, '', null])
        expect(await post('/v1/delete-backup', proof)).toEqual(envelope(400, 'backup_untraceable'))
        await createAccount(account)
        expect(await post('/v1/delete-backup', proof)).toEqual(envelope(400, 'already_used'))
        expect(await post('/v1/delete-backup', await prove('/v1/delete-backup', account.mainFactor))).toEqual(
          envelope(400, 'backup_untraceable'),
        )
      })

      const secret = secp256k1.utils.randomSecretKey()
      const resettable = () => {
        const key = secp256k1.utils.randomSecretKey()
        return { key, account: { ...makeAccount(), id: `backup_account_${encodeHex(secp256k1.getPublicKey(key, true))}` } }
      }
      const reset = async (id: string, key: Uint8Array, changes: object = {}, lowS = true) => {
        const { challenge, token } = (await post('/v1/reset/challenge/keypair', { backupAccountId: id })).body as {
          challenge: string
          token: string
        }
        const signature = secp256k1.sign(Buffer.from(challenge, 'base64'), key, { prehash: true, lowS: true, format: 'compact' })
        const low = secp256k1.Signature.fromBytes(signature, 'compact')
        const chosen = lowS ? low : new secp256k1.Signature(low.r, secp256k1.Point.CURVE().n - low.s)
        const body = { backupAccountId: id, signature: encodeBase64(chosen.toBytes('der')), challengeToken: token, ...changes }
        return { body, answer: await post('/v1/reset', body) }
      }

      test('reset needs the key of the id and nothing else [67] [69] [70]', async () => {
        const { key, account } = resettable()
        await createAccount(account)
        const { answer, body } = await reset(account.id, key)
        expect([answer.status, answer.text]).toEqual([204, ''])
        expect(await readMetadata(account.syncFactor, account.id)).toEqual(envelope(400, 'backup_does_not_exist'))
        expect((await reset(account.id, key)).answer).toEqual(envelope(404, 'not_found'))
        await createAccount(account)
        expect(await post('/v1/reset', body)).toEqual(envelope(400, 'already_used'))
        expect(await post('/v1/reset', { ...body, backupAccountId: makeId() })).toEqual(
          envelope(400, 'invalid_challenge_context', 'Challenge token was not created for reset operation or backup_account_id mismatch.'),
        )
      })

      test('reset refuses a high S, another key, and what is no signature, each in its words [68]', async () => {
        const { key, account } = resettable()
        await createAccount(account)
        const failed = envelope(400, 'signature_verification_error', 'Signature verification failed.')
        expect((await reset(account.id, key, {}, false)).answer).toEqual(failed)
        expect((await reset(account.id, secret)).answer).toEqual(failed)
        expect((await reset(account.id, key, { signature: '*' })).answer).toEqual(
          envelope(400, 'invalid_signature', 'Signature must be valid base64.'),
        )
        expect((await reset(account.id, key, { signature: 'AAAA' })).answer).toEqual(
          envelope(400, 'invalid_signature', 'Failed to parse signature as DER format.'),
        )
        expect((await post('/v1/backup/status', { backupId: account.id })).status).toBe(200)
      })

      test.each([
        ['no SEC1 point', `backup_account_07${'00'.repeat(32)}`, 'Failed to parse compressed public key from backup_account_id.'],
        ['a point off the curve', `backup_account_02${'ff'.repeat(32)}`, 'Failed to create verifying key from backup_account_id.'],
        ['a doubled prefix', `backup_account_backup_account_02${'11'.repeat(32)}`, 'backup_account_id contains invalid hex encoding.'],
      ])('reset of %s passes the challenge, then fails before the signature is looked at', async (_, id, message) => {
        expect((await reset(id, secret, { signature: '*' })).answer).toEqual(envelope(400, 'invalid_backup_account_id', message))
      })
    })

    test('a connection that breaks off in the middle of an upload changes nothing', async () => {
      const account = await createAccount()
      const body = new Response(await syncForm(account, EMPTY, hash(1), platformRandom(50_000)))
      const bytes = new Uint8Array(await body.arrayBuffer())
      await new Promise<void>((resolve, reject) => {
        const socket = connect(server.port, '127.0.0.1', () => {
          socket.write(
            `POST /v1/sync HTTP/1.1\r\nhost: x\r\ncontent-type: ${body.headers.get('content-type')}\r\ncontent-length: ${bytes.length}\r\n\r\n`,
          )
          socket.write(bytes.subarray(0, bytes.length - 100), () => socket.destroy())
        })
        socket.on('close', () => resolve()).on('error', reject)
      })
      expect((await retrieve(account)).body.metadata.manifestHash).toBe(EMPTY)
      expect(await client.status(account.id)).toMatchObject({ backupId: account.id })
    })
  })
}
