/**
 * A passphrase for an invite. Turtl stretches it with one salt for every invite there ever was and at a low cost (turtl
 * §5.2, §7.3), so whoever holds the invite guesses it offline, with tables that serve for all: only its entropy protects.
 */
import type { Random } from '@holdfast/base'
import { wordlist } from '@scure/bip39/wordlists/english.js'

const WORDS = 8
const BITS_PER_WORD = 11

/**
 * Eight English words from 88 random bits, lowercase, single spaces: to be told to the recipient over another way than
 * the one the invite takes.
 *
 * @example
 * ```ts
 * const passphrase = makeInvitePassphrase(engine.random)
 * ```
 */
export function makeInvitePassphrase(random: Random): string {
  const entropy = random((WORDS * BITS_PER_WORD) / 8)
  let bits = entropy.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
  entropy.fill(0)
  return Array.from({ length: WORDS }, () => {
    const word = wordlist[Number(bits & 2047n)]
    bits >>= 11n
    return word
  }).join(' ')
}

/** Whether a passphrase has the form of those that `makeInvitePassphrase` makes; how it came about no form can show. */
export function isMadeInvitePassphrase(passphrase: string): boolean {
  const words = passphrase.split(' ')
  return words.length === WORDS && words.every((word) => wordlist.includes(word))
}
