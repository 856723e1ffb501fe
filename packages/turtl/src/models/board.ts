import { id, nonEmptyText, objectField, optional, wrappedKeys } from './field'
import type { ModelDefinition, WrappedKey } from './model'

/** A group of notes in a space (turtl §4.4). */
export interface Board {
  readonly id: string
  readonly space_id: string
  /** Who made it. */
  readonly user_id: string
  /** Not kept by the server. */
  readonly meta?: Readonly<Record<string, unknown>>
  readonly keys: readonly WrappedKey[]
  readonly data: { readonly title: string }
}

export const BOARD: ModelDefinition = {
  public: { id, space_id: id, user_id: id, meta: optional(objectField), keys: wrappedKeys },
  private: { title: nonEmptyText },
  hasWrappedKeys: true,
}
