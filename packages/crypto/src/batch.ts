/** Many messages in one array, and as lists of views. */
import type { Bytes } from '@holdfast/base'
import type { Batch, CryptoErrorCode, Messages, OpenedBatch } from './engine'

export const countOf = (messages: Messages): number => ('offsets' in messages ? messages.offsets.length - 1 : messages.length)

/** Message `index`, as a view. */
export function messageOf(messages: Messages, index: number): Uint8Array {
  if (!('offsets' in messages)) return messages[index] as Uint8Array
  return messages.bytes.subarray(messages.offsets[index], messages.offsets[index + 1])
}

/** Views of the one array. */
export function listOf(batch: Batch): Bytes[] {
  return Array.from({ length: countOf(batch) }, (_, index) => messageOf(batch, index) as Bytes)
}

/** Views of the one array, with codes in place of what was refused. */
export function openedListOf(batch: OpenedBatch): (Bytes | CryptoErrorCode)[] {
  return listOf(batch).map((bytes, index) => batch.codes[index] ?? bytes)
}
