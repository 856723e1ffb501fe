/** The store on disk: atomic and durable writes, faults at every call of the file system, links, permissions, locks (world-backup-client §6.6). */
import * as fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeUtf8, encodeUtf8 } from '@holdfast/base'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Store } from '../src/index'
import { openFolderStore } from '../src/node/index'
import { disk, resetDisk } from './faulty-disk'

vi.mock('node:fs/promises', async (load) => (await import('./faulty-disk')).faultyDisk(await load()))

let base: string
let folder: string
let stateDir: string
let store: Store

beforeEach(async () => {
  base = await fs.mkdtemp(join(tmpdir(), 'holdfast-store-'))
  folder = join(base, 'folder')
  stateDir = join(base, 'state')
  store = await openFolderStore({ folder, stateDir })
  resetDisk()
})
afterEach(() => fs.rm(base, { recursive: true, force: true }))

const code = (code: string) => expect.objectContaining({ code })
const text = async (path: string) => decodeUtf8((await store.files.read(path)) ?? encodeUtf8('(none)'))
const write = (path: string, content: string) => store.files.write(path, encodeUtf8(content))

describe('a file', () => {
  test('is written whole and synced before it has its name, and its folder is synced after', async () => {
    await write('a.txt', '1')
    expect(disk.calls).toEqual(['create', 'write', 'sync file', 'rename', 'sync folder'])
  })

  test('in a new folder has every new folder on disk first', async () => {
    await write('x/y/a.txt', '1')
    expect(disk.calls).toEqual(['sync folder', 'sync folder', 'create', 'write', 'sync file', 'rename', 'sync folder'])
    expect(await store.files.list()).toEqual(['x/y/a.txt'])
  })

  test.each(['ENOSPC', 'EDQUOT', 'EIO'])('is old or new when any call fails with %s, and nothing else is left behind', async (errno) => {
    await write('a.txt', 'old')
    for (let failAt = 1; ; failAt++) {
      resetDisk({ failAt, errno })
      const failure = await write('a.txt', 'new').catch((error) => error)
      disk.failAt = 0
      if (failure === undefined) break
      expect(failure).toEqual(code(errno === 'EIO' ? 'file_unwritable' : 'disk_full'))
      expect(['old', 'new']).toContain(await text('a.txt'))
      expect(await fs.readdir(folder)).toEqual(['a.txt'])
      await write('a.txt', 'old')
    }
    expect(await text('a.txt')).toBe('new')
  })

  test('that is removed is gone on disk too, with the folders it leaves empty', async () => {
    await write('x/y/a.txt', '1')
    await write('x/b.txt', '2')
    resetDisk()
    await store.files.remove('x/y/a.txt')
    expect(disk.calls).toEqual(['unlink', 'sync folder'])
    expect(await fs.readdir(join(folder, 'x'))).toEqual(['b.txt'])
    await store.files.remove('x/y/a.txt') // gone already
  })

  test('keeps its permissions when it is replaced', async () => {
    await write('run.sh', '1')
    await fs.chmod(join(folder, 'run.sh'), 0o750)
    await write('run.sh', '2')
    expect((await fs.stat(join(folder, 'run.sh'))).mode & 0o777).toBe(0o750)
  })

  test('never leaves its folder', async () => {
    for (const path of ['../a', 'x/../../a', 'a\0', '.bedrock-staged/a', ''])
      await expect(write(path, '1')).rejects.toEqual(code('invalid_path'))
  })

  test('that stands where a folder is needed, or the other way round, is a typed error', async () => {
    await write('a', '1')
    await expect(write('a/b', '2')).rejects.toEqual(code('file_unwritable'))
    await write('d/e', '3')
    await expect(write('d', '4')).rejects.toEqual(code('file_unwritable'))
    expect(await store.files.list()).toEqual(['a', 'd/e'])
  })
})

