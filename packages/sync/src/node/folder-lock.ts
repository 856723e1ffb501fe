/** Keeps other processes out of a folder. */
import { link, readFile, rename, rm } from 'node:fs/promises'
import { storeBusy } from '../memory-store'
import { type Code, fileError, isMissing, writeDurably } from './durable-file'

/** A lock file naming its holder; one whose holder is gone, however it died, is taken over. */
export async function lockFolder(path: string): Promise<() => Promise<void>> {
  const mine = `${path}.${process.pid}`
  await writeDurably(`${mine}.tmp`, mine, Buffer.from(JSON.stringify({ pid: process.pid, started: await startOf(process.pid) })), 0o600)
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        await link(mine, path) // appears whole, or not at all
        return () => rm(path, { force: true })
      } catch (error) {
        if ((error as Code).code !== 'EEXIST') throw fileError('write', 'lock', error)
      }
      const holder = await readFile(path, 'utf8').catch(() => '')
      if (await isRunning(holder)) throw storeBusy()
      await takeAway(path, holder)
    }
    throw storeBusy()
  } finally {
    await rm(mine, { force: true })
  }
}

/** Removes the lock of a dead holder, unless another process was quicker and holds it by now. */
async function takeAway(path: string, holder: string): Promise<void> {
  const aside = `${path}.${process.pid}.stale`
  try {
    await rename(path, aside)
    if ((await readFile(aside, 'utf8')) !== holder) await link(aside, path)
  } catch (error) {
    if (!isMissing(error) && (error as Code).code !== 'EEXIST') throw error
  }
  await rm(aside, { force: true })
}

async function isRunning(holder: string): Promise<boolean> {
  try {
    const { pid, started } = JSON.parse(holder) as { pid: number; started: string }
    process.kill(pid, 0)
    return started === (await startOf(pid))
  } catch (error) {
    return (error as Code).code === 'EPERM' // somebody else's process; otherwise not a lock of ours, or its process is gone
  }
}

/** Tells a process from a later one of the same number, where the system says when it started. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')')).split(' ')[20] ?? ''
}
