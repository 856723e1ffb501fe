import type { Random } from '@holdfast/base'

/** Lends `use` fresh secrets, 32 bytes each in one array, and wipes them whatever comes of it. */
export function withEphemerals<Result>(random: Random, count: number, use: (ephemeralSecrets: Uint8Array) => Result): Result {
  const ephemeralSecrets = random(32 * count)
  try {
    return use(ephemeralSecrets)
  } finally {
    ephemeralSecrets.fill(0)
  }
}
