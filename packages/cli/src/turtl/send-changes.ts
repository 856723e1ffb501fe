/** Changes to a Turtl server, in their order (turtl §6.3): so many at once as it takes, and what it passes over again. */
import { HoldfastError } from '@holdfast/base'
import { BATCH_LIMIT, type Change, type IdSource, makeSyncRecords, type SyncRecord } from '@holdfast/turtl'
import type { Io } from '../io'
import { type Server, unlessInterrupted } from './server'

/** Of JSON; the server takes 24 MB in one request (turtl §6.8). */
const BATCH_CHARACTERS = 8_000_000

export interface RefusedChange {
  readonly change: Change
  readonly reason: string
}

/**
 * No request is repeated by itself: a space that is added twice has a second membership (turtl §6.3). Whoever calls again
 * fetches first what has arrived.
 *
 * @returns what the server refused; the rest has arrived.
 * @throws `turtl_unreachable`, `interrupted`, and the other codes of the client.
 */
export async function sendChanges(
  io: Io,
  { client }: Server,
  { ids, userId }: { readonly ids: IdSource; readonly userId: string },
  changes: readonly Change[],
  onProgress: (done: number, total: number) => void,
): Promise<readonly RefusedChange[]> {
  let waiting = await makeSyncRecords(ids, userId, changes)
  const changeOf = new Map<string, Change>(waiting.map((record) => [record.id, record]))
  const refused: RefusedChange[] = []
  while (waiting.length > 0) {
    const batch = firstOf(waiting)
    const { success, failures } = await unlessInterrupted(io, () => client.sendChanges(batch))
    const settled = new Set([...success, ...failures].map(({ id }) => id))
    for (const { id, reason, code } of failures) {
      const change = changeOf.get(id)
      if (change) refused.push({ change, reason: `${reason || 'refused'}${code === undefined ? '' : ` (${code})`}` })
    }
    const left = waiting.filter(({ id }) => !settled.has(id))
    if (left.length === waiting.length) throw stuck(left.length)
    waiting = left
    onProgress(changes.length - left.length, changes.length)
  }
  return refused
}

function firstOf(records: readonly SyncRecord[]): readonly SyncRecord[] {
  let characters = 0
  const end = records.slice(0, BATCH_LIMIT).findIndex((record) => {
    characters += JSON.stringify(record.data).length
    return characters > BATCH_CHARACTERS
  })
  return records.slice(0, end === -1 ? BATCH_LIMIT : Math.max(end, 1))
}

const stuck = (left: number) =>
  new HoldfastError(
    'turtl_unexpected_answer',
    `the server takes no more: ${left} changes are waiting, and it named none of them; check that the address is that of a Turtl server`,
    { remedy: 'contact-support' },
  )
