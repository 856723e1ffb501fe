import { id, listOf, noKeys, nonEmptyText, oneOf, optional, text } from './field'
import { INVITE_FIELDS } from './invite'
import type { ModelDefinition, WrappedKey } from './model'
import { ROLES, type Role } from './role'

/** Made by the server (turtl §4.4, §9): ids are text. */
export interface Member {
  readonly id: string
  readonly user_id: string
  readonly space_id: string
  readonly username: string
  readonly role: Role
  readonly created: string
  readonly updated?: string
}

/** What is shared as a whole; its key is in the keychain (turtl §4.4). */
export interface Space {
  readonly id: string
  /** The owner. */
  readonly user_id: string
  readonly members: readonly Member[]
  /** Public forms of invites, made by the server. */
  readonly invites: readonly Readonly<Record<string, unknown>>[]
  readonly keys: readonly WrappedKey[]
  readonly data: {
    readonly title: string
    /** Like `#408080`. */
    readonly color?: string
  }
}

const MEMBER_FIELDS = { id, user_id: id, space_id: id, username: text, role: oneOf(...ROLES), created: text, updated: optional(text) }

export const SPACE: ModelDefinition = {
  public: { id, user_id: id, members: listOf(MEMBER_FIELDS), invites: listOf(INVITE_FIELDS), keys: noKeys },
  private: { title: nonEmptyText, color: optional(text) },
}
