import { HoldfastError } from '@holdfast/base'
import type { TurtlStore } from '../store'

/**
 * Changes of this device that wait to be sent know nothing of another space, nor of new keys.
 *
 * @throws {HoldfastError} `pending_changes`.
 */
export async function refusePendingChanges(store: TurtlStore, spaceId: string): Promise<void> {
  const queue = await store.transact((tx) => tx.list('queue'))
  const pending = queue.filter(({ data }) => data.space_id === spaceId || data.id === spaceId)
  if (pending.length === 0) return
  throw new HoldfastError('pending_changes', `not moved: ${pending.length} changes to space ${spaceId} wait to be sent; sync first`, {
    retry: { safe: true },
    remedy: 'retry',
  })
}
