/** Sealed boxes around 32 bytes, a wrapped key: single, and in batches of 64. */
import { concatBytes, platformRandom } from '@holdfast/base'
import { engineContenders, type Lab, libraryContenders, loopContenders } from '../lab'
import { FALLBACK, HOLDFAST } from '../library'
import type { Contest } from '../measure'

const COUNT = 64
const SIZE = 32

const at = (list: readonly Uint8Array[], index: number): Uint8Array => list[index] as Uint8Array
const makePlaintexts = () => Array.from({ length: COUNT }, () => platformRandom(SIZE))

export function boxSealContest(lab: Lab): Contest {
  const { publicKey } = lab.wasm.sealedBox.makeKeyPair()
  const plaintext = platformRandom(SIZE)
  const recipient = lab.wasm.sealedBox.loadRecipient(publicKey)
  recipient.prepare()
  return {
    operation: 'box_seal',
    contenders: [
      ...libraryContenders(lab, ({ boxSeal }) => boxSeal && (() => void boxSeal(publicKey, plaintext))),
      ...engineContenders(lab, (engine) => engine.sealedBox.seal(publicKey, plaintext)),
      { name: HOLDFAST, contract: 'api', variant: 'table kept', run: () => lab.wasm.sealedBox.seal(recipient, plaintext) },
    ],
  }
}

export function boxOpenContest(lab: Lab): Contest {
  const pair = lab.wasm.sealedBox.makeKeyPair()
  const plaintext = platformRandom(SIZE)
  const box = lab.libsodium.boxSeal(pair.publicKey, plaintext)
  return {
    operation: 'box_open',
    expected: plaintext,
    contenders: [
      ...libraryContenders(lab, ({ boxOpen }) => boxOpen && (() => boxOpen(pair.publicKey, pair.secretKey, box))),
      ...engineContenders(lab, (engine) => engine.sealedBox.open(pair, box)),
    ],
  }
}

/** What a recipient's table costs, against one box of libsodium.js: a ratio of 0.1 is ten boxes. */
export function tableContest(lab: Lab): Contest {
  const { publicKey } = lab.wasm.sealedBox.makeKeyPair()
  const plaintext = platformRandom(SIZE)
  return {
    operation: 'recipient table, against one box_seal',
    contenders: [
      { name: lab.libsodium.name, contract: 'api', run: () => void lab.libsodium.boxSeal(publicKey, plaintext) },
      {
        name: HOLDFAST,
        contract: 'api',
        variant: 'build a table',
        run: () => {
          const recipient = lab.wasm.sealedBox.loadRecipient(publicKey)
          recipient.prepare()
          recipient.free()
        },
      },
    ],
  }
}

export function boxSealDistinctContest(lab: Lab): Contest {
  const plaintexts = makePlaintexts()
  const publicKeys = plaintexts.map(() => lab.wasm.sealedBox.makeKeyPair().publicKey)
  return {
    operation: `box_seal × ${COUNT}, distinct recipients`,
    contenders: [
      ...loopContenders(lab, COUNT, ({ boxSeal }) => boxSeal && ((i) => boxSeal(at(publicKeys, i), at(plaintexts, i)))),
      { name: HOLDFAST, contract: 'flat', run: () => lab.wasm.sealedBox.sealBatch(publicKeys, plaintexts) },
      { name: HOLDFAST, contract: 'arrays', run: () => lab.wasm.sealedBox.sealMany(publicKeys, plaintexts) },
      { name: FALLBACK, contract: 'arrays', run: () => lab.sodium.sealedBox.sealMany(publicKeys, plaintexts) },
    ],
  }
}

export function boxSealOneContest(lab: Lab): Contest {
  const plaintexts = makePlaintexts()
  const { publicKey } = lab.wasm.sealedBox.makeKeyPair()
  const recipient = lab.wasm.sealedBox.loadRecipient(publicKey)
  recipient.prepare()
  return {
    operation: `box_seal × ${COUNT}, one recipient`,
    contenders: [
      ...loopContenders(lab, COUNT, ({ boxSeal }) => boxSeal && ((i) => boxSeal(publicKey, at(plaintexts, i)))),
      { name: HOLDFAST, contract: 'flat', variant: 'table kept', run: () => lab.wasm.sealedBox.sealBatch(recipient, plaintexts) },
      { name: HOLDFAST, contract: 'flat', variant: 'table built within', run: () => lab.wasm.sealedBox.sealBatch(publicKey, plaintexts) },
      { name: FALLBACK, contract: 'arrays', run: () => lab.sodium.sealedBox.sealMany(publicKey, plaintexts) },
    ],
  }
}

export function boxOpenManyContest(lab: Lab): Contest {
  const pair = lab.wasm.sealedBox.makeKeyPair()
  const plaintexts = makePlaintexts()
  const boxes = plaintexts.map((plaintext) => lab.libsodium.boxSeal(pair.publicKey, plaintext))
  return {
    operation: `box_open × ${COUNT}, one key`,
    expected: concatBytes(...plaintexts),
    contenders: [
      ...loopContenders(lab, COUNT, ({ boxOpen }) => boxOpen && ((i) => boxOpen(pair.publicKey, pair.secretKey, at(boxes, i)))),
      { name: HOLDFAST, contract: 'flat', run: () => lab.wasm.sealedBox.openBatch(pair, boxes) },
      { name: HOLDFAST, contract: 'arrays', run: () => lab.wasm.sealedBox.openMany(pair, boxes) },
      { name: FALLBACK, contract: 'arrays', run: () => lab.sodium.sealedBox.openMany(pair, boxes) },
    ],
  }
}
