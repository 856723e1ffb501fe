import { isObject } from '@holdfast/base'

/** Made once: making one costs more than decoding a short text. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The members of a decrypted JSON object, or `undefined` for anything else. The parser's own error is left out on
 * purpose: it quotes the text, and the text is secret.
 *
 * @param bytes UTF-8 (turtl §4.3); the caller wipes them.
 * @example
 * ```ts
 * const fields = parsePrivateJson(plaintext)
 * ```
 */
export function parsePrivateJson(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(UTF8.decode(bytes))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
