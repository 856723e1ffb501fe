/** ChaCha20-Poly1305, one message a call. */
import { platformRandom } from '@holdfast/base'
import { acceleratedContender, engineContenders, type Lab, libraryContenders, sizeLabel } from '../lab'
import { HOLDFAST } from '../library'
import type { Contest } from '../measure'

export const SIZES = [64, 1024, 16 << 10, 1 << 20] as const

export function sealContest(lab: Lab, size: number): Contest {
  const [key, nonce, aad, plaintext] = [platformRandom(32), platformRandom(12), platformRandom(17), platformRandom(size)]
  const aead = lab.wasm.aead.chacha20poly1305
  const handle = aead.loadKey(key)
  const out = new Uint8Array(size + 16)
  const buffer = lab.wasm.makeBuffer(size + 16)
  return {
    operation: `ChaCha20-Poly1305 seal ${sizeLabel(size)}`,
    expected: lab.libsodium.seal(key, nonce, aad, plaintext),
    contenders: [
      ...libraryContenders(lab, ({ seal }) => seal && (() => seal(key, nonce, aad, plaintext))),
      ...engineContenders(lab, (engine) => engine.aead.chacha20poly1305.seal(key, nonce, aad, plaintext)),
      ...acceleratedContender(lab, size, (engine) => engine.aead.chacha20poly1305.seal(key, nonce, aad, plaintext)),
      {
        name: HOLDFAST,
        contract: 'into',
        run: () => {
          aead.sealInto(out, handle, nonce, aad, plaintext)
          return out
        },
      },
      // Seals what it sealed before: no result to compare.
      { name: HOLDFAST, contract: 'in place', run: () => void aead.sealInPlace(handle, nonce, aad, buffer, size) },
    ],
  }
}

export function openContest(lab: Lab, size: number): Contest {
  const [key, nonce, aad, plaintext] = [platformRandom(32), platformRandom(12), platformRandom(17), platformRandom(size)]
  const ciphertext = lab.libsodium.seal(key, nonce, aad, plaintext)
  const aead = lab.wasm.aead.chacha20poly1305
  const handle = aead.loadKey(key)
  const out = new Uint8Array(size)
  return {
    operation: `ChaCha20-Poly1305 open ${sizeLabel(size)}`,
    expected: plaintext,
    contenders: [
      ...libraryContenders(lab, ({ open }) => open && (() => open(key, nonce, aad, ciphertext))),
      ...engineContenders(lab, (engine) => engine.aead.chacha20poly1305.open(key, nonce, aad, ciphertext)),
      ...acceleratedContender(lab, size, (engine) => engine.aead.chacha20poly1305.open(key, nonce, aad, ciphertext)),
      {
        name: HOLDFAST,
        contract: 'into',
        run: () => {
          aead.openInto(out, handle, nonce, aad, ciphertext)
          return out
        },
      },
    ],
  }
}
