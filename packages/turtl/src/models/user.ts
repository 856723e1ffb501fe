import { base64, flag, id, noKeys, nonEmptyText, objectField, optional, text } from './field'
import type { ModelDefinition, WrappedKey } from './model'

/** The account itself; its key is the master key (turtl §4.4). */
export interface User {
  readonly id: string
  /** E-mail, lowercase. */
  readonly username: string
  readonly confirmed?: boolean
  readonly name?: string
  /** Base64 of the 32-byte X25519 public key. */
  readonly pubkey?: string
  readonly keys: readonly WrappedKey[]
  readonly data: {
    /** Known keys: `default_space`, `spaces:<space id>:<key>`. */
    readonly settings?: Readonly<Record<string, unknown>>
    /** Base64 of the 32-byte X25519 secret key. */
    readonly privkey?: string
  }
}

export const USER: ModelDefinition = {
  public: { id, username: nonEmptyText, confirmed: optional(flag), name: optional(text), pubkey: optional(base64(32)), keys: noKeys },
  private: { settings: optional(objectField), privkey: optional(base64(32)) },
}
