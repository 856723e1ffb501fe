/** Opening a Turtl invite (turtl §5.1, §5.2). */
import { decodeBase64, decodeHex, encodeUtf8, Secret, StructureError } from '@holdfast/base'
import type { Engine, KeyPair } from '@holdfast/crypto'
import { openEnvelope, openMessage } from '@holdfast/wire'
import { scryptOnce } from './master-key'
import { parsePrivateJson } from './private-json'

/** The same for every invite: SHA-512("invite salt"), first half. */
const INVITE_SALT = decodeHex('4a7fa866f25f9c8ad0d9cc0a95be9402fabc79c56448d4768f6427dabeddfc8f')
/** Known to everyone: an invite under it, without a public key, is readable by anyone. */
const DEFAULT_PASSPHRASE = 'this is the default passphrase lol'

/** The members of an invite that opening needs. */
export interface SealedInvite {
  /** Whether the message inside is sealed to the recipient's key pair. */
  readonly is_pubkey_protected?: boolean
  /** Base64 of a v6 envelope; padding may be missing. */
  readonly body: string
}

/**
 * @param passphrase `null` when the invite has none; the empty text is a passphrase.
 * @param recipient needed when `is_pubkey_protected`.
 * @returns the space key, 32 bytes.
 * @throws {StructureError} `invalid_base64`, `invalid_invite`, an envelope's or a message's codes.
 * @throws {AuthenticationError} `auth_failed`: wrong passphrase, wrong key pair, or a damaged invite.
 */
export function openInvite(
  engine: Engine,
  invite: SealedInvite,
  passphrase: string | null,
  recipient?: KeyPair,
): Secret<'turtl-object-key'> {
  if (typeof invite?.body !== 'string') throw invalid('a text member body', typeof invite?.body)
  const envelope = decodeBase64(invite.body, 'invite body', 'optional')
  const inviteKey = scryptOnce(engine, encodeUtf8(passphrase ?? DEFAULT_PASSPHRASE), INVITE_SALT)
  const held: Uint8Array[] = [inviteKey]
  try {
    const body = openEnvelope(engine, inviteKey, envelope)
    held.push(body)
    const message = decodeBase64(textMember(body, 'message'), 'invite message', 'optional')
    held.push(message)
    const inner = invite.is_pubkey_protected ? openMessage(engine, needRecipient(recipient), message) : message
    held.push(inner)
    const spaceKey = decodeBase64(textMember(inner, 'space_key'), 'space key', 'optional')
    held.push(spaceKey)
    if (spaceKey.length !== 32) throw invalid('a space key of 32 bytes', `${spaceKey.length} bytes`)
    return new Secret('turtl-object-key', spaceKey, 32)
  } finally {
    for (const bytes of held) bytes.fill(0)
  }
}

function needRecipient(recipient: KeyPair | undefined): KeyPair {
  if (recipient) return recipient
  throw invalid('the recipient’s key pair', 'none')
}

function textMember(json: Uint8Array, name: string): string {
  const value = parsePrivateJson(json)?.[name]
  if (typeof value !== 'string') throw invalid(`JSON with a text member ${name}`, 'something else')
  return value
}

const invalid = (expected: string, got: string) => new StructureError('invalid_invite', { what: 'invite', expected, got })
