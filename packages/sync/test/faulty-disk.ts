/**
 * A disk that fails on demand: every call that changes it goes through `step`, in the order it is made. A test puts it in
 * the place of the real one:
 *
 *   vi.mock('node:fs/promises', async (load) => (await import('./faulty-disk')).faultyDisk(await load()))
 */
import type * as fs from 'node:fs/promises'

interface Disk {
  calls: string[]
  /** Which call fails, counted from 1; 0: none. */
  failAt: number
  /** Every call after that one fails too. */
  dies: boolean
  errno: string
}

const healthy = (): Disk => ({ calls: [], failAt: 0, dies: false, errno: 'ENOSPC' })

export const disk = healthy()

/** Healthy again but for `changes`, and with no calls counted. */
export function resetDisk(changes: Partial<Disk> = {}): void {
  Object.assign(disk, healthy(), changes)
}

function step(call: string): void {
  const { calls, failAt, dies, errno } = disk
  calls.push(call)
  const isAfter = failAt > 0 && calls.length > failAt
  if (calls.length === failAt || (dies && isAfter)) throw Object.assign(new Error(`${errno}: ${call}`), { code: errno })
}

export function faultyDisk(real: typeof fs): object {
  return {
    ...real,
    open: async (path: string, flags: string, mode?: number) => {
      if (flags === 'w') step('create')
      const file = await real.open(path, flags, mode)
      return {
        chmod: (mode: number) => file.chmod(mode),
        writeFile: async (bytes: Uint8Array) => {
          step('write')
          await file.writeFile(bytes)
        },
        // Half of it is on the disk when it fails.
        appendFile: async (bytes: Uint8Array) => {
          await file.appendFile(bytes.subarray(0, bytes.length >> 1))
          step('append')
          await file.appendFile(bytes.subarray(bytes.length >> 1))
        },
        truncate: async (length: number) => {
          step('truncate')
          await file.truncate(length)
        },
        sync: async () => {
          step(flags === 'w' ? 'sync file' : 'sync folder')
          await file.sync()
        },
        datasync: async () => {
          step('datasync')
          await file.datasync()
        },
        close: () => file.close(),
      }
    },
    rename: async (from: string, to: string) => {
      step('rename')
      await real.rename(from, to)
    },
    unlink: async (path: string) => {
      step('unlink')
      await real.unlink(path)
    },
  }
}
