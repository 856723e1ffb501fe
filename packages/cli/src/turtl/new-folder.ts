/**
 * A folder that is there whole or not at all: it is filled under another name beside its place, and takes that place in one
 * step. For its owner only: what comes out of an account is in the clear.
 */
import { mkdir, mkdtemp, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { HoldfastError } from '@holdfast/base'

/** @throws `folder_not_empty`, `file_unwritable`. */
export async function checkNewFolder(path: string): Promise<void> {
  const entries = await readdir(path).catch((cause) => {
    if (cause.code === 'ENOENT') return []
    throw writeError(path, cause)
  })
  if (entries.length === 0) return
  throw new HoldfastError('folder_not_empty', `the folder is not empty: ${path} holds ${entries.length} entries; choose a new one`, {
    remedy: 'fix-call',
  })
}

export class NewFolder {
  readonly #target: string
  readonly #work: string
  readonly #made = new Map<string, Promise<unknown>>()

  private constructor(target: string, work: string) {
    this.#target = target
    this.#work = work
  }

  /**
   * Makes the folder with `fill`, or leaves nothing.
   *
   * @throws `folder_not_empty`, `file_unwritable`, `disk_full`, and what `fill` throws.
   */
  static async make<Result>(path: string, fill: (folder: NewFolder) => Promise<Result>): Promise<Result> {
    const target = resolve(path)
    await checkNewFolder(target)
    const folder = await NewFolder.#begin(target)
    try {
      const result = await fill(folder)
      await folder.#takePlace()
      return result
    } catch (error) {
      await rm(folder.#work, { recursive: true, force: true })
      throw error
    }
  }

  static async #begin(target: string): Promise<NewFolder> {
    try {
      await mkdir(dirname(target), { recursive: true })
      return new NewFolder(target, await mkdtemp(join(dirname(target), `.${basename(target)}.unfinished-`)))
    } catch (cause) {
      throw writeError(target, cause)
    }
  }

  /** @param path relative, with `/`. */
  async makeFolder(path: string): Promise<void> {
    const made = this.#made.get(path) ?? mkdir(join(this.#work, path), { recursive: true, mode: 0o700 })
    this.#made.set(path, made)
    await made.catch((cause) => {
      throw writeError(path, cause)
    })
  }

  /** Resolves when the file would survive a crash. @param path relative, with `/`; never one that is there already. */
  async write(path: string, content: string | Uint8Array | AsyncIterable<string>): Promise<void> {
    await this.makeFolder(dirname(path))
    await writeFile(join(this.#work, path), content, { flag: 'wx', mode: 0o600, flush: true }).catch((cause) => {
      throw writeError(path, cause)
    })
  }

  async #takePlace(): Promise<void> {
    try {
      await rmdir(this.#target).catch((cause) => {
        if (cause.code !== 'ENOENT') throw cause
      })
      await rename(this.#work, this.#target)
    } catch (cause) {
      throw writeError(this.#target, cause)
    }
  }
}

function writeError(path: string, cause: unknown): unknown {
  const { code } = cause as { code?: string }
  if (code === undefined) return cause // thrown by what was to be written
  if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code)) {
    return new HoldfastError(
      'disk_full',
      `the disk is full: ${path} could not be written (${code}); free some space, then run the same command again`,
      { remedy: 'free-space', cause },
    )
  }
  return new HoldfastError('file_unwritable', `it cannot be written: ${path} (${code}); choose another place, or make it writable`, {
    remedy: 'fix-input',
    cause,
  })
}
