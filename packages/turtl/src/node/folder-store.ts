/**
 * A store in one folder of its own:
 *
 *   log                one transaction a line: 16 hex digits of the SHA-256 of the rest, a space, JSON list of operations
 *   attachments/<…>    one file each, sealed; which is whose is in the log
 *   lock               which process has it open
 *
 * A transaction is one append and one sync: a device that dies in the middle leaves half a line, which is no line. Files of
 * attachments are on the disk before the line that names them, and are removed after the line that forgets them. The log is
 * written anew, whole, when it is opened and when it has grown to twice what it holds.
 */
import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Bytes, HoldfastError } from '@holdfast/base'
import { fileError, isMissing, lockFolder, syncFolder, writeDurably } from '@holdfast/sync/node'
import type { TurtlStore } from '../store'
import { storeFailed } from '../store/memory-store'
import { type Operation, Tables } from '../store/tables'
import { createTurn } from '../turn'

/** In the log an attachment is the name of its file. */
type Logged =
  | Exclude<Operation, { op: 'put-attachment' }>
  | { readonly op: 'put-attachment'; readonly noteId: string; readonly file: string }

/** Bytes the log may grow by before it is written anew, however little it holds. */
const SLACK = 1024 * 1024
const OWNER_ONLY = 0o600

/**
 * @param folder made when missing, for its owner only. What is in it is what the server knows too, and the journals.
 * @throws {HoldfastError} `store_busy`: another process has it open. `store_damaged`. `file_unreadable`, `file_unwritable`, `disk_full`.
 * @example
 * ```ts
 * const store = await openTurtlFolderStore('/home/alice/.turtl')
 * ```
 */
export async function openTurtlFolderStore(folder: string): Promise<TurtlStore> {
  const attachmentFolder = join(folder, 'attachments')
  await mkdir(attachmentFolder, { recursive: true, mode: 0o700 }).catch((cause) => {
    throw fileError('write', folder, cause)
  })
  const release = await lockFolder(join(folder, 'lock'))
  try {
    return await openLocked(folder, attachmentFolder, release)
  } catch (error) {
    await release()
    throw error
  }
}

async function openLocked(folder: string, attachmentFolder: string, release: () => Promise<void>): Promise<TurtlStore> {
  const path = join(folder, 'log')
  const logged = await readLog(path)
  const files = new Map<string, string>()
  for (const operation of logged) {
    if (operation.op === 'put-attachment') files.set(operation.noteId, operation.file)
    if (operation.op === 'remove-attachment') files.delete(operation.noteId)
  }
  const tables = new Tables(files.keys())
  tables.apply(logged.filter((operation) => operation.op === 'put' || operation.op === 'remove'))
  await removeFilesBut(attachmentFolder, new Set(files.values()))

  let log = await rewrite()
  const inTurn = createTurn()
  let isBroken = false

  /** The log as short as it can be, in the place of the old one. */
  async function rewrite(): Promise<{ readonly handle: FileHandle; readonly base: number; length: number }> {
    const named = [...files].map(([noteId, file]): Logged => ({ op: 'put-attachment', noteId, file }))
    const bytes = encodeLine([...(tables.operations() as Iterable<Logged>), ...named])
    await writeDurably(`${path}.tmp`, path, bytes, OWNER_ONLY)
    return { handle: await open(path, 'a', OWNER_ONLY), base: bytes.length, length: bytes.length }
  }

  async function writeAttachment(bytes: Uint8Array): Promise<string> {
    const name = randomUUID()
    const target = join(attachmentFolder, name)
    await writeDurably(`${target}.tmp`, target, bytes, OWNER_ONLY)
    return name
  }

  /** All of it, or, when the disk does not do it, nothing: half a line is cut off again. */
  async function append(operations: readonly Logged[]): Promise<void> {
    const line = encodeLine(operations)
    try {
      await log.handle.appendFile(line)
      await log.handle.datasync()
      log.length += line.length
    } catch (cause) {
      isBroken = true
      await log.handle.truncate(log.length)
      await log.handle.datasync()
      isBroken = false
      throw cause
    }
  }

  async function commit(operations: readonly Operation[]): Promise<void> {
    const forgotten: string[] = []
    const entries: Logged[] = []
    for (const operation of operations) {
      const isAttachment = operation.op === 'put-attachment' || operation.op === 'remove-attachment'
      const old = isAttachment ? files.get(operation.noteId) : undefined
      if (old !== undefined) forgotten.push(old)
      entries.push(
        operation.op === 'put-attachment'
          ? { op: 'put-attachment', noteId: operation.noteId, file: await writeAttachment(operation.bytes) }
          : operation,
      )
    }
    await append(entries)
    tables.apply(operations)
    for (const entry of entries) {
      if (entry.op === 'put-attachment') files.set(entry.noteId, entry.file)
      if (entry.op === 'remove-attachment') files.delete(entry.noteId)
    }
    const kept = new Set(files.values())
    for (const file of forgotten) if (!kept.has(file)) await rm(join(attachmentFolder, file), { force: true })
    if (log.length < log.base * 2 + SLACK) return
    isBroken = true // until it is certain which file bears the name
    const { handle } = log
    log = await rewrite()
    await handle.close()
    isBroken = false
  }

  return {
    transact: (work) =>
      inTurn(async () => {
        if (isBroken) throw storeFailed()
        const { result, operations } = tables.draft(work)
        if (operations.length === 0) return result
        try {
          await commit(operations)
        } catch (cause) {
          throw storeFailed(cause)
        }
        return result
      }),
    loadAttachment: (noteId) =>
      inTurn(async () => {
        const file = files.get(noteId)
        if (file === undefined) return undefined
        try {
          return new Uint8Array(await readFile(join(attachmentFolder, file))) as Bytes
        } catch (cause) {
          throw fileError('read', file, cause)
        }
      }),
    close: () =>
      inTurn(async () => {
        await log.handle.close()
        await release()
      }),
  }
}

function encodeLine(operations: readonly Logged[]): Buffer {
  const json = JSON.stringify(operations)
  return Buffer.from(`${checksum(json)} ${json}\n`)
}

const checksum = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)

/** @throws {HoldfastError} `store_damaged`: lines after one that is none. */
async function readLog(path: string): Promise<readonly Logged[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if (isMissing(cause)) return []
    throw fileError('read', 'log', cause)
  }
  const lines = text.replace(/\n$/, '').split('\n')
  const operations: Logged[] = []
  for (const [i, line] of lines.entries()) {
    const json = line.slice(17)
    if (line.slice(0, 17) === `${checksum(json)} `) {
      operations.push(...(JSON.parse(json) as Logged[]))
      continue
    }
    // What was being written when the device died is the last one, and was never acknowledged.
    if (i === lines.length - 1) break
    throw new HoldfastError(
      'store_damaged',
      `the store is damaged: line ${i + 1} of its log is not what was written; use a copy of the folder, or fetch everything anew into an empty one`,
      { remedy: 'wipe-local' },
    )
  }
  return operations
}

async function removeFilesBut(folder: string, kept: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(folder)) if (!kept.has(name)) await rm(join(folder, name), { force: true })
  await syncFolder(folder)
}
