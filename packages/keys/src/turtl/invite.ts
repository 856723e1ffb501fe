/** Opening a Turtl invite (turtl §5.1, §5.2). */
import { type Bytes, decodeBase64, decodeHex, decodeUtf8, encodeUtf8, StructureError } from '@holdfast/base'
import type { Engine, KeyPair } from '@holdfast/crypto'
import { openEnvelope, openMessage } from '@holdfast/wire'

/** The same for every invite: SHA-512("invite salt"), first half. */
const INVITE_SALT = decodeHex('4a7fa866f25f9c8ad0d9cc0a95be9402fabc79c56448d4768f6427dabeddfc8f')
/** Known to everyone: an invite under it, without a public key, is readable by anyone. */
const DEFAULT_PASSPHRASE = 'this is the default passphrase lol'

/** The members of an invite that opening needs. */
export interface SealedInvite {
  readonly is_pubkey_protected?: boolean
  readonly body: string
}

/**
 * @param passphrase `null` when the invite has none.
 * @param recipient needed when `is_pubkey_protected`.
 * @returns the space key, 32 bytes.
 * @throws {StructureError} `invalid_base64`, `invalid_invite`, an envelope's or message's codes; {AuthenticationError} `auth_failed`.
 */
export function openInvite(engine: Engine, invite: SealedInvite, passphrase: string | null, recipient?: KeyPair): Bytes {
  const password = encodeUtf8(passphrase ?? DEFAULT_PASSPHRASE)
  const inviteKey = engine.kdf.scrypt({ password, salt: INVITE_SALT, opsLimit: 524_288, memLimit: 16_777_216, length: 32 })
  const body = openEnvelope(engine, inviteKey, decodeBase64(invite.body, 'invite body', 'optional'))
  inviteKey.fill(0)
  const message = decodeBase64(textMember(body, 'message'), 'invite message', 'optional')
  const inner = invite.is_pubkey_protected ? openMessage(engine, needRecipient(recipient), message) : message
  const spaceKey = decodeBase64(textMember(inner, 'space_key'), 'space key', 'optional')
  if (spaceKey.length !== 32) throw invalid('a space key of 32 bytes', `${spaceKey.length} bytes`)
  return spaceKey
}

function needRecipient(recipient: KeyPair | undefined): KeyPair {
  if (recipient) return recipient
  throw invalid('the recipient’s key pair', 'none')
}

function textMember(json: Uint8Array, name: string): string {
  let value: unknown
  try {
    value = (JSON.parse(decodeUtf8(json, 'invite')) as Record<string, unknown> | null)?.[name]
  } catch (cause) {
    throw new StructureError('invalid_invite', { what: 'invite', expected: `JSON with ${name}`, got: 'something else' }, { cause })
  }
  if (typeof value !== 'string') throw invalid(`text member ${name}`, typeof value)
  return value
}

const invalid = (expected: string, got: string) => new StructureError('invalid_invite', { what: 'invite', expected, got })