describe('links and special files', () => {
  test('are refused when listed, by name', async () => {
    await fs.symlink('/etc/hostname', join(folder, 'link'))
    await expect(store.files.list()).rejects.toMatchObject({ code: 'unsupported_file', message: expect.stringContaining('link') })
  })

  test('are never written or removed through', async () => {
    const outside = join(base, 'outside')
    await fs.mkdir(outside)
    await fs.writeFile(join(outside, 'a.txt'), 'theirs')
    await fs.symlink(outside, join(folder, 'dir'))
    await expect(write('dir/a.txt', 'ours')).rejects.toEqual(code('unsupported_file'))
    await expect(store.files.remove('dir/a.txt')).rejects.toEqual(code('unsupported_file'))
    expect(await fs.readFile(join(outside, 'a.txt'), 'utf8')).toBe('theirs')
  })

  test.skipIf(process.getuid?.() === 0)(
    'an unreadable file and a read-only folder are typed errors (skipped as root, whom no permission stops)',
    async () => {
      await write('a.txt', '1')
      await fs.chmod(join(folder, 'a.txt'), 0)
      await expect(store.files.read('a.txt')).rejects.toEqual(code('file_unreadable'))
      await fs.chmod(folder, 0o500)
      await expect(write('b.txt', '1')).rejects.toEqual(code('file_unwritable'))
      await fs.chmod(folder, 0o700)
    },
  )

  test('a folder in place of a file cannot be read, and says so', async () => {
    await fs.mkdir(join(folder, 'a.txt'))
    await expect(store.files.read('a.txt')).rejects.toEqual(code('file_unreadable'))
  })
})

describe('the state', () => {
  test('is for its owner only, and must not lie in the folder that is backed up', async () => {
    await store.state.save('record', 'secret')
    expect((await fs.stat(stateDir)).mode & 0o777).toBe(0o700)
    expect((await fs.stat(join(stateDir, 'record.json'))).mode & 0o777).toBe(0o600)
    await expect(openFolderStore({ folder, stateDir: join(folder, 'state') })).rejects.toEqual(code('state_inside_folder'))
  })

  test('is old or new when any call fails', async () => {
    await store.state.save('record', 'old')
    for (let failAt = 1; ; failAt++) {
      resetDisk({ failAt })
      const failure = await store.state.save('record', 'new').catch((error) => error)
      disk.failAt = 0
      if (failure === undefined) break
      expect(failure).toEqual(code('disk_full'))
      expect(['old', 'new']).toContain(await store.state.load('record'))
      await store.state.save('record', 'old')
    }
    expect(await store.state.load('record')).toBe('new')
  })
})

describe('the lock', () => {
  test('of a live process is respected, and free once released', async () => {
    const release = await store.lock()
    await expect((await openFolderStore({ folder, stateDir })).lock()).rejects.toEqual(code('store_busy'))
    await release()
    await (await store.lock())()
  })

  test.each([
    ['a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, started: '1' })],
    ['an earlier process of the same number', JSON.stringify({ pid: process.pid, started: 'before' })],
    ['nobody we know', 'garbage'],
    ['a write that was cut short', ''],
  ])('of %s is taken over, with what it left in the folder', async (_, holder) => {
    await fs.writeFile(join(stateDir, 'lock'), holder)
    await fs.mkdir(join(folder, '.holdfast-staged'))
    await fs.writeFile(join(folder, '.holdfast-staged', '1-0'), 'half')
    const release = await store.lock()
    expect(await fs.readdir(folder)).toEqual([])
    await expect(store.lock()).rejects.toEqual(code('store_busy'))
    await release()
    expect(await fs.readdir(stateDir)).toEqual([])
  })

  test('of many at once goes to exactly one', async () => {
    await fs.writeFile(join(stateDir, 'lock'), JSON.stringify({ pid: 2 ** 22 + 1, started: '1' }))
    const attempts = await Promise.allSettled(Array.from({ length: 4 }, () => store.lock()))
    expect(attempts.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1)
    for (const attempt of attempts) if (attempt.status === 'fulfilled') await attempt.value()
    await (await store.lock())()
  })
})
