import { type Bytes, HoldfastError } from '@holdfast/base'
import type { TurtlStore } from '../store'
import { Tables } from './tables'

/** Where a commit breaks: before anything is kept, or after all is, when only the answer is lost. */
export type StoreFault = 'before' | 'after'

/**
 * A store that is gone with the process: for one-off tools, and for tests.
 *
 * @param faultOf asked for each transaction that writes, counted from 0; the fault is thrown as `store_failed`.
 */
export function createMemoryTurtlStore(faultOf: (commit: number) => StoreFault | undefined = () => undefined): TurtlStore {
  const tables = new Tables()
  const attachments = new Map<string, Bytes>()
  let commits = 0
  return {
    async transact(work) {
      const { result, operations } = tables.draft(work)
      if (operations.length === 0) return result
      const fault = faultOf(commits++)
      if (fault === 'before') throw storeFailed()
      tables.apply(operations)
      for (const operation of operations) {
        if (operation.op === 'put-attachment') attachments.set(operation.noteId, new Uint8Array(operation.bytes))
        if (operation.op === 'remove-attachment') attachments.delete(operation.noteId)
      }
      if (fault === 'after') throw storeFailed()
      return result
    },
    async loadAttachment(noteId) {
      const bytes = attachments.get(noteId)
      return bytes && new Uint8Array(bytes)
    },
    async close() {},
  }
}

export function storeFailed(cause?: unknown): HoldfastError<'store_failed'> {
  return new HoldfastError(
    'store_failed',
    'the store failed: a change could not be written; free some space or check the disk, then try again',
    {
      remedy: 'free-space',
      retry: { safe: true },
      cause,
    },
  )
}
