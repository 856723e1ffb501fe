/** Batches where the library has none: one message after another, laid together as the interface wants it. */
import { type Bytes, concatBytes, HoldfastError } from '@holdfast/base'
import { countOf, messageOf } from '../batch'
import { checkLimit } from '../checks'
import type { Batch, CryptoErrorCode, Messages, OpenedBatch } from '../engine'

export function sealEach(messages: Messages, seal: (message: Uint8Array, index: number) => Uint8Array): Batch {
  const { bytes, offsets } = gather(messages, seal)
  return { bytes, offsets }
}

/** @param open the plaintext, or the code it is refused with. */
export function openEach(messages: Messages, open: (message: Uint8Array, index: number) => Uint8Array | CryptoErrorCode): OpenedBatch {
  return gather(messages, open)
}

function gather(messages: Messages, work: (message: Uint8Array, index: number) => Uint8Array | CryptoErrorCode): OpenedBatch {
  const count = countOf(messages)
  checkLimit(Array.from({ length: count }, (_, i) => messageOf(messages, i).length).reduce((sum, length) => sum + length, 0))
  const offsets = new Uint32Array(count + 1)
  const codes: (CryptoErrorCode | undefined)[] = []
  const parts: Uint8Array[] = []
  for (let i = 0, end = 0; i < count; i++) {
    const result = work(messageOf(messages, i), i)
    codes.push(typeof result === 'string' ? result : undefined)
    if (typeof result !== 'string') {
      parts.push(result)
      end += result.length
    }
    offsets[i + 1] = end
  }
  return { bytes: concatBytes(...parts) as Bytes, offsets, codes }
}

/** One for all, or one each. */
export const pick = <T>(list: T | readonly T[], index: number): T => (Array.isArray(list) ? list[index] : list) as T

/** `auth_failed` as a value; anything else goes on. */
export function refusedWith(error: unknown): CryptoErrorCode {
  if (error instanceof HoldfastError && error.code === 'auth_failed') return 'auth_failed'
  throw error
}
