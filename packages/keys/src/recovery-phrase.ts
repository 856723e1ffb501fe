/**
 * A recovery phrase as a main factor: 24 English words (BIP-39, 256 bits of entropy) from which two independent keys come.
 *
 *   entropy (32) -- HKDF-SHA256, no salt --> info "holdfast/recovery/v1/factor-secret"  32 bytes, the factor secret
 *                                        --> info "holdfast/recovery/v1/signing-key"    48 bytes, reduced to a P-256 scalar
 *
 * The service sees the signing key only; the factor secret opens the backup and never leaves the device.
 * There is no BIP-39 passphrase: one secret, one way to be wrong.
 */
import { encodeUtf8, HoldfastError, type Random, Secret } from '@holdfast/base'
import { p256 } from '@noble/curves/nist.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import type { FactorSecret } from './factor'
import { loadSigningKey, type SigningKey } from './signing-key'

const FACTOR_SECRET_LABEL = encodeUtf8('holdfast/recovery/v1/factor-secret')
const SIGNING_KEY_LABEL = encodeUtf8('holdfast/recovery/v1/signing-key')

/** A main factor: it opens the backup, and proves itself to the service. */
export interface RecoveryFactor {
  readonly factorSecret: FactorSecret
  readonly signingKey: SigningKey
}

/** A new phrase from 256 random bits: 24 words, lowercase, single spaces. Whoever reads it can open the backup. */
export function makeRecoveryPhrase(random: Random): string {
  const entropy = random(32)
  try {
    return entropyToMnemonic(entropy, wordlist)
  } finally {
    entropy.fill(0)
  }
}

/**
 * Both keys of a phrase. Unicode form, case, surrounding and repeated white space do not matter; the checksum does.
 *
 * @throws {HoldfastError} `invalid_recovery_phrase`; the message never quotes a word.
 */
export function deriveRecoveryFactor(phrase: string): RecoveryFactor {
  const entropy = decodePhrase(phrase)
  const factorSecret = hkdf(sha256, entropy, undefined, FACTOR_SECRET_LABEL, 32)
  const seed = hkdf(sha256, entropy, undefined, SIGNING_KEY_LABEL, 48)
  try {
    return { factorSecret: new Secret('factor-secret', factorSecret, 32), signingKey: loadSigningKey(p256.utils.randomSecretKey(seed)) }
  } finally {
    for (const bytes of [entropy, factorSecret, seed]) bytes.fill(0)
  }
}

function decodePhrase(phrase: string): Uint8Array {
  const words = phrase.normalize('NFKD').trim().toLowerCase().split(/\s+/)
  const invalid = (got: string) =>
    new HoldfastError(
      'invalid_recovery_phrase',
      `invalid recovery phrase: expected 24 words of the English list with a matching checksum, got ${got}; check the words and their order`,
      {
        remedy: 'fix-input',
      },
    )
  if (words.length !== 24) throw invalid(`${words[0] === '' ? 0 : words.length} words`)
  const unknown = words.findIndex((word) => !wordlist.includes(word))
  if (unknown >= 0) throw invalid(`an unknown word at place ${unknown + 1}`)
  try {
    return mnemonicToEntropy(words.join(' '), wordlist)
  } catch {
    throw invalid('24 known words whose checksum does not match') // the library's message would quote the phrase
  }
}
