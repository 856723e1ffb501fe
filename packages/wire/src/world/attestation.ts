/**
 * The hash an attestation token is bound to (world-backup-client §9.5, §17): SHA-256 over the compact JSON of
 * `{"body":B,"method":…,"pathUri":…}`, where B is the parsed body with object keys sorted by their UTF-8 bytes at every
 * level and null members dropped.
 */
import { encodeHex, encodeUtf8, StructureError } from '@holdfast/base'
import { sha256 } from '@noble/hashes/sha2.js'
import { type Json, parseJson } from '../json'
import { printNumber } from '../json-number'

/** The reference's parser goes no deeper. */
const MAX_DEPTH = 127

/**
 * @param path full path including `/v1`, no host, no query.
 * @param body request body as text; empty when there is none.
 * @returns 64 hex digits.
 * @throws {StructureError} `invalid_json`.
 */
export function attestationRequestHash({
  method,
  path,
  body,
}: {
  readonly method: string
  readonly path: string
  readonly body: string
}): string {
  const members = [
    ...(body === '' ? [] : [`"body":${canonicalJson(body)}`]),
    `"method":${JSON.stringify(method)}`,
    `"pathUri":${JSON.stringify(path)}`,
  ]
  return encodeHex(sha256(encodeUtf8(`{${members.join()}}`)))
}

/**
 * Compact JSON with members sorted by their UTF-8 bytes and null members dropped, at every level; of duplicates the last
 * one counts.
 *
 * @throws {StructureError} `invalid_json`: also for what the reference's parser refuses: lone surrogates, numbers beyond
 * a double, more than 127 levels.
 */
export function canonicalJson(text: string): string {
  return canonical(parseJson(text, 'request body'), 0)
}

function canonical(json: Json, depth: number): string {
  switch (json.kind) {
    case 'literal':
      return String(json.value)
    case 'number':
      return canonicalNumber(json.text)
    case 'string':
      if (!json.wellFormed) throw invalid('a lone surrogate')
      return JSON.stringify(json.text)
    case 'array':
      if (depth >= MAX_DEPTH) throw invalid('too many levels')
      return `[${json.items.map((item) => canonical(item, depth + 1)).join()}]`
    case 'object': {
      if (depth >= MAX_DEPTH) throw invalid('too many levels')
      const members = new Map(json.members.map(({ key, value }) => [canonical(key, 0), canonical(value, depth + 1)]))
      const kept = [...members].filter(([, value]) => value !== 'null').sort(([a], [b]) => compareUtf8(JSON.parse(a), JSON.parse(b)))
      return `{${kept.map(([key, value]) => `${key}:${value}`).join()}}`
    }
  }
}

const invalid = (got: string) => new StructureError('invalid_json', { what: 'request body', expected: 'JSON the service can parse', got })

function compareUtf8(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

function canonicalNumber(text: string): string {
  const printed = printNumber(text)
  if (printed === undefined) throw invalid('a number out of range')
  return printed
}
