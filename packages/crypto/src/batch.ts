/** Many messages in one array, and as lists of views; what goes with each of them. */
import type { Bytes } from '@holdfast/base'
import type { Batch, CryptoErrorCode, Key, Keys, Messages, Nonces, OpenedBatch } from './engine'

export const countOf = (messages: Messages): number => ('offsets' in messages ? messages.offsets.length - 1 : messages.length)

/** Message `index`, as a view. */
export function messageOf(messages: Messages, index: number): Uint8Array {
  if (!('offsets' in messages)) return messages[index] as Uint8Array
  return messages.bytes.subarray(messages.offsets[index], messages.offsets[index + 1])
}

export function lengthOfAll(messages: Messages): number {
  if ('offsets' in messages) return (messages.offsets[messages.offsets.length - 1] as number) - (messages.offsets[0] as number)
  return messages.reduce((sum, { length }) => sum + length, 0)
}

/** Whether these are the keys of all messages, one after another in one array. */
export const areFlatKeys = (keys: unknown, count: number): keys is Uint8Array => keys instanceof Uint8Array && keys.length === 32 * count

/** The key of message `index`. */
export function keyOf(keys: Keys, index: number): Key {
  if (Array.isArray(keys)) return keys[index] as Key
  if (keys instanceof Uint8Array && keys.length > 32) return keys.subarray(32 * index, 32 * (index + 1))
  return keys as Key
}

/** The nonce of message `index`. */
export function nonceOf(nonces: Nonces, index: number, length: number): Uint8Array {
  return nonces instanceof Uint8Array ? nonces.subarray(length * index, length * (index + 1)) : (nonces[index] as Uint8Array)
}

/** Views of the one array. */
export function listOf({ bytes, offsets }: Batch): Bytes[] {
  const list: Bytes[] = []
  for (let i = 0, start = 0; i + 1 < offsets.length; i++) {
    const end = offsets[i + 1] as number
    list.push(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start))
    start = end
  }
  return list
}

/** Views of the one array, with codes in place of what was refused. */
export function openedListOf(batch: OpenedBatch): (Bytes | CryptoErrorCode)[] {
  return listOf(batch).map((bytes, index) => batch.codes[index] ?? bytes)
}
