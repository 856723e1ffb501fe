/** X25519: single, and in batches of 64. */
import { concatBytes, platformRandom } from '@holdfast/base'
import { engineContenders, type Lab, libraryContenders, loopContenders } from '../lab'
import { FALLBACK, HOLDFAST } from '../library'
import type { Contest } from '../measure'

const COUNT = 64

function makeKeys(lab: Lab, count: number): { secretKeys: readonly Uint8Array[]; publicKeys: readonly Uint8Array[] } {
  const secretKeys = Array.from({ length: count }, () => platformRandom(32))
  return { secretKeys, publicKeys: secretKeys.map(() => lab.libsodium.derivePublicKey(platformRandom(32))) }
}

const at = (list: readonly Uint8Array[], index: number): Uint8Array => list[index] as Uint8Array

export function sharedSecretContest(lab: Lab): Contest {
  const { secretKeys, publicKeys } = makeKeys(lab, 1)
  const [secretKey, publicKey] = [at(secretKeys, 0), at(publicKeys, 0)]
  return {
    operation: 'X25519, any point',
    expected: lab.libsodium.sharedSecret(secretKey, publicKey),
    contenders: [
      ...libraryContenders(lab, ({ sharedSecret }) => sharedSecret && (() => sharedSecret(secretKey, publicKey))),
      ...engineContenders(lab, (engine) => engine.x25519.sharedSecret(secretKey, publicKey)),
    ],
  }
}

export function publicKeyContest(lab: Lab): Contest {
  const secretKey = platformRandom(32)
  return {
    operation: 'X25519, base point',
    expected: lab.libsodium.derivePublicKey(secretKey),
    contenders: [
      ...libraryContenders(lab, ({ derivePublicKey }) => derivePublicKey && (() => derivePublicKey(secretKey))),
      ...engineContenders(lab, (engine) => engine.x25519.derivePublicKey(secretKey)),
    ],
  }
}

export function sharedSecretsContest(lab: Lab): Contest {
  const { secretKeys, publicKeys } = makeKeys(lab, COUNT)
  return {
    operation: `X25519 × ${COUNT}, any point`,
    expected: concatBytes(...secretKeys.map((secretKey, i) => lab.libsodium.sharedSecret(secretKey, at(publicKeys, i)))),
    contenders: [
      ...loopContenders(lab, COUNT, ({ sharedSecret }) => sharedSecret && ((i) => sharedSecret(at(secretKeys, i), at(publicKeys, i)))),
      { name: HOLDFAST, contract: 'arrays', run: () => lab.wasm.x25519.sharedSecrets(secretKeys, publicKeys) },
      { name: FALLBACK, contract: 'arrays', run: () => lab.sodium.x25519.sharedSecrets(secretKeys, publicKeys) },
    ],
  }
}

export function publicKeysContest(lab: Lab): Contest {
  const { secretKeys } = makeKeys(lab, COUNT)
  return {
    operation: `X25519 × ${COUNT}, base point`,
    expected: concatBytes(...secretKeys.map(lab.libsodium.derivePublicKey)),
    contenders: [
      ...loopContenders(lab, COUNT, ({ derivePublicKey }) => derivePublicKey && ((i) => derivePublicKey(at(secretKeys, i)))),
      { name: HOLDFAST, contract: 'arrays', run: () => lab.wasm.x25519.derivePublicKeys(secretKeys) },
      { name: FALLBACK, contract: 'arrays', run: () => lab.sodium.x25519.derivePublicKeys(secretKeys) },
    ],
  }
}
