/**
 * Private JSON as Turtl's core writes it (turtl §4.3): compact, UTF-8, nothing escaped but what must be, keys sorted at
 * every level by their code points. What the core could not read back is refused (turtl §9): lone surrogates above all,
 * for which UTF-8 has no bytes.
 */
import { type Bytes, encodeUtf8, StructureError } from '@holdfast/base'

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/
/** The core's parser stops at 128. */
const MAX_DEPTH = 120

/**
 * @param fields members that are `undefined` are left out.
 * @throws {StructureError} `lone_surrogate`, `not_json`, `too_deep`: with the path to the place, and nothing of its content.
 */
export function encodePrivateJson(fields: Readonly<Record<string, unknown>>): Bytes {
  return encodeUtf8(write(fields, 'private fields', 0))
}

/** Whether UTF-8 can hold the text. */
export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text)
}

/** Text is put together by hand because objects of JavaScript put names that look like numbers first. */
function write(value: unknown, path: string, depth: number): string {
  if (depth > MAX_DEPTH) throw new StructureError('too_deep', { what: path, expected: `at most ${MAX_DEPTH} levels`, got: 'more' })
  if (typeof value === 'string') return writeText(value, path)
  if (value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item, i) => write(item, `${path}[${i}]`, depth + 1)).join()}]`
  if (!isPlainObject(value)) throw new StructureError('not_json', { what: path, expected: 'a JSON value', got: `a ${typeof value}` })
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => compareCodePoints(a, b))
  return `{${members.map(([name, member]) => `${writeText(name, path)}:${write(member, `${path}.${name}`, depth + 1)}`).join()}}`
}

function writeText(text: string, path: string): string {
  if (!isWellFormed(text))
    throw new StructureError('lone_surrogate', { what: path, expected: 'well-formed Unicode', got: 'a lone surrogate' })
  return JSON.stringify(text)
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** The order of UTF-8 bytes. UTF-16 order differs from it only where surrogates meet U+E000 and above. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (x === y) continue
    const isSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdfff
    return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1
  }
  return a.length - b.length
}
