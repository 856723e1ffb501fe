/** Batches of ChaCha20-Poly1305: another key and nonce for each message. */
import { concatBytes, platformRandom } from '@holdfast/base'
import type { Batch } from '@holdfast/crypto'
import { type Lab, loopContenders, sizeLabel } from '../lab'
import { FALLBACK, HOLDFAST } from '../library'
import type { Contest } from '../measure'

const COUNT = 256
export const BATCH_SIZES = [64, 1024] as const

interface Messages {
  readonly keys: readonly Uint8Array[]
  readonly nonces: readonly Uint8Array[]
  readonly aad: Uint8Array
  readonly plaintexts: readonly Uint8Array[]
  readonly ciphertexts: readonly Uint8Array[]
}

function makeMessages(lab: Lab, size: number): Messages {
  const many = (length: number) => Array.from({ length: COUNT }, () => platformRandom(length))
  const [keys, nonces, aad, plaintexts] = [many(32), many(12), platformRandom(17), many(size)]
  const ciphertexts = plaintexts.map((plaintext, i) => lab.libsodium.seal(at(keys, i), at(nonces, i), aad, plaintext))
  return { keys, nonces, aad, plaintexts, ciphertexts }
}

const at = <Item>(list: readonly Item[], index: number): Item => list[index] as Item

function flat(messages: readonly Uint8Array[]): Batch {
  const offsets = new Uint32Array(messages.length + 1)
  messages.forEach(({ length }, i) => {
    offsets[i + 1] = (offsets[i] ?? 0) + length
  })
  return { bytes: concatBytes(...messages), offsets }
}

export function sealBatchContest(lab: Lab, size: number): Contest {
  const { keys, nonces, aad, plaintexts, ciphertexts } = makeMessages(lab, size)
  const flatPlaintexts = flat(plaintexts)
  const aead = lab.wasm.aead.chacha20poly1305
  const [flatKeys, flatNonces] = [concatBytes(...keys), concatBytes(...nonces)]
  return {
    operation: `seal ${COUNT} × ${sizeLabel(size)}`,
    expected: concatBytes(...ciphertexts),
    contenders: [
      ...loopContenders(lab, COUNT, ({ seal }) => seal && ((i) => seal(at(keys, i), at(nonces, i), aad, at(plaintexts, i)))),
      { name: HOLDFAST, contract: 'flat', run: () => aead.sealBatch(flatKeys, flatNonces, aad, flatPlaintexts) },
      { name: HOLDFAST, contract: 'arrays', run: () => aead.sealMany(flatKeys, flatNonces, aad, flatPlaintexts) },
      { name: HOLDFAST, contract: 'arrays', variant: 'lists in', run: () => aead.sealMany(keys, nonces, aad, plaintexts) },
      { name: FALLBACK, contract: 'arrays', run: () => lab.sodium.aead.chacha20poly1305.sealMany(keys, nonces, aad, plaintexts) },
    ],
  }
}

export function openBatchContest(lab: Lab, size: number): Contest {
  const { keys, nonces, aad, plaintexts, ciphertexts } = makeMessages(lab, size)
  const flatCiphertexts = flat(ciphertexts)
  const aead = lab.wasm.aead.chacha20poly1305
  const [flatKeys, flatNonces] = [concatBytes(...keys), concatBytes(...nonces)]
  return {
    operation: `open ${COUNT} × ${sizeLabel(size)}`,
    expected: concatBytes(...plaintexts),
    contenders: [
      ...loopContenders(lab, COUNT, ({ open }) => open && ((i) => open(at(keys, i), at(nonces, i), aad, at(ciphertexts, i)))),
      { name: HOLDFAST, contract: 'flat', run: () => aead.openBatch(flatKeys, flatNonces, aad, flatCiphertexts) },
      { name: HOLDFAST, contract: 'arrays', run: () => aead.openMany(flatKeys, flatNonces, aad, flatCiphertexts) },
      { name: HOLDFAST, contract: 'arrays', variant: 'lists in', run: () => aead.openMany(keys, nonces, aad, ciphertexts) },
      { name: FALLBACK, contract: 'arrays', run: () => lab.sodium.aead.chacha20poly1305.openMany(keys, nonces, aad, ciphertexts) },
    ],
  }
}
