import { concatBytes, type Random } from '@holdfast/base'

/** Random values for tests, all drawn from one seeded source: the same seed gives the same values in every runtime. */
export interface Draw {
  /** An integer from `least` to `most`, both possible. */
  integer(least: number, most: number): number
  bytes(length: number): Uint8Array<ArrayBuffer>
  pick<Item>(items: readonly Item[]): Item
  /** A length up to `most`, often one at or beside a block boundary of the ciphers and hashes. */
  length(most: number): number
  chance(percent: number): boolean
  /** Damaged as a network, a disk or an attacker would: bits flipped, bytes cut, added, repeated, zeroed. */
  damage(bytes: Uint8Array): Uint8Array<ArrayBuffer>
}

const BLOCKS = [16, 32, 64, 128, 256, 512, 1024, 4096]

export function createDraw(random: Random): Draw {
  const integer = (least: number, most: number) => {
    const [a = 0, b = 0, c = 0, d = 0] = random(4)
    return least + ((a * 0x1000000 + b * 0x10000 + c * 0x100 + d) % (most - least + 1))
  }
  const pick = <Item>(items: readonly Item[]): Item => {
    if (items.length === 0) throw new RangeError('nothing to pick from')
    return items[integer(0, items.length - 1)] as Item // in range by construction
  }
  const length = (most: number) => {
    if (integer(0, 2) === 0) return integer(0, most)
    const near = pick(BLOCKS) * integer(1, 4) + integer(-1, 1)
    return Math.min(most, near)
  }
  const damage = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
    const at = integer(0, Math.max(0, bytes.length - 1))
    const copy = new Uint8Array(bytes)
    switch (integer(0, 5)) {
      case 0:
        return copy.slice(0, at)
      case 1:
        return concatBytes(copy, random(integer(1, 20)))
      case 2:
        return concatBytes(copy.subarray(0, at), random(integer(1, 4)), copy.subarray(at))
      case 3:
        return concatBytes(copy.subarray(0, at), copy.subarray(at + integer(1, 4)))
      case 4:
        copy.fill(pick([0, 0xff]), at, at + integer(1, 8))
        return copy
      default:
        if (copy.length > 0) copy[at] = (copy[at] ?? 0) ^ (1 << integer(0, 7))
        return copy
    }
  }
  return { integer, bytes: (count) => random(count), pick, length, chance: (percent) => integer(1, 100) <= percent, damage }
}
