/** A store on disk: files in the folder the user works in, state in another one that only its owner can read. */
import { mkdir, readdir, readFile, rm, rmdir, stat, unlink } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { type Bytes, HoldfastError } from '@holdfast/base'
import { resolvePath } from '@holdfast/wire'
import type { Store } from '../store'
import { type Code, fileError, isMissing, syncFolder, writeDurably } from './durable-file'
import { lockFolder } from './folder-lock'

/** Temporary files lie beside the state when they are records, and in here when they are files of the folder. */
const STAGING = '.holdfast-staged'

/**
 * @param folder what is backed up; made when missing.
 * @param stateDir secrets and ledger of this device; made for its owner only. Must not lie inside `folder`.
 * @throws {HoldfastError} `state_inside_folder`, `file_unwritable`.
 */
export async function openFolderStore({ folder, stateDir }: { readonly folder: string; readonly stateDir: string }): Promise<Store> {
  const root = resolve(folder)
  const state = resolve(stateDir)
  if (state === root || state.startsWith(root + sep)) {
    throw new HoldfastError(
      'state_inside_folder',
      `the state folder lies inside the backed-up folder: ${state}; choose one outside, or its secrets would be backed up`,
      {
        remedy: 'fix-call',
      },
    )
  }
  await mkdir(root, { recursive: true }).catch((cause) => {
    throw fileError('write', folder, cause)
  })
  await mkdir(state, { recursive: true, mode: 0o700 })
  const staging = join(root, STAGING)
  const locate = (path: string) => join(root, ...resolvePath(path).split('/'))
  return {
    files: {
      list: async () => (await listFolder(root, root)).sort(),
      async read(path) {
        try {
          return new Uint8Array(await readFile(locate(path))) as Bytes
        } catch (cause) {
          if (isMissing(cause)) return undefined
          throw fileError('read', path, cause)
        }
      },
      async write(path, bytes) {
        try {
          await checkNoLinks(root, path)
          await mkdir(staging, { recursive: true })
          await makeFolderDurably(dirname(locate(path)))
          await writeDurably(join(staging, `${process.pid}-${counter++}`), locate(path), bytes, await modeOf(locate(path)))
        } catch (cause) {
          throw cause instanceof HoldfastError ? cause : fileError('write', path, cause)
        } finally {
          await rm(staging, { recursive: true, force: true })
        }
      },
      async remove(path) {
        try {
          await checkNoLinks(root, path)
          await unlink(locate(path))
          await syncFolder(dirname(locate(path)))
          await removeEmptyParents(root, dirname(locate(path)))
        } catch (cause) {
          if (!isMissing(cause)) throw cause instanceof HoldfastError ? cause : fileError('write', path, cause)
        }
      },
    },
    state: {
      async load(name) {
        try {
          return await readFile(join(state, `${name}.json`), 'utf8')
        } catch (cause) {
          if (isMissing(cause)) return undefined
          throw fileError('read', `${name}.json`, cause)
        }
      },
      async save(name, text) {
        const target = join(state, `${name}.json`)
        await writeDurably(`${target}.tmp`, target, Buffer.from(text), 0o600).catch((cause) => {
          throw fileError('write', `${name}.json`, cause)
        })
      },
      async remove(name) {
        await rm(join(state, `${name}.json`), { force: true })
        await syncFolder(state)
      },
    },
    async lock() {
      const release = await lockFolder(join(state, 'lock'))
      await rm(staging, { recursive: true, force: true }) // what a killed process left
      return release
    },
  }
}

let counter = 0

async function listFolder(root: string, folder: string): Promise<string[]> {
  const paths: string[] = []
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw fileError('read', relative(root, folder) || '.', cause)
  })
  for (const entry of entries) {
    const path = join(folder, entry.name)
    const name = relative(root, path).split(sep).join('/')
    if (name === STAGING) continue
    if (entry.isDirectory()) paths.push(...(await listFolder(root, path)))
    else if (entry.isFile()) paths.push(name)
    else {
      const kind = entry.isSymbolicLink() ? 'a link' : 'a special file'
      throw new HoldfastError(
        'unsupported_file',
        `${kind} cannot be backed up: ${name}; move it out of the folder, or put a real file in its place`,
        { remedy: 'fix-input' },
      )
    }
  }
  return paths
}

/** A restored file never goes through a link to somewhere else. */
async function checkNoLinks(root: string, path: string): Promise<void> {
  let folder = root
  for (const segment of resolvePath(path).split('/')) {
    const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
      if (isMissing(cause)) return []
      throw cause
    })
    const entry = entries.find(({ name }) => name === segment)
    if (!entry) return
    if (entry.isSymbolicLink()) {
      throw new HoldfastError('unsupported_file', `a link is in the way: ${path} would be written through it; remove the link`, {
        remedy: 'fix-input',
      })
    }
    folder = join(folder, segment)
  }
}

/** New folders too are on disk before what lies in them. */
async function makeFolderDurably(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true })
  if (first === undefined) return
  for (let at = folder; at !== dirname(first); at = dirname(at)) await syncFolder(dirname(at))
}

/** A file that is replaced keeps its permissions (§6.6). */
async function modeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).mode & 0o777
  } catch (error) {
    if (isMissing(error)) return 0o644
    throw error
  }
}

async function removeEmptyParents(root: string, folder: string): Promise<void> {
  for (let at = folder; at !== root && at.startsWith(root + sep); at = dirname(at)) {
    try {
      await rmdir(at)
    } catch (error) {
      if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes((error as Code).code ?? '')) return
      throw error
    }
  }
}
