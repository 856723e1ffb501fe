import { type Random, Secret } from '@holdfast/base'
import type { Engine, KeyPair } from '@holdfast/crypto'

/** The 32 bytes of one main factor, used as an X25519 secret key (world-backup-client §1). */
export type FactorSecret = Secret<'factor-secret'>

/** A new factor secret: 32 random bytes. */
export function makeFactorSecret(random: Random): FactorSecret {
  const bytes = random(32)
  try {
    return new Secret('factor-secret', bytes, 32)
  } finally {
    bytes.fill(0)
  }
}

/** X25519 public key to which the backup's secret key is sealed, 32 bytes. */
export function deriveFactorPublicKey(engine: Engine, factorSecret: FactorSecret): Uint8Array<ArrayBuffer> {
  return factorSecret.use((bytes) => engine.x25519.derivePublicKey(bytes))
}

/** The X25519 pair that seals every version of a backup; made once, its secret half never stored in the clear. */
export function makeBackupKeyPair(engine: Engine): KeyPair {
  return engine.sealedBox.makeKeyPair()
}
