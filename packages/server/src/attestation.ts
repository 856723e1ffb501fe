/** The attestation gateway's token on attested routes (backup-service-api §2.9). */
import { LIMITS } from '@holdfast/backup-service/contract'
import { type Clock, decodeUtf8 } from '@holdfast/base'
import { attestationRequestHash } from '@holdfast/wire'
import { compactVerify, decodeProtectedHeader, type JWTVerifyGetKey } from 'jose'
import { FrameworkRejection, Refusal } from './refusal'

export type Attestation =
  /** Development only: no token is looked at. */
  | 'bypass'
  /** Keys of the gateway, such as `createRemoteJWKSet(new URL('https://…/.well-known/jwks.json'))` of jose. */
  | { readonly jwks: JWTVerifyGetKey }

const ISSUER = 'attestation.worldcoin.org'
const AUDIENCE = 'toolsforhumanity.com'

/** Before anything else on the route, the body's shape included. */
export async function checkAttestation(
  attestation: Attestation,
  clock: Clock,
  request: Request,
  body: Uint8Array | undefined,
): Promise<void> {
  if (!body || body.length > LIMITS.attestedBytes) throw new Refusal('invalid_payload', 'Body payload is invalid')
  const text = readText(body)
  if (attestation === 'bypass') return
  const token = request.headers.get('attestation-token') ?? ''
  if (!/^[\x20-\x7e]+$/.test(token))
    throw new Refusal('invalid_attestation_token_header', 'Attestation token header is invalid or not present.')
  const claims = await verify(attestation.jwks, token)
  const now = clock.now() / 1000
  if (claims.pass !== true) throw invalidToken()
  if (typeof claims.exp !== 'number' || claims.exp < now) throw invalidClaim('Token expired or expires at claim.')
  if (typeof claims.iat !== 'number' || claims.iat > now || claims.iss !== ISSUER) throw invalidToken()
  if (claims.aud !== AUDIENCE) throw invalidClaim('Audience claim is not valid.')
  if (claims.jti !== requestHash(request, text)) throw invalidClaim('JTI claim (request hash) is not valid.')
}

const invalidToken = () => new Refusal('invalid_attestation_token', 'Invalid attestation token.')
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
    throw new FrameworkRejection(500, '') // Appendix C: a body that is not JSON, with a well-formed token
  }
}

async function verify(jwks: JWTVerifyGetKey, token: string): Promise<Record<string, unknown>> {
  try {
    if (typeof decodeProtectedHeader(token).kid !== 'string') throw invalidToken()
    const { payload } = await compactVerify(token, jwks, { algorithms: ['ES256'] })
    const claims: unknown = JSON.parse(decodeUtf8(payload))
    if (typeof claims === 'object' && claims !== null) return claims as Record<string, unknown>
  } catch {
    throw invalidToken() // one answer for every way in which a token is not one
  }
  throw invalidToken()
}
