/**
 * Gzip as the World reference writes and reads it (world-backup-client §3.2, §3.5, §17).
 *
 * Only the first member is read. Its trailer is not judged here: `end` says how the stream ended, and the tar reader
 * asks only when it runs out of bytes before the end of the archive.
 */

import { gzipSync, Inflate } from 'fflate'
import { refuse } from '../refusal'
import { crc32 } from './crc32'

/** What came out, and whether the stream ended cleanly (trailer and all), broke, or went on beyond the cap. */
export interface Inflated {
  readonly bytes: Uint8Array
  readonly end: 'clean' | 'broken' | 'capped'
}

/** Thrown out of the inflater, which has no other way to be stopped. */
const CAPPED = new Error('the cap is reached')

/** Deflate level 6, no name, no time, operating system 255. */
export function gzip(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = gzipSync(bytes, { level: 6, mtime: 0 })
  out[8] = 0
  out[9] = 255
  return out
}

/** Stops at `maxBytes`: whether more was needed is the tar reader's to say. @throws `container_damaged`: no gzip header. */
export function gunzip(input: Uint8Array, maxBytes: number): Inflated {
  const start = headerLength(input)
  const chunks: Uint8Array[] = []
  let length = 0
  let capped = false
  // fflate hands out whole chunks only: a stream that breaks inside one is walked again byte by byte, so that what
  // precedes the damage is seen as the reference's streaming reader sees it.
  const pass = (stopAt: number) => {
    chunks.length = 0
    length = 0
    const inflate = new Inflate((chunk) => {
      const room = maxBytes - length
      length += Math.min(chunk.length, room)
      if (chunk.length > 0) chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
      if (chunk.length > room) throw CAPPED
    })
    let at = start
    let step = stopAt < 0 ? 65536 : 4096
    try {
      while (at < input.length) {
        if (stopAt >= 0 && at >= stopAt) step = 1
        const next = Math.min(at + step, stopAt >= 0 && at < stopAt ? stopAt : input.length)
        inflate.push(input.subarray(at, next), next === input.length)
        at = next
      }
      return -1
    } catch (error) {
      if (error === CAPPED) capped = true
      return at
    }
  }
  const brokeAt = pass(-1)
  if (brokeAt >= 0 && !capped) pass(brokeAt)
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  if (capped) return { bytes, end: 'capped' }
  return { bytes, end: brokeAt >= 0 || !hasGoodTrailer(input, bytes) ? 'broken' : 'clean' }
}

/** RFC 1952 §2.3: magic, flags, optional extra field, name, comment and header CRC. */
function headerLength(input: Uint8Array): number {
  const damaged = () => refuse('container_damaged', 'the container')
  if (input.length < 10 || input[0] !== 0x1f || input[1] !== 0x8b || input[2] !== 8) throw damaged()
  const flags = input[3] ?? 0
  if (flags & 0xe0) throw damaged()
  let at = 10
  if (flags & 4) at += 2 + (input[at] ?? 0) + 256 * (input[at + 1] ?? 0)
  for (const flag of [8, 16]) {
    if (!(flags & flag)) continue
    const end = input.indexOf(0, at)
    if (end < 0) throw damaged()
    at = end + 1
  }
  if (flags & 2) {
    if (((input[at] ?? -1) | ((input[at + 1] ?? 0) << 8)) !== (crc32(input.subarray(0, at)) & 0xffff)) throw damaged()
    at += 2
  }
  if (at > input.length) throw damaged()
  return at
}

/**
 * fflate does not say where the deflate stream ended, so the trailer is searched: an intact container has it at the
 * end or before trailing bytes, which the reference ignores.
 */
function hasGoodTrailer(input: Uint8Array, bytes: Uint8Array): boolean {
  const crc = crc32(bytes)
  const trailer = new Uint8Array(8)
  new DataView(trailer.buffer).setUint32(0, crc, true)
  new DataView(trailer.buffer).setUint32(4, bytes.length >>> 0, true)
  for (let at = input.length - 8; at >= 10; at--) {
    if (trailer.every((byte, i) => input[at + i] === byte)) return true
  }
  return false
}
