/** Turtl's own export, `schema_version` 2 (turtl §4.11): everything in the clear. No key and no setting is in it. */
import { encodeBase64 } from '@holdfast/base'
import type { TurtlContents } from './contents'

type Members = Readonly<Record<string, unknown>>

export interface TurtlExport {
  readonly schema_version: 2
  readonly spaces: readonly Members[]
  readonly boards: readonly Members[]
  readonly notes: readonly Members[]
  /** `data`: base64 of the file in the clear; `id`: the note's. */
  readonly files: readonly { readonly id: string; readonly body: null; readonly data: string }[]
}

/**
 * @param account an open one, or whatever else holds the same in the clear.
 * @param files attachments in the clear, by the id of their note.
 * @example
 * ```ts
 * const text = JSON.stringify(exportAccount(account, files))
 * ```
 */
export function exportAccount(account: TurtlContents, files: ReadonlyMap<string, Uint8Array> = new Map()): TurtlExport {
  const open = (model: Members & { readonly data: object }) => ({ ...withoutData(model), ...model.data, body: null, keys: [] })
  return {
    schema_version: 2,
    spaces: [...account.spaces.values()].map((space) => ({ ...open({ ...space }), members: [], invites: [] })),
    boards: [...account.boards.values()].map((board) => open({ ...board })),
    notes: [...account.notes.values()].map((note) => {
      const file = note.file || note.data.file ? { file: { ...note.file, ...note.data.file } } : {}
      return { ...open({ ...note }), ...file }
    }),
    files: [...files].map(([id, bytes]) => ({ id, body: null, data: encodeBase64(bytes) })),
  }
}

function withoutData({ data: _, ...rest }: Members): Members {
  return rest
}
