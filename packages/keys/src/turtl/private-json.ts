import { decodeUtf8 } from '@holdfast/base'

/**
 * The members of a decrypted JSON object, or `undefined` for anything else. The parser's own error is left out on
 * purpose: it quotes the text, and the text is secret.
 */
export function parsePrivateJson(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(decodeUtf8(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
