import { deriveRecoveryFactor } from '@holdfast/keys'
import type { MainFactor } from './types'

/**
 * The main factor of a 24-word recovery phrase.
 *
 * @throws `invalid_recovery_phrase`.
 */
export function recoveryPhrase(phrase: string): MainFactor {
  return deriveRecoveryFactor(phrase)
}
