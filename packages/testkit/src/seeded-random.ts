import { encodeUtf8, type Random } from '@holdfast/base'
import { blake3 } from '@noble/hashes/blake3.js'

/** The same bytes for the same seed: for tests that print their seed. NEVER for keys that matter. */
export function seededRandom(seed: string | number): Random {
  let counter = 0
  return (length) => new Uint8Array(blake3(encodeUtf8(`${seed}/${counter++}`), { dkLen: length }))
}
