/**
 * Numbers as the reference's JSON library reads and prints them (world-backup-client §9.5, §17). What is hashed is the
 * printed form, so it has to be exact: integers of 64 bits stay integers, and anything else becomes a double by a fast
 * path that rounds twice, where `Number()` rounds once.
 */
const U64_MAX = (1n << 64n) - 1n
const I64_MIN = -(1n << 63n)
const PARTS = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** @returns the double of a JSON number, or `undefined` where the reference finds it out of range. */
export function readDouble(text: string): number | undefined {
  const [, sign = '', whole = '', fraction = '', power = '0'] = PARTS.exec(text) ?? []
  const { digits, dropped } = takeDigits(0n, whole)
  const { digits: significand, taken } = takeDigits(digits, fraction)
  const value = scale(Number(significand), dropped - taken + Number(power))
  return Number.isFinite(value) ? (sign ? -value : value) : undefined
}

/** Appends as many digits as 64 bits hold; the rest only counts. */
function takeDigits(start: bigint, text: string): { digits: bigint; taken: number; dropped: number } {
  let digits = start
  for (let taken = 0; taken < text.length; taken++) {
    const next = digits * 10n + BigInt(text.charAt(taken))
    if (next > U64_MAX) return { digits, taken, dropped: text.length - taken }
    digits = next
  }
  return { digits, taken: text.length, dropped: 0 }
}

function scale(significand: number, exponent: number): number {
  let value = significand
  let left = exponent
  while (left < -308 && value !== 0) {
    value /= 1e308
    left += 308
  }
  if (value === 0) return 0
  return left < 0 ? value / Number(`1e${-left}`) : value * Number(`1e${left}`)
}

/** @returns the printed form, or `undefined` where the reference finds the number out of range. */
export function printNumber(text: string): string | undefined {
  if (/^-?\d{1,20}$/.test(text) && text !== '-0') {
    const integer = BigInt(text)
    if (integer >= I64_MIN && integer <= U64_MAX) return String(integer)
  }
  const value = readDouble(text)
  return value === undefined ? undefined : printDouble(value)
}

/** Shortest digits that read back; never without a point or an exponent. */
function printDouble(value: number): string {
  const [, sign = '', lead = '', rest = '', exponent = ''] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(value.toExponential()) ?? []
  const minus = Object.is(value, -0) ? '-' : sign
  const digits = lead + rest
  const point = Number(exponent) + 1
  if (point >= digits.length && point <= 16) return `${minus}${digits.padEnd(point, '0')}.0`
  if (point > 0 && point <= 16) return `${minus}${digits.slice(0, point)}.${digits.slice(point)}`
  if (point > -5 && point <= 0) return `${minus}0.${'0'.repeat(-point)}${digits}`
  return `${minus}${lead}${rest && `.${rest}`}e${exponent}`
}
