/** Bytes for checks: plain, predictable, of every awkward length. */

/** `first`, `first` + 1, … modulo 256. */
export function countingBytes(length: number, first = 0): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => first + i)
}

/** The input pattern of the official BLAKE3 vectors: 0, 1, …, 250, 0, 1, … */
export function blake3Input(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => i % 251)
}

export function* everyTruncation(bytes: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
  for (let length = 0; length < bytes.length; length++) yield bytes.slice(0, length)
}

/** A copy for every bit from byte `from` on, with that bit flipped. */
export function* everyBitFlipped(bytes: Uint8Array, from = 0): Generator<Uint8Array<ArrayBuffer>> {
  for (let bit = from * 8; bit < bytes.length * 8; bit++) {
    const flipped = new Uint8Array(bytes)
    const at = bit >> 3
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit & 7))
    yield flipped
  }
}

/** A copy for every byte, with one bit of it flipped. */
export function* oneBitOfEveryByteFlipped(bytes: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at++) {
    const flipped = new Uint8Array(bytes)
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at & 7))
    yield flipped
  }
}

/** 0 to 80, and one below, at and above each boundary where a kernel changes its path. */
export const LENGTHS_AROUND_BLOCKS: readonly number[] = [
  ...Array.from({ length: 81 }, (_, length) => length),
  ...[96, 112, 128, 160, 192, 256, 320, 384, 448, 512, 576, 640, 768, 1024, 2048, 4096, 16384, 65536].flatMap((at) => [at - 1, at, at + 1]),
]
