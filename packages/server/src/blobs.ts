import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Where sealed backups lie. A key is written once and never changed, so a reader sees all of a blob or none. */
export interface BlobStore {
  /** Durable when it resolves. */
  write(key: string, bytes: Uint8Array): Promise<void>
  read(key: string): Promise<Uint8Array | undefined>
  remove(key: string): Promise<void>
  /** Keys last written before `time` (Unix milliseconds). */
  listBefore(time: number): Promise<string[]>
  ready(): Promise<void>
}

const isMissing = (error: unknown) => (error as { code?: string }).code === 'ENOENT'

/** A folder of files. Temporary file, fsync, rename, fsync of the folder. */
export async function openBlobFolder(folder: string): Promise<BlobStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return {
    async write(key, bytes) {
      const temporary = join(folder, `${key}.tmp`)
      const file = await open(temporary, 'w', 0o600)
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, join(folder, key))
      const directory = await open(folder, 'r')
      try {
        await directory.sync()
      } finally {
        await directory.close()
      }
    },
    async read(key) {
      try {
        return await readFile(join(folder, key))
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    },
    remove: (key) => rm(join(folder, key), { force: true }),
    async listBefore(time) {
      const old: string[] = []
      for (const name of await readdir(folder)) {
        const found = await stat(join(folder, name)).catch((error) => {
          if (isMissing(error)) return undefined
          throw error
        })
        if (found && found.mtimeMs < time) old.push(name)
      }
      return old
    },
    async ready() {
      await stat(folder)
    },
  }
}
