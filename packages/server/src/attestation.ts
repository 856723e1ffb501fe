/** The attestation gateway's token on attested routes (backup-service-api §2.9). */
import { LIMITS } from '@holdfast/backup-service/contract'
import { type Clock, decodeUtf8 } from '@holdfast/base'
import { attestationRequestHash } from '@holdfast/wire'
import { type CompactVerifyGetKey, compactVerify, decodeProtectedHeader, errors, type JWTVerifyGetKey } from 'jose'
import { Refusal, refuse } from './refusal'

export interface AttestationOptions {
  /** Keys of the gateway, such as `createRemoteJWKSet(new URL('https://…/.well-known/jwks.json'))` of jose. */
  readonly jwks?: JWTVerifyGetKey
  /** A text that passes in place of a token. Never in production. */
  readonly bypassToken?: string
  /** `false`: a request that would be refused passes, and its answer says why in `attestation-failure`. Default `true`. */
  readonly enforce?: boolean
}

/** `'bypass'`: no token is looked at. For development, and for a service of one's own. */
export type Attestation = 'bypass' | AttestationOptions

const ISSUER = 'attestation.worldcoin.org'
const AUDIENCE = 'toolsforhumanity.com'

/**
 * Before anything else on the route, the body's shape included.
 *
 * @param body `undefined` beyond the limit of 1 MiB.
 * @returns what a server that does not enforce reports in `attestation-failure`.
 */
export async function checkAttestation(
  attestation: Attestation,
  clock: Clock,
  request: Request,
  body: Uint8Array | undefined,
): Promise<string | undefined> {
  if (!body || body.length > LIMITS.attestedBytes) throw new Refusal('invalid_payload', 'Body payload is invalid')
  const text = readText(body)
  if (attestation === 'bypass') return undefined
  try {
    await checkToken(attestation, clock, request, text)
  } catch (error) {
    if (attestation.enforce === false && error instanceof Refusal) return error.message
    throw error
  }
  return undefined
}

async function checkToken({ bypassToken, jwks }: AttestationOptions, clock: Clock, request: Request, body: string): Promise<void> {
  const token = request.headers.get('attestation-token') ?? ''
  if (!/^[\x20-\x7e]+$/.test(token)) throw refuse('invalid_attestation_token_header')
  if (bypassToken !== undefined && bypassToken !== '' && token === bypassToken) return
  if (!hasKeyId(token)) throw refuse('invalid_attestation_token')
  const expected = requestHash(request, body)
  const claims = await verify(jwks, token)
  const now = clock.now() / 1000
  if (claims.pass !== true) throw refuse('invalid_attestation_token')
  if (typeof claims.exp !== 'number' || claims.exp < now) throw invalidClaim('Token expired or expires at claim.')
  if (typeof claims.iat !== 'number' || claims.iat > now || claims.iss !== ISSUER) throw refuse('invalid_attestation_token')
  if (claims.aud !== AUDIENCE) throw invalidClaim('Audience claim is not valid.')
  if (claims.jti !== expected) throw invalidClaim('JTI claim (request hash) is not valid.')
}

const invalidClaim = (detail: string) => new Refusal('invalid_attestation_token_claim', `Invalid attestation token claim: ${detail}`)

function readText(body: Uint8Array): string {
  try {
    return decodeUtf8(body)
  } catch {
    throw new Refusal('invalid_payload', 'Body payload is invalid') // not UTF-8
  }
}

function requestHash(request: Request, body: string): string {
  try {
    return attestationRequestHash({ method: request.method, path: new URL(request.url).pathname, body })
  } catch {
    throw refuse('internal_server_error') // Appendix C: a body that is not JSON, with a well-formed token
  }
}

function hasKeyId(token: string): boolean {
  try {
    return typeof decodeProtectedHeader(token).kid === 'string'
  } catch {
    return false
  }
}

/** @throws `invalid_attestation_token` for every way in which a token is not one. */
async function verify(jwks: JWTVerifyGetKey | undefined, token: string): Promise<Record<string, unknown>> {
  if (!jwks) throw refuse('invalid_attestation_token')
  try {
    const { payload } = await compactVerify(token, fetchKey(jwks), { algorithms: ['ES256'] })
    const claims: unknown = JSON.parse(decodeUtf8(payload))
    if (typeof claims === 'object' && claims !== null) return claims as Record<string, unknown>
  } catch (error) {
    throw error instanceof Refusal ? error : refuse('invalid_attestation_token')
  }
  throw refuse('invalid_attestation_token')
}

/** A key that the gateway's set does not hold is the token's fault; a set that cannot be had is not: `internal_server_error`. */
function fetchKey(jwks: JWTVerifyGetKey): CompactVerifyGetKey {
  return async (header, token) => {
    try {
      return await jwks({ ...header, alg: header.alg ?? '' }, token)
    } catch (error) {
      const isTokensFault =
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys ||
        error instanceof errors.JOSENotSupported
      throw isTokensFault ? error : refuse('internal_server_error')
    }
  }
}
