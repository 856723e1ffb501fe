/**
 * The hash an attestation token is bound to (world-backup-client §9.5, §17): SHA-256 over the compact JSON of
 * `{"body":B,"method":…,"pathUri":…}`, where B is the parsed body with object keys sorted by their UTF-8 bytes at every
 * level and null members dropped.
 */
import { encodeHex, encodeUtf8, StructureError } from '@holdfast/base'
import { sha256 } from '@noble/hashes/sha2.js'
import { type Json, parseJson } from '../json'

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
    ...(body === '' ? [] : [`"body":${canonical(parseJson(body, 'request body'), 0)}`]),
    `"method":${JSON.stringify(method)}`,
    `"pathUri":${JSON.stringify(path)}`,
  ]
  return encodeHex(sha256(encodeUtf8(`{${members.join()}}`)))
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

/** Integers of 64 bits stay exact; everything else is a double in its shortest form, as the reference prints it. */
function canonicalNumber(text: string): string {
  if (/^-?\d+$/.test(text) && text !== '-0') {
    const integer = BigInt(text)
    if (integer >= -(1n << 63n) && integer < 1n << 64n) return String(integer)
  }
  const value = Number(text)
  if (!Number.isFinite(value)) throw invalid('a number out of range')
  const [, sign = '', lead = '', rest = '', exponent = ''] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(value.toExponential()) ?? []
  const minus = Object.is(value, -0) ? '-' : sign
  const digits = lead + rest
  const point = Number(exponent) + 1
  if (point >= digits.length && point <= 16) return `${minus}${digits.padEnd(point, '0')}.0`
  if (point > 0 && point <= 16) return `${minus}${digits.slice(0, point)}.${digits.slice(point)}`
  if (point > -5 && point <= 0) return `${minus}0.${'0'.repeat(-point)}${digits}`
  return `${minus}${lead}${rest && `.${rest}`}e${point - 1}`
}
