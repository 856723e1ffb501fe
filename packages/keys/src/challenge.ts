import { decodeBase64, HoldfastError } from '@holdfast/base'
import type { SigningKey } from './signing-key'

/** What authorises a call to the service (world-backup-client §9.2). */
export interface KeypairAuthorization {
  readonly kind: 'EC_KEYPAIR'
  readonly publicKey: string
  readonly signature: string
}

/**
 * Signs the raw bytes of a challenge.
 *
 * @param challenge standard base64, strictly: no missing padding, no URL-safe alphabet.
 * @throws {HoldfastError} `invalid_challenge`.
 */
export function solveChallenge(key: SigningKey, challenge: string): KeypairAuthorization {
  return { kind: 'EC_KEYPAIR', publicKey: key.publicKey, signature: key.sign(decodeChallenge(challenge)) }
}

function decodeChallenge(challenge: string): Uint8Array {
  try {
    return decodeBase64(challenge, 'challenge')
  } catch (cause) {
    throw new HoldfastError(
      'invalid_challenge',
      `invalid challenge: expected standard base64, got ${challenge.length} characters of something else; ask for a new one`,
      {
        remedy: 'contact-support',
        cause,
      },
    )
  }
}
