import { base64, id, noKeys, nonEmptyText } from './field'
import type { ModelDefinition, WrappedKey } from './model'

/** A space's key under the master key (turtl §4.4). */
export interface KeychainEntry {
  readonly id: string
  /** `space` in everything written today; others are honoured. */
  readonly type: string
  /** Id of the object whose key this is. */
  readonly item_id: string
  readonly user_id: string
  readonly keys: readonly WrappedKey[]
  /** `k`: base64 of the 32-byte key. */
  readonly data: { readonly k: string }
}

export const KEYCHAIN_ENTRY: ModelDefinition = {
  public: { id, type: nonEmptyText, item_id: id, user_id: id, keys: noKeys },
  private: { k: base64(32) },
}
