/** Standard base64 of many texts, decoded where it lies in the area. */
import type { Core } from './core'

const UTF8 = new TextEncoder()
/** From this many letters a text on, writing each by itself costs less than joining them first. */
const LONG = 256

/** Bytes of the area for the texts, and behind them for where each ends, on an address of its own kind. */
export const textRoom = (length: number, count: number): number => length + 3 + 4 * count

/**
 * @param at of `textRoom` bytes.
 * @param length of all texts.
 * @returns where their bytes then lie from `at` on; nothing for a text that is no base64.
 */
export function decodeInArea(core: Core, texts: readonly string[], at: number, length: number): Uint32Array<ArrayBuffer> {
  const count = texts.length
  const endsAt = (at + length + 3) & ~3
  const ends = new Uint32Array(core.bytes.buffer, endsAt, count)
  for (let i = 0, end = 0; i < count; i++) ends[i] = end += (texts[i] as string).length
  if (length >= LONG * count || !writeJoined(core, texts, at, length)) writeEach(core, texts, at)
  core.guard(() => core.call.base64_decode_batch(at, length, endsAt, count))
  const offsets = new Uint32Array(count + 1)
  offsets.set(ends, 1)
  return offsets
}

/** @returns whether every letter was of one byte: then each text lies where it should. */
function writeJoined({ bytes }: Core, texts: readonly string[], at: number, length: number): boolean {
  return UTF8.encodeInto(texts.join(''), bytes.subarray(at, at + length)).read === length
}

function writeEach({ bytes }: Core, texts: readonly string[], at: number): void {
  for (const text of texts) {
    const end = at + text.length
    // What does not fit has letters of more than one byte: no base64, which a zero makes sure of.
    if (UTF8.encodeInto(text, bytes.subarray(at, end)).read < text.length) bytes[at] = 0
    at = end
  }
}
