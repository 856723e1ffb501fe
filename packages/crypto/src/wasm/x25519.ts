import type { Bytes } from '@holdfast/base'
import { checkLength, checkParallel } from '../checks'
import type { CryptoErrorCode, X25519 } from '../engine'
import { refuse } from '../refusal'
import type { Core } from './core'

export function derivePublicKey(core: Core, secretKey: Uint8Array): Bytes {
  return deriveAll(core, [secretKey])
}

/** @returns 32 bytes each, one after another. */
function deriveAll(core: Core, secretKeys: readonly Uint8Array[]): Bytes {
  for (const secretKey of secretKeys) checkLength('secret key', secretKey, 32)
  const count = secretKeys.length
  const at = core.reserve(64 * count, ...secretKeys)
  secretKeys.forEach((secretKey, i) => {
    core.put(at + 32 * i, secretKey)
  })
  core.guard(() => core.call.x25519_derive_public_keys(at, at + 32 * count, count))
  core.wipe(at, 32 * count)
  return core.take(at + 32 * count, 32 * count)
}

export function createX25519(core: Core): X25519 {
  function sharedSecrets(secretKeys: readonly Uint8Array[], publicKeys: readonly Uint8Array[]): (Bytes | CryptoErrorCode)[] {
    checkParallel('the secret key', secretKeys, publicKeys)
    for (const secretKey of secretKeys) checkLength('secret key', secretKey, 32)
    for (const publicKey of publicKeys) checkLength('public key', publicKey, 32)
    const count = secretKeys.length
    if (count === 0) return []
    const secrets = core.reserve(100 * count, ...secretKeys, ...publicKeys)
    const publics = secrets + 32 * count
    const shared = publics + 32 * count
    const codes = shared + 32 * count
    secretKeys.forEach((secretKey, i) => {
      core.put(secrets + 32 * i, secretKey)
    })
    publicKeys.forEach((publicKey, i) => {
      core.put(publics + 32 * i, publicKey)
    })
    core.guard(() => core.call.x25519_shared_secrets(secrets, publics, shared, codes, count))
    const numbers = new Uint32Array(core.bytes.buffer, codes, count)
    const all = core.take(shared, 32 * count)
    const results = Array.from(numbers, (number, i) => (number === 0 ? all.subarray(32 * i, 32 * i + 32) : core.code(number)))
    core.wipe(secrets, 100 * count)
    return results
  }

  return {
    derivePublicKey: (secretKey) => derivePublicKey(core, secretKey),
    derivePublicKeys(secretKeys) {
      checkParallel('the secret key', secretKeys)
      const all = secretKeys.length === 0 ? new Uint8Array() : deriveAll(core, secretKeys)
      return secretKeys.map((_, i) => all.subarray(32 * i, 32 * i + 32))
    },
    sharedSecret(secretKey, publicKey) {
      const [shared] = sharedSecrets([secretKey], [publicKey])
      if (!(shared instanceof Uint8Array)) throw refuse(shared ?? 'weak_public_key', 'the public key')
      return shared
    },
    sharedSecrets,
  }
}
