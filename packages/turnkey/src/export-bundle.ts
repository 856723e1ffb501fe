/**
 * A factor secret exported from Turnkey (world-backup-client §10.7).
 *
 *   bundle  {"version":"v1.0.0","data":"<hex of JSON>","dataSignature":"<hex DER>","enclaveQuorumPublic":"<hex 65>"}
 *   data    {"encappedPublic":"<hex 65>","ciphertext":"<hex>","organizationId":"…"}
 *
 * HPKE base mode, DHKEM(P-256, HKDF-SHA256) / HKDF-SHA256 / AES-256-GCM, info `turnkey_hpke`,
 * AAD = encappedPublic || receiverPublic. The session key is the receiver key itself.
 * Everything public is judged before the session key is touched: version, pinned signer, signature, organization.
 */
import {
  ArgumentError,
  AuthenticationError,
  type Bytes,
  concatBytes,
  decodeHex,
  decodeUtf8,
  encodeBase64Url,
  encodeUtf8,
  Secret,
  StructureError,
} from '@holdfast/base'
import { type Json, parseJson, readRecord, readText } from '@holdfast/wire'
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core'
import { p256 } from '@noble/curves/nist.js'

/** Turnkey's production enclave signer, also used in staging. */
export const PRODUCTION_QUORUM_PUBLIC_KEY =
  '04cf288fe433cc4e1aa0ce1632feac4ea26bf2f5a09dcfe5a42c398e06898710330f0572882f4dbdf0f5304b8fc8703acd69adca9a4bbf7f5d00d20a5e364b2569'

const INFO = encodeUtf8('turnkey_hpke')

/** Unknown members are passed over; a duplicate of a known one is refused, as the reference's parser does. */
function textMembers<Name extends string>(json: string, what: string, names: readonly Name[]): Record<Name, string> {
  const refuse = () =>
    new StructureError('invalid_bundle', { what, expected: `JSON object with text members ${names.join(', ')}`, got: 'something else' })
  const record = readRecord(parseBundle(json, refuse), names)
  const members: Partial<Record<Name, string>> = {}
  for (const name of names) {
    const member = readText(record?.[name])
    if (member === undefined) throw refuse()
    members[name] = member
  }
  return members as Record<Name, string>
}

function parseBundle(json: string, refuse: () => StructureError): Json {
  try {
    return parseJson(json, 'bundle')
  } catch {
    throw refuse() // the one code of a bundle without structure
  }
}

function isSignedBy(publicKey: Uint8Array, signature: Uint8Array, data: Uint8Array): boolean {
  try {
    return p256.verify(signature, data, publicKey, { prehash: true, lowS: false, format: 'der' })
  } catch {
    return false // a signature or key that does not parse signs nothing
  }
}

/**
 * Opens an export bundle to the 32-byte factor secret.
 *
 * @param bundle the bundle's JSON text, as received.
 * @param sessionSecretKey P-256 private scalar, 32 bytes, whose public key the export was asked for.
 * @param organizationId the sub-organization the bundle must come from.
 * @param quorumPublicKey hex of the pinned signer.
 * @throws {StructureError} `invalid_bundle`, `invalid_hex`, `invalid_utf8`, `untrusted_signer`, `invalid_signature`,
 * `organization_mismatch`, `invalid_factor_secret`.
 * @throws {AuthenticationError} `auth_failed`: another session key, or a damaged ciphertext.
 * @throws {ArgumentError} `invalid_argument`: a session key that is no scalar of P-256.
 * @example
 * ```ts
 * const factorSecret = await openExportBundle({ bundle, sessionSecretKey, organizationId })
 * ```
 */
export async function openExportBundle(request: {
  readonly bundle: string
  readonly sessionSecretKey: Uint8Array
  readonly organizationId: string
  readonly quorumPublicKey?: string
}): Promise<Secret<'factor-secret'>> {
  if (!p256.utils.isValidSecretKey(request.sessionSecretKey)) {
    const got = `${request.sessionSecretKey.length} bytes`
    throw new ArgumentError({ what: 'session secret key', expected: 'a P-256 scalar, 32 bytes', got })
  }
  const bundle = textMembers(request.bundle, 'export bundle', ['version', 'data', 'dataSignature', 'enclaveQuorumPublic'])
  if (bundle.version !== 'v1.0.0')
    throw new StructureError('invalid_bundle', { what: 'export bundle version', expected: 'v1.0.0', got: bundle.version.slice(0, 14) })
  const quorum = request.quorumPublicKey ?? PRODUCTION_QUORUM_PUBLIC_KEY
  if (bundle.enclaveQuorumPublic !== quorum) {
    throw new StructureError('untrusted_signer', { what: 'export bundle signer', expected: 'the pinned enclave key', got: 'another key' })
  }
  const data = decodeHex(bundle.data, 'export bundle data')
  if (!isSignedBy(decodeHex(quorum, 'quorum public key'), decodeHex(bundle.dataSignature, 'export bundle signature'), data)) {
    throw new StructureError('invalid_signature', {
      what: 'export bundle',
      expected: 'a signature of the pinned enclave key',
      got: 'one that does not verify',
    })
  }
  const inner = textMembers(decodeUtf8(data, 'export bundle data'), 'export bundle data', [
    'encappedPublic',
    'ciphertext',
    'organizationId',
  ])
  if (inner.organizationId !== request.organizationId) {
    throw new StructureError('organization_mismatch', {
      what: 'export bundle organization',
      expected: request.organizationId,
      got: inner.organizationId.slice(0, 64),
    })
  }
  const encapped = decodeHex(inner.encappedPublic, 'encapped public key')
  const secret = await decrypt(request.sessionSecretKey, encapped, decodeHex(inner.ciphertext, 'ciphertext'))
  try {
    if (secret.length === 32) return new Secret('factor-secret', secret, 32)
    throw new StructureError('invalid_factor_secret', { what: 'factor secret', expected: '32 bytes', got: `${secret.length} bytes` })
  } finally {
    secret.fill(0)
  }
}

async function decrypt(sessionSecretKey: Uint8Array, encapped: Bytes, ciphertext: Bytes): Promise<Bytes> {
  const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })
  const receiver = p256.getPublicKey(sessionSecretKey, false)
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    d: encodeBase64Url(sessionSecretKey),
    x: encodeBase64Url(receiver.subarray(1, 33)),
    y: encodeBase64Url(receiver.subarray(33)),
  }
  try {
    const recipientKey = await suite.kem.importKey('jwk', jwk, false)
    const aad = concatBytes(encapped, receiver)
    return new Uint8Array(await suite.open({ recipientKey, enc: encapped.buffer, info: INFO.buffer }, ciphertext.buffer, aad.buffer))
  } catch (cause) {
    throw new AuthenticationError('the export bundle', { cause })
  }
}
