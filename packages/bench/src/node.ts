/** Contests in Node: this very process. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Competition, holdHere } from './competition'
import { contestsOf } from './contests'
import { openLab } from './lab'
import { nodeCrypto } from './libraries/node-crypto'
import { loadSodiumNative } from './libraries/sodium-native'
import type { Library } from './library'
import type { Reference } from './reference'

const COLD_START = fileURLToPath(new URL('./cold-start-child.js', import.meta.url))

/** @param remark hears who could not take part. */
export async function openNode(reference: Reference | undefined, remark: (text: string) => void): Promise<Competition> {
  const natives = [nodeCrypto, ...(await loadOptional(remark))]
  const contests = contestsOf(await openLab(natives, reference))
  return {
    runtime: `Node ${/^\d+\.\d+/.exec(process.versions.node)?.[0]}`,
    contests: contests.length,
    async hold(index, pace, wanted) {
      const contest = contests[index]
      return contest && holdHere(await contest(), { ...pace, now: cpuTime }, wanted)
    },
    async coldStart(who) {
      const { stdout } = await promisify(execFile)(process.execPath, [COLD_START, who])
      return JSON.parse(stdout)
    },
    async close() {},
  }
}

async function loadOptional(remark: (text: string) => void): Promise<Library[]> {
  try {
    return [await loadSodiumNative()]
  } catch (cause) {
    remark(`sodium-native is left out: ${String(cause).split('\n')[0]}`)
    return []
  }
}

/** Milliseconds of CPU this process has had: what other processes take does not count, threads of our own do. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
