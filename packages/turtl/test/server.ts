/** What tests say to a Turtl server in this process, and what they hear. */
import type { Fetch } from '@holdfast/base'
import type { WireAccount, WireObject } from '@holdfast/keys'
import type { TurtlServer } from '@holdfast/testkit/turtl-server'
import {
  BATCH_LIMIT,
  type Change,
  type IdSource,
  type IncomingRecord,
  makeSyncRecords,
  type TurtlClient,
  type WireFields,
} from '../src/index'

export const fetchFrom =
  (server: Pick<TurtlServer, 'fetch'>): Fetch =>
  (url, init) =>
    server.fetch(new Request(url, init))

export async function sendAll(client: TurtlClient, ids: IdSource, userId: string, changes: readonly Change[]): Promise<void> {
  const records = await makeSyncRecords(ids, userId, changes)
  for (let at = 0; at < records.length; at += BATCH_LIMIT) {
    const { failures } = await client.sendChanges(records.slice(at, at + BATCH_LIMIT))
    if (failures.length > 0) throw new Error(`the server refused: ${JSON.stringify(failures)}`)
  }
}

/** @param records of a full sync. */
export function wireAccountOf(records: readonly IncomingRecord[]): WireAccount {
  const list = (kind: string) => records.filter(({ type }) => type === kind).map(({ data }) => data as WireFields & WireObject)
  const [user] = list('user')
  if (!user) throw new Error('a full sync without user')
  return { user, keychain: list('keychain'), spaces: list('space'), boards: list('board'), notes: list('note') }
}
