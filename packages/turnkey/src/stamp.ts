/**
 * The `X-Stamp` header of a Turnkey request (world-backup-client §10.2, §17):
 *
 *   b64url( {"publicKey":"<hex compressed SEC1>","scheme":"<scheme>","signature":"<hex DER>"} )
 *
 * The signature is ECDSA over SHA-256 of the exact body bytes, RFC 6979. The reference's raw-key helper leaves S of its
 * P-256 signatures as it comes, and Turnkey takes both halves; secp256k1 signatures are low-S.
 */
import { ArgumentError, decodeUtf8, encodeBase64Url, encodeHex, encodeUtf8, StructureError } from '@holdfast/base'
import { isBufferable, parseJson } from '@holdfast/wire'
import { p256 } from '@noble/curves/nist.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'

export type StampScheme = 'SIGNATURE_SCHEME_TK_API_P256' | 'SIGNATURE_SCHEME_TK_API_SECP256K1'

const CURVES = {
  SIGNATURE_SCHEME_TK_API_P256: { curve: p256, lowS: false },
  SIGNATURE_SCHEME_TK_API_SECP256K1: { curve: secp256k1, lowS: true },
} as const

/**
 * Stamps `body` with a raw API key.
 *
 * @param secretKey the private scalar, 32 bytes.
 * @param body the request body, byte for byte as it will be sent; must be JSON.
 * @throws {ArgumentError} `invalid_argument`: unknown scheme, or a secret key that is no scalar of the curve.
 * @throws {StructureError} `invalid_json`.
 * @example
 * ```ts
 * headers.set('X-Stamp', stampWithApiKey({ scheme: 'SIGNATURE_SCHEME_TK_API_P256', secretKey, body }))
 * ```
 */
export function stampWithApiKey(request: {
  readonly scheme: StampScheme
  readonly secretKey: Uint8Array
  readonly body: string | Uint8Array
}): string {
  const scheme = CURVES[request.scheme]
  if (!scheme) throw new ArgumentError({ what: 'stamp scheme', expected: Object.keys(CURVES).join(' or '), got: request.scheme })
  const { curve, lowS } = scheme
  if (!curve.utils.isValidSecretKey(request.secretKey)) {
    throw new ArgumentError({ what: 'API key', expected: 'a 32-byte scalar of the curve', got: `${request.secretKey.length} bytes` })
  }
  const body = typeof request.body === 'string' ? request.body : decodeUtf8(request.body, 'request body')
  checkJson(body)
  const publicKey = encodeHex(curve.getPublicKey(request.secretKey, true))
  const signature = encodeHex(curve.sign(encodeUtf8(body), request.secretKey, { prehash: true, lowS, format: 'der' }))
  return encodeBase64Url(encodeUtf8(JSON.stringify({ publicKey, scheme: request.scheme, signature })))
}

/** Refuses what Turnkey's own parser would: also lone surrogates, numbers beyond a double, and more than 127 levels. */
function checkJson(body: string): void {
  if (isBufferable(parseJson(body, 'request body'), 0)) return
  throw new StructureError('invalid_json', { what: 'request body', expected: 'JSON that every parser takes', got: 'something else' })
}
