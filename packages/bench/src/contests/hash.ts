/** BLAKE2b against libsodium.js's; BLAKE3, which libsodium.js has not, against its BLAKE2b and against noble's BLAKE3. */
import { platformRandom } from '@holdfast/base'
import { engineContenders, type Lab, libraryContenders, sizeLabel } from '../lab'
import type { Contest } from '../measure'

export const HASH_SIZES = [16 << 10, 1 << 20] as const

export function blake2bContest(lab: Lab, size: number): Contest {
  const message = platformRandom(size)
  return {
    operation: `BLAKE2b ${sizeLabel(size)}`,
    expected: lab.libsodium.blake2b(message),
    contenders: [
      ...libraryContenders(lab, ({ blake2b }) => blake2b && (() => blake2b(message))),
      ...engineContenders(lab, (engine) => engine.hash.blake2b(message)),
    ],
  }
}

export function blake3Contest(lab: Lab, size: number): Contest {
  const message = platformRandom(size)
  return {
    operation: `BLAKE3 ${sizeLabel(size)}`,
    expected: lab.sodium.hash.blake3(message),
    contenders: [
      { name: lab.libsodium.name, contract: 'api', variant: 'BLAKE2b', run: () => void lab.libsodium.blake2b(message) },
      ...libraryContenders(lab, ({ blake3 }) => blake3 && (() => blake3(message))),
      ...engineContenders(lab, (engine) => engine.hash.blake3(message)),
    ],
  }
}
