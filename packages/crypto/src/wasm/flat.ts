/** Lists cross the WASM border flat: each item as its length (u32, little-endian) and its bytes. */
import type { Bytes } from '@holdfast/base'

/** The top bit of a length marks a refusal; the number stands below it. */
const REFUSED = 0x80000000

export function encodeFlat(items: readonly Uint8Array[]): Bytes {
  const list = new Uint8Array(items.reduce((sum, item) => sum + 4 + item.length, 0))
  const view = new DataView(list.buffer)
  let at = 0
  for (const item of items) {
    view.setUint32(at, item.length, true)
    list.set(item, at + 4)
    at += 4 + item.length
  }
  return list
}

/** @returns each item's bytes, or the number it was refused with. */
export function decodeFlat(list: Uint8Array): (Bytes | number)[] {
  const view = new DataView(list.buffer, list.byteOffset, list.byteLength)
  const items: (Bytes | number)[] = []
  for (let at = 0; at < list.length; ) {
    const length = view.getUint32(at, true)
    at += 4
    if (length >= REFUSED) items.push(length - REFUSED)
    else {
      items.push(list.slice(at, at + length) as Bytes)
      at += length
    }
  }
  return items
}
