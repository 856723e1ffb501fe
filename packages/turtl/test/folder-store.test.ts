/** The store in a folder: whole transactions or none, whatever call of the file system fails, and whenever the device dies. */
import * as fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { TurtlStore } from '../src/index'
import { openTurtlFolderStore } from '../src/node/index'

/** Every call that changes the disk goes through here. `dies`: so does every one after it. */
const disk = vi.hoisted(() => ({ calls: [] as string[], failAt: 0, dies: false }))
const step = vi.hoisted(() => (call: string) => {
  disk.calls.push(call)
  const isAfter = disk.failAt > 0 && disk.calls.length > disk.failAt
  if (disk.calls.length === disk.failAt || (disk.dies && isAfter)) throw Object.assign(new Error(`ENOSPC: ${call}`), { code: 'ENOSPC' })
})
vi.mock('node:fs/promises', async (load) => {
  const real = await load<typeof import('node:fs/promises')>()
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
          step('sync')
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
  }
})

let folder: string
let store: TurtlStore
beforeEach(async () => {
  Object.assign(disk, { calls: [], failAt: 0, dies: false })
  folder = join(await fs.mkdtemp(join(tmpdir(), 'holdfast-turtl-')), 'store')
  store = await openTurtlFolderStore(folder)
})
afterEach(async () => {
  Object.assign(disk, { failAt: 0 })
  await store.close().catch(() => undefined)
  await fs.rm(join(folder, '..'), { recursive: true, force: true })
})

const put = (name: string, text: string, attachment?: number) =>
  store.transact((tx) => {
    tx.put('value', name, text)
    tx.put('note', name, { id: name, text })
    if (attachment !== undefined) tx.putAttachment(name, new Uint8Array([attachment]))
  })
const read = async (name: string) => ({
  ...(await store.transact((tx) => ({
    text: tx.get('value', name),
    note: tx.get('note', name)?.text,
    isAttached: tx.hasAttachment(name),
  }))),
  attachment: (await store.loadAttachment(name))?.[0],
})
/** As after the death of the process. */
async function revive() {
  Object.assign(disk, { calls: [], failAt: 0, dies: false })
  await store.close()
  store = await openTurtlFolderStore(folder)
}

describe('a folder store', () => {
  test('holds after a restart what it held before', async () => {
    await put('a', 'one', 1)
    await put('b', 'two')
    await store.transact((tx) => {
      tx.remove('value', 'b')
      tx.put('value', 'c', '☠')
    })
    await store.close()
    store = await openTurtlFolderStore(folder)
    expect(await read('a')).toEqual({ text: 'one', note: 'one', isAttached: true, attachment: 1 })
    expect(await read('b')).toMatchObject({ text: undefined, note: 'two' })
    expect((await read('c')).text).toBe('☠')
  })

  test('a transaction that throws changes nothing', async () => {
    await put('a', 'one')
    const failing = store.transact((tx) => {
      tx.put('value', 'a', 'two')
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect((await read('a')).text).toBe('one')
  })

  test('a transaction reads what it has written, and lists in order', async () => {
    await store.transact((tx) => {
      for (const key of ['b', 'c', 'a']) tx.put('value', key, key)
      tx.remove('value', 'c')
      expect(tx.list('value')).toEqual(['a', 'b'])
    })
  })

  test.each([
    ['fails', false],
    ['is the last one before the device dies', true],
  ])('is old or new, whole, when any call %s', async (_, dies) => {
    await put('a', 'old', 1)
    for (let failAt = 1; ; failAt++) {
      Object.assign(disk, { calls: [], failAt, dies })
      const failure = await put('a', 'new', 2).catch((error) => error)
      if (disk.calls.length < failAt) break
      disk.failAt = 0
      if (failure !== undefined) expect(failure).toMatchObject({ code: 'store_failed' })
      const lived = dies ? undefined : await read('a')
      await revive()
      const found = await read('a')
      const [text, attachment] = found.text === 'new' ? ['new', 2] : ['old', 1]
      expect(found).toEqual({ text, note: text, isAttached: true, attachment })
      if (failure === undefined) expect(found.text).toBe('new')
      if (lived) expect(lived).toEqual(found)
      expect((await fs.readdir(join(folder, 'attachments'))).length).toBe(1)
      await put('a', 'old', 1)
    }
    expect((await read('a')).text).toBe('new')
  })

  test('goes on after a write that failed: half a line is cut off', async () => {
    await put('a', 'one')
    Object.assign(disk, { calls: [], failAt: 1 })
    await expect(put('a', 'two')).rejects.toMatchObject({ code: 'store_failed' })
    disk.failAt = 0
    await put('b', 'three')
    await revive()
    expect([(await read('a')).text, (await read('b')).text]).toEqual(['one', 'three'])
  })

  test('refuses a log that was changed, but for the end of it', async () => {
    await put('a', 'one')
    await put('b', 'two')
    await store.close()
    const path = join(folder, 'log')
    const text = await fs.readFile(path, 'utf8')
    await fs.writeFile(path, text.replace('one', 'two'))
    await expect(openTurtlFolderStore(folder)).rejects.toMatchObject({ code: 'store_damaged' })
    await fs.writeFile(path, text.slice(0, -3))
    store = await openTurtlFolderStore(folder)
    expect([(await read('a')).text, (await read('b')).text]).toEqual(['one', undefined])
  })

  test('does not grow with what is written over', async () => {
    const large = 'x'.repeat(300_000)
    for (let i = 0; i < 20; i++) await put('a', large)
    expect((await fs.stat(join(folder, 'log'))).size).toBeLessThan(4_000_000)
    expect((await read('a')).text).toBe(large)
  })

  test('is for one process, and its owner', async () => {
    await expect(openTurtlFolderStore(folder)).rejects.toMatchObject({ code: 'store_busy' })
    await put('a', 'one', 1)
    expect((await fs.stat(folder)).mode & 0o777).toBe(0o700)
    const [attachment = ''] = await fs.readdir(join(folder, 'attachments'))
    for (const name of ['log', join('attachments', attachment)]) expect((await fs.stat(join(folder, name))).mode & 0o777).toBe(0o600)
  })

  test('keeps ids of any form apart from file names', async () => {
    await put('../../etc/x', 'one', 7)
    expect((await read('../../etc/x')).attachment).toBe(7)
    expect(await fs.readdir(join(folder, '..'))).toEqual(['store'])
  })
})
