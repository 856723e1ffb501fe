import { HoldfastError } from '@holdfast/base'
import { type Json, parseJson, readRecord } from '@holdfast/wire'

/**
 * The code of an error body (world-backup-client §9.8, §17): `{"error":{"code":…}}`, or either record as an array of its one
 * member. Other members do not matter; a duplicate of one that does makes it no error body.
 *
 * @returns `undefined` for anything else, such as plain text or a proxy's page.
 */
export function decodeErrorCode(text: string): string | undefined {
  const json = tryParse(text)
  const error = json && readRecord(json, ['error'])?.error
  const code = error && readRecord(error, ['code'])?.code
  return code?.kind === 'string' && code.wellFormed ? code.text : undefined
}

function tryParse(text: string): Json | undefined {
  try {
    return parseJson(text, 'error body')
  } catch (error) {
    if (error instanceof HoldfastError) return undefined
    throw error
  }
}
