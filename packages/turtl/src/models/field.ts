/**
 * The types of fields (turtl §4.4): `isExact` is what may be written, since one object of another shape stops the
 * original core from loading any (turtl §9); `read` takes what accounts are known to hold, and gives `undefined` for
 * what counts as absent.
 */
import { decodeBase64, isObject } from '@holdfast/base'
import { isWellFormed } from './private-json'

export interface Field {
  /** In words, for messages. */
  readonly expected: string
  readonly presence: 'required' | 'optional'
  isExact(value: unknown): boolean
  read(value: unknown): unknown
}

export type Fields = Readonly<Record<string, Field>>

const isText = (value: unknown): value is string => typeof value === 'string' && isWellFormed(value)
const readText = (value: unknown) => (typeof value === 'number' || typeof value === 'string' ? String(value) : undefined)

function readInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? Math.trunc(number) : undefined
}

const field = (expected: string, isExact: Field['isExact'], read: Field['read']): Field => ({
  expected,
  presence: 'required',
  isExact,
  read,
})

export const optional = (of: Field): Field => ({ ...of, presence: 'optional' })

export const text = field('text', isText, readText)
export const nonEmptyText = field('text that is not empty', (value) => isText(value) && value !== '', readText)
/** Ids are text in objects; numbers are taken (turtl §4.2, §9). */
export const id = field('an id as text', (value) => isText(value) && value !== '', readText)
export const nullableId = field(
  'an id as text, or null',
  (value) => value === null || (isText(value) && value !== ''),
  (value) => readText(value) ?? null,
)
export const integer = field('an integer', Number.isSafeInteger, readInteger)
export const color = field('an integer from 0', (value) => Number.isSafeInteger(value) && Number(value) >= 0, readInteger)
export const flag = field(
  'true or false',
  (value) => typeof value === 'boolean',
  (value) => (typeof value === 'boolean' ? value : undefined),
)
export const texts = field(
  'a list of texts',
  (value) => Array.isArray(value) && value.every(isText),
  (value) => (Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined),
)
export const objectField = field('an object', isObject, (value) => (isObject(value) ? value : undefined))
export const oneOf = (...names: readonly string[]): Field =>
  field(`one of ${names.join(', ')}`, (value) => names.includes(value as string), readText)

function decodedLength(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined
  try {
    return decodeBase64(value).length
  } catch {
    return undefined // no base64 has no length; the caller refuses it as of another shape
  }
}

/** Standard padded base64 of `length` bytes. */
export const base64 = (length: number): Field => field(`base64 of ${length} bytes`, (value) => decodedLength(value) === length, readText)

/** Base64 of a v6 envelope, which is at least 33 bytes. */
export const envelope = field(
  'base64 of an envelope',
  (value) => typeof value === 'string' && value.length >= 44 && /^AAYBAA[wxyz][A-Za-z0-9+/]+={0,2}$/.test(value) && value.length % 4 === 0,
  readText,
)

/** A list whose items have these fields; items that lack a required one are passed over when read. */
export function listOf(fields: Fields): Field {
  const entries = Object.entries(fields)
  const read = (item: unknown) => {
    if (!isObject(item)) return []
    const known = readFields(fields, item)
    return entries.every(([name, { presence }]) => presence === 'optional' || known[name] !== undefined) ? [known] : []
  }
  return field(
    'a list of objects of that shape',
    (value) => Array.isArray(value) && value.every((item) => isObject(item) && whatIsInexact(fields, item) === undefined),
    (value) => (Array.isArray(value) ? value.flatMap(read) : []),
  )
}

const KINDS = ['s', 'b', 'u'] as const

/** Wrapped keys (turtl §4.5): two members each, `k` and one of `s`, `b`, `u`. Others are passed over when read. */
export const wrappedKeys = field(
  'a list of wrapped keys',
  (value) =>
    Array.isArray(value) &&
    value.every(
      (entry) =>
        isObject(entry) && Object.keys(entry).length === 2 && base64(65).isExact(entry.k) && KINDS.some((kind) => id.isExact(entry[kind])),
    ),
  (value) =>
    (Array.isArray(value) ? value : []).flatMap((entry: unknown) => {
      const kind = isObject(entry) ? KINDS.find((name) => readText(entry[name]) !== undefined) : undefined
      return kind && isObject(entry) && typeof entry.k === 'string' ? [{ [kind]: readText(entry[kind]), k: entry.k }] : []
    }),
)
export const noKeys = field(
  'an empty list',
  (value) => Array.isArray(value) && value.length === 0,
  () => [],
)

/** Known fields as `read` gives them, unknown ones as they are. Null and absent are the same for all but nullable ids. */
export function readFields(fields: Fields, from: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const members: [string, unknown][] = Object.entries(from).filter(([name]) => !Object.hasOwn(fields, name))
  for (const [name, { read }] of Object.entries(fields)) {
    const value = read(from[name])
    if (value !== undefined) members.push([name, value])
  }
  return Object.fromEntries(members)
}

export interface Inexactness {
  readonly name: string
  readonly expected: string
  readonly got: string
}

/** The first field that the original core would not take, or `undefined`. */
export function whatIsInexact(fields: Fields, value: Readonly<Record<string, unknown>>): Inexactness | undefined {
  for (const [name, { expected, presence, isExact }] of Object.entries(fields)) {
    const member = value[name]
    if (member === undefined && presence === 'optional') continue
    if (!isExact(member)) return { name, expected, got: describe(member) }
  }
  return undefined
}

/** The kind of a value, never the value. */
function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  return Array.isArray(value) ? `a list of ${value.length}` : `a ${typeof value} of another kind`
}
