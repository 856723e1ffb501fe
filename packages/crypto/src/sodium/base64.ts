/** Standard base64 of many texts to one array: an array for each costs more than decoding it. */
import { checkLimit } from '../checks'
import type { Batch } from '../engine'

const INVALID = 0x80
const VALUES = new Uint8Array(128).fill(INVALID)
for (const [i, letter] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries())
  VALUES[letter.charCodeAt(0)] = i

/** @returns one message each, in the order given; an empty one for what is no base64. */
export function decodeTexts(texts: readonly string[]): Batch {
  const lengths = texts.map((text) => Math.ceil((text.length * 3) / 4))
  const length = lengths.reduce((sum, one) => sum + one, 0)
  checkLimit(length)
  const bytes = new Uint8Array(length)
  const offsets = new Uint32Array(texts.length + 1)
  texts.forEach((text, i) => {
    const at = offsets[i] as number
    offsets[i + 1] = at + (decodeInto(bytes, at, text) ?? 0)
  })
  return { bytes, offsets }
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
