/** What Holdfast needs of the world, always passed in: so every flow runs in a test with a fake clock and a network that drops answers. */
import type { Bytes } from './bytes'
import { HoldfastError } from './errors'

export interface Clock {
  /** Unix time in milliseconds. */
  now(): number
  /** Resolves after `ms` milliseconds, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** Returns `length` fresh cryptographically secure random bytes. */
export type Random = (length: number) => Bytes

/** The platform's `fetch`, or a stand-in with the same contract. */
export type Fetch = (input: string, init?: RequestInit) => Promise<Response>

/**
 * The platform's CSPRNG. There is no other source to fall back to.
 *
 * @throws {HoldfastError} `randomness_unavailable`.
 */
export const platformRandom: Random = (length) => {
  const crypto = globalThis.crypto
  if (typeof crypto?.getRandomValues !== 'function') {
    throw new HoldfastError(
      'randomness_unavailable',
      'no secure randomness: globalThis.crypto.getRandomValues is missing; pass `random` explicitly',
      {
        remedy: 'change-environment',
      },
    )
  }
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at += 65536) crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65536, length)))
  return bytes
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const stop = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop)
        resolve()
      }, ms)
      signal?.addEventListener('abort', stop, { once: true })
    }),
}
