/**
 * XSalsa20-Poly1305 in bulk. The engine has it inside sealed boxes only, so it is measured there, at a size where the two
 * X25519 operations of a box are a few percent of libsodium.js's time.
 */
import { platformRandom } from '@holdfast/base'
import { engineContenders, type Lab, libraryContenders, sizeLabel } from '../lab'
import type { Contest } from '../measure'

const SIZE = 1 << 20

export function bulkSealContest(lab: Lab): Contest {
  const { publicKey } = lab.wasm.sealedBox.makeKeyPair()
  const plaintext = platformRandom(SIZE)
  return {
    operation: `XSalsa20-Poly1305 in box_seal ${sizeLabel(SIZE)}`,
    contenders: [
      ...libraryContenders(lab, ({ boxSeal }) => boxSeal && (() => void boxSeal(publicKey, plaintext))),
      ...engineContenders(lab, (engine) => engine.sealedBox.seal(publicKey, plaintext)),
    ],
  }
}

export function bulkOpenContest(lab: Lab): Contest {
  const pair = lab.wasm.sealedBox.makeKeyPair()
  const plaintext = platformRandom(SIZE)
  const box = lab.libsodium.boxSeal(pair.publicKey, plaintext)
  return {
    operation: `XSalsa20-Poly1305 in box_open ${sizeLabel(SIZE)}`,
    expected: plaintext,
    contenders: [
      ...libraryContenders(lab, ({ boxOpen }) => boxOpen && (() => boxOpen(pair.publicKey, pair.secretKey, box))),
      ...engineContenders(lab, (engine) => engine.sealedBox.open(pair, box)),
    ],
  }
}
