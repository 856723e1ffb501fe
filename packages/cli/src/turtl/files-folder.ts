import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bytes } from '@holdfast/base'
import { readError } from './read-error'

/** Turtl's folder `files`: sealed attachments as `u_<user id>.n_<note id>.enc`, found by the note alone (turtl §4.8). */
export class FilesFolder {
  readonly #paths = new Map<string, string>()

  /** @param isRequired whether somebody named the folder: else it may be missing. */
  static async open(folder: string, isRequired: boolean): Promise<FilesFolder> {
    const files = new FilesFolder()
    const names = await readdir(folder).catch((cause) => {
      if (!isRequired && cause.code === 'ENOENT') return []
      throw readError('the folder of attachments', folder, cause)
    })
    for (const name of names) {
      const [, noteId] = /\.n_([0-9a-f]+)\.enc$/.exec(name) ?? []
      if (noteId !== undefined) files.#paths.set(noteId, join(folder, name))
    }
    return files
  }

  /** The sealed attachment of a note, or `undefined`. @throws `file_unreadable`. */
  async load(noteId: string): Promise<Bytes | undefined> {
    const path = this.#paths.get(noteId)
    if (path === undefined) return undefined
    return new Uint8Array(
      await readFile(path).catch((cause) => {
        throw readError('an attachment', path, cause)
      }),
    )
  }
}
