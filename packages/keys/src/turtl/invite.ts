/**
 * Turtl's invites (turtl §5.1, §5.2): a space key on its way to somebody else.
 *
 *   inner    {"space_key":"<base64>"}
 *   message  inner, or inner in a message sealed to the recipient's public key (§2)
 *   body     envelope under scrypt(passphrase), with one salt for all invites, over {"message":"<base64 message>"}
 *
 * Nothing in it names the space, the sender or the recipient: whoever knows the recipient's public key can make one.
 */
import { decodeBase64, decodeHex, encodeBase64, encodeUtf8, Secret, StructureError } from '@holdfast/base'
import type { Engine, KeyPair } from '@holdfast/crypto'
import { openEnvelope, openMessage, sealEnvelope, sealMessage } from '@holdfast/wire'
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

/** What an invite is closed with; each may be left out, and then anyone reads through that layer. */
export interface InviteProtection {
  /** `null`: the default one, which everyone knows. */
  readonly passphrase: string | null
  /** X25519 public key, 32 bytes. `null`: whoever has the passphrase reads it. */
  readonly recipient: Uint8Array | null
}

/** The members of an invite that come from sealing. */
export interface InviteSeal {
  readonly is_passphrase_protected: boolean
  readonly is_pubkey_protected: boolean
  /** Base64 of a v6 envelope. */
  readonly body: string
}

/**
 * Seals a space key for an invite. What is weak about a protection is for the caller to weigh; this refuses none.
 *
 * @throws {ArgumentError} `invalid_argument`: a public key that is not 32 bytes.
 * @throws {HoldfastError} `weak_public_key`: one to which nothing can be sealed.
 * @example
 * ```ts
 * const seal = sealInvite(engine, spaceKey, { passphrase: makeInvitePassphrase(engine.random), recipient: publicKey })
 * ```
 */
export function sealInvite(engine: Engine, spaceKey: Secret<'turtl-object-key'>, { passphrase, recipient }: InviteProtection): InviteSeal {
  const inner = encodeUtf8(JSON.stringify({ space_key: spaceKey.use(encodeBase64) }))
  try {
    const message = recipient ? sealMessage(engine, recipient, inner) : inner
    const body = sealInviteMessage(engine, message, passphrase)
    return { is_passphrase_protected: passphrase !== null, is_pubkey_protected: recipient !== null, body }
  } finally {
    inner.fill(0)
  }
}

/**
 * The outer layer alone.
 *
 * @param message of any length: the inner JSON, or what it was sealed to.
 * @param nonce 12 bytes; random unless a vector pins it.
 * @returns base64.
 */
export function sealInviteMessage(engine: Engine, message: Uint8Array, passphrase: string | null, nonce?: Uint8Array): string {
  const inviteKey = deriveInviteKey(engine, passphrase)
  const fields = encodeUtf8(JSON.stringify({ message: encodeBase64(message) }))
  try {
    return encodeBase64(sealEnvelope(engine, inviteKey, fields, nonce))
  } finally {
    inviteKey.fill(0)
    fields.fill(0)
  }
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
  const inviteKey = deriveInviteKey(engine, passphrase)
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

/** @returns 32 bytes; the caller wipes them. */
function deriveInviteKey(engine: Engine, passphrase: string | null): Uint8Array {
  return scryptOnce(engine, encodeUtf8(passphrase ?? DEFAULT_PASSPHRASE), INVITE_SALT)
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
