/** What the engine must reach: how many times faster than the base of its contest, and where it has not got there yet. */
import { HOLDFAST } from './library'
import type { Contract } from './measure'

export interface Goal {
  readonly name: string
  /** The contest's operation. */
  readonly operation: string
  readonly contract: Contract
  readonly variant?: string
  /** Against whom; the base of the contest when left out. */
  readonly against?: string
  readonly floor: number
  readonly aim?: number
  /** Where the floor was not reached: what is held instead, and why. */
  readonly short?: Shortfall
}

export interface Shortfall {
  /** The gate's floor until the goal is reached. */
  readonly held: number
  readonly why: string
}

const SMALL_BATCH = 'profiled: the kernel takes four fifths of the time; the rest is checking, copying in, and the array of the results'

const ACCOUNT = 'reached on a quiet machine; on a busy one the garbage of 10,000 objects is collected on our time'

const AEAD = 'ChaCha20-Poly1305'

export const GOALS: readonly Goal[] = [
  ...['16 KiB', '1 MiB'].flatMap((size) =>
    ['seal', 'open'].flatMap((verb): Goal[] => [
      { name: `${verb} ${size}`, operation: `${AEAD} ${verb} ${size}`, contract: 'api', floor: 2.0, aim: 2.3 },
      { name: `${verb} ${size}`, operation: `${AEAD} ${verb} ${size}`, contract: 'into', floor: 2.6, aim: 3.0 },
    ]),
  ),
  { name: 'seal 1 MiB', operation: `${AEAD} seal 1 MiB`, contract: 'in place', floor: 2.8 },
  { name: 'XSalsa20-Poly1305 seal 1 MiB', operation: 'XSalsa20-Poly1305 in box_seal 1 MiB', contract: 'api', floor: 2.2 },
  { name: 'XSalsa20-Poly1305 open 1 MiB', operation: 'XSalsa20-Poly1305 in box_open 1 MiB', contract: 'api', floor: 2.2 },
  { name: 'seal 1 KiB', operation: `${AEAD} seal 1 KiB`, contract: 'api', floor: 1.65 },
  { name: 'seal 1 KiB', operation: `${AEAD} seal 1 KiB`, contract: 'into', floor: 2.3 },
  { name: 'seal 64 B', operation: `${AEAD} seal 64 B`, contract: 'api', floor: 1.3 },
  { name: 'seal 64 B', operation: `${AEAD} seal 64 B`, contract: 'into', floor: 2.5 },
  { name: 'seal 256 × 64 B', operation: 'seal 256 × 64 B', contract: 'flat', floor: 6, short: { held: 4.5, why: SMALL_BATCH } },
  {
    name: 'seal 256 × 64 B',
    operation: 'seal 256 × 64 B',
    contract: 'arrays',
    floor: 4.5,
    short: { held: 3.4, why: SMALL_BATCH },
  },
  { name: 'open 256 × 64 B', operation: 'open 256 × 64 B', contract: 'flat', floor: 4, short: { held: 2.6, why: SMALL_BATCH } },
  { name: 'seal 256 × 1 KiB', operation: 'seal 256 × 1 KiB', contract: 'flat', floor: 2.6 },
  { name: 'open 256 × 1 KiB', operation: 'open 256 × 1 KiB', contract: 'flat', floor: 2.6 },
  { name: 'X25519 × 64, any point', operation: 'X25519 × 64, any point', contract: 'arrays', floor: 1.8 },
  { name: 'X25519 × 64, base point', operation: 'X25519 × 64, base point', contract: 'arrays', floor: 3 },
  { name: 'X25519, any point', operation: 'X25519, any point', contract: 'api', floor: 1.0 },
  { name: 'X25519, base point', operation: 'X25519, base point', contract: 'api', floor: 1.0 },
  { name: 'box_seal × 64, distinct recipients', operation: 'box_seal × 64, distinct recipients', contract: 'flat', floor: 2.9 },
  { name: 'box_seal × 64, one recipient', operation: 'box_seal × 64, one recipient', contract: 'flat', variant: 'table kept', floor: 6.8 },
  { name: 'box_open × 64, one key', operation: 'box_open × 64, one key', contract: 'flat', floor: 1.85 },
  { name: 'box_seal', operation: 'box_seal', contract: 'api', floor: 1.5 },
  { name: 'box_seal', operation: 'box_seal', contract: 'api', variant: 'table kept', floor: 2.9 },
  { name: 'Argon2id', operation: 'Argon2id, interactive', contract: 'api', floor: 1.0 },
  { name: 'scrypt', operation: 'scrypt, interactive', contract: 'api', floor: 1.2 },
  ...['16 KiB', '1 MiB'].flatMap((size): Goal[] => [
    { name: `BLAKE3 ${size}`, operation: `BLAKE3 ${size}`, contract: 'api', floor: 2.0 },
    { name: `BLAKE3 ${size}`, operation: `BLAKE3 ${size}`, contract: 'api', against: 'noble', floor: 30 },
  ]),
  {
    name: 'Turtl account, decrypted',
    operation: 'Turtl account of 10,000 notes, decrypted',
    contract: 'api',
    floor: 3,
    short: { held: 2.2, why: ACCOUNT },
  },
  ...['random', 'text'].flatMap((content): Goal[] => [
    { name: `container pack, ${content}`, operation: `container pack, 5 MiB ${content}`, contract: 'api', floor: 2.0 },
    { name: `container unpack, ${content}`, operation: `container unpack, 5 MiB ${content}`, contract: 'api', floor: 1.0 },
  ]),
]

/** Whose times a goal compares, beside the base. */
export function isMeantBy(
  goal: Goal,
  contender: { readonly name: string; readonly contract: Contract; readonly variant?: string },
): boolean {
  return contender.name === HOLDFAST && contender.contract === goal.contract && contender.variant === goal.variant
}
