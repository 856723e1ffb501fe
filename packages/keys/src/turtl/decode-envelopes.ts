/** Base64 of many envelopes at once (turtl §1.4): one array for all, since an array for each costs more than decoding it. */
import type { Bytes } from '@holdfast/base'

const INVALID = 0x80
const VALUES = new Uint8Array(128).fill(INVALID)
for (const [i, letter] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries())
  VALUES[letter.charCodeAt(0)] = i

/**
 * Takes what `decodeBase64` takes with optional padding, and nothing else.
 *
 * @returns in the order given, views of one array; `undefined` for what is no text, empty, or no standard base64.
 */
export function decodeEnvelopes(texts: readonly unknown[]): (Bytes | undefined)[] {
  let length = 0
  for (const text of texts) if (typeof text === 'string') length += Math.ceil((text.length * 3) / 4)
  const all = new Uint8Array(length)
  let at = 0
  return texts.map((text) => {
    const decoded = typeof text === 'string' && text !== '' ? decodeInto(all, at, text) : undefined
    if (decoded === undefined) return undefined
    const start = at
    at += decoded
    return all.subarray(start, at)
  })
}

/** @returns the number of bytes, or `undefined` for what is no standard base64. */
function decodeInto(out: Uint8Array, start: number, text: string): number | undefined {
  let end = text.length
  while (end > text.length - 2 && text.charCodeAt(end - 1) === 61) end--
  if (end % 4 === 1 || (end < text.length && text.length % 4 !== 0)) return undefined
  let at = start
  let seen = 0
  let values = 0
  const whole = end - (end % 4)
  for (let i = 0; i < whole; i += 4) {
    const a = text.charCodeAt(i)
    const b = text.charCodeAt(i + 1)
    const c = text.charCodeAt(i + 2)
    const d = text.charCodeAt(i + 3)
    const w = sextetOf(a)
    const x = sextetOf(b)
    const y = sextetOf(c)
    const z = sextetOf(d)
    seen |= a | b | c | d
    values |= w | x | y | z
    out[at] = (w << 2) | (x >> 4)
    out[at + 1] = (x << 4) | (y >> 2)
    out[at + 2] = (y << 6) | z
    at += 3
  }
  if (end > whole) {
    const [a, b] = [text.charCodeAt(whole), text.charCodeAt(whole + 1)]
    const c = end - whole === 3 ? text.charCodeAt(whole + 2) : 65 // A stands for no bits
    const [w, x, y] = [sextetOf(a), sextetOf(b), sextetOf(c)]
    seen |= a | b | c
    values |= w | x | y
    const trailing = end - whole === 3 ? y & 3 : x & 15
    if (trailing !== 0) return undefined
    out[at++] = (w << 2) | (x >> 4)
    if (end - whole === 3) out[at++] = (x << 4) | (y >> 2)
  }
  return seen > 127 || (values & INVALID) !== 0 ? undefined : at - start
}

/** In range by the mask; what the mask hides is seen in `seen`. */
const sextetOf = (code: number) => VALUES[code & 127] as number
