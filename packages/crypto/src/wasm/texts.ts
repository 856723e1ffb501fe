/** Standard base64 of many texts, decoded where it lies in linear memory. */
import type { Core } from './core'

const UTF8 = new TextEncoder()
/** From this many letters a text on, writing each by itself costs less than joining them first. */
const LONG = 256

export const lengthOfTexts = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + text.length, 0)

/**
 * @param at where there is room for all texts.
 * @param ends of core memory: where the bytes of each then end behind `at`; none for a text that is no base64.
 */
export function decodeInPlace(core: Core, texts: readonly string[], at: number, ends: Uint32Array): void {
  let length = 0
  for (let i = 0; i < texts.length; i++) ends[i] = length += (texts[i] as string).length
  if (length >= LONG * texts.length || !writeJoined(core, texts, at, length)) writeEach(core, texts, at)
  core.guard(() => core.call.base64_decode_batch(at, length, ends.byteOffset, texts.length))
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
