/** The user's X25519 pair, to which invites are sealed (turtl §4.9). */

import type { Bytes } from '@holdfast/base'
import { decodeBase64, encodeBase64, equalBytes, Secret, StructureError } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import type { User } from './models/user'

export interface UserKeyPair {
  readonly publicKey: Bytes
  readonly secretKey: Secret<'turtl-user-secret-key'>
}

/** The two fields of a user record that hold a new pair: `pubkey` is public, `privkey` goes into `data`. */
export function makeUserKeyPair(engine: Engine): { readonly pubkey: string; readonly privkey: string } {
  const { publicKey, secretKey } = engine.sealedBox.makeKeyPair()
  const pair = { pubkey: encodeBase64(publicKey), privkey: encodeBase64(secretKey) }
  secretKey.fill(0)
  return pair
}

/**
 * The pair of a user record, checked: a public key that is not the private one's makes every invite unreadable, and may
 * be another person's.
 *
 * @returns `undefined` when the record has no private key; the original core then makes a new pair.
 * @throws {StructureError} `invalid_base64`, `invalid_key_pair`.
 */
export function loadUserKeyPair(engine: Engine, user: User): UserKeyPair | undefined {
  if (user.data.privkey === undefined) return undefined
  const bytes = decodeBase64(user.data.privkey, 'private key of the user')
  const publicKey = decodeBase64(user.pubkey ?? '', 'public key of the user')
  try {
    if (bytes.length === 32 && equalBytes(engine.x25519.derivePublicKey(bytes), publicKey))
      return { publicKey, secretKey: new Secret('turtl-user-secret-key', bytes, 32) }
  } finally {
    bytes.fill(0)
  }
  throw new StructureError('invalid_key_pair', {
    what: 'key pair of the user',
    expected: 'the public key of the private one',
    got: 'another',
  })
}
