/** The store in a folder: whole transactions or none, whatever call of the file system fails, and whenever the device dies. */
import * as fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { disk, resetDisk } from '../../sync/test/faulty-disk'
import type { TurtlStore } from '../src/index'
import { openTurtlFolderStore } from '../src/node/index'

vi.mock('node:fs/promises', async (load) => (await import('../../sync/test/faulty-disk')).faultyDisk(await load()))

let folder: string
let store: TurtlStore
beforeEach(async () => {
  resetDisk()
  folder = join(await fs.mkdtemp(join(tmpdir(), 'holdfast-turtl-')), 'store')
  store = await openTurtlFolderStore(folder)
})
afterEach(async () => {
  resetDisk()
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
  resetDisk()
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
      resetDisk({ failAt, dies })
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
    resetDisk({ failAt: 1 })
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
