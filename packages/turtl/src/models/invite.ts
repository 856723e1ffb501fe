import { flag, id, integer, noKeys, nonEmptyText, oneOf, optional, text } from './field'
import type { ModelDefinition } from './model'
import { ROLES, type Role } from './role'

/** An invitation to a space (turtl §5.1); its key comes from a passphrase. */
export interface Invite {
  readonly id: string
  readonly space_id: string
  /** A number, unlike every other user id that is written. */
  readonly from_user_id: number
  readonly from_username: string
  /** E-mail; compared exactly with a lowercase username, so lowercase it. */
  readonly to_user: string
  readonly role: Role
  readonly is_passphrase_protected: boolean
  readonly is_pubkey_protected: boolean
  /** Travels in the clear, in the e-mail too. */
  readonly title: string
  /** `message`: base64 of the message bytes. */
  readonly data: { readonly message: string }
}

export const INVITE_FIELDS = {
  id,
  space_id: id,
  from_user_id: integer,
  from_username: text,
  to_user: nonEmptyText,
  role: oneOf(...ROLES),
  is_passphrase_protected: flag,
  is_pubkey_protected: flag,
  title: text,
}

export const INVITE: ModelDefinition = { public: { ...INVITE_FIELDS, keys: optional(noKeys) }, private: { message: text } }
