/**
 * A JSON reader for formats whose reference is stricter, and here and there looser, than `JSON.parse`
 * (world-backup-client §4.2, §5.1, §17): members keep their order and duplicates stay visible, numbers keep their text,
 * and strings say whether they hold a lone surrogate.
 */
import { StructureError } from '@holdfast/base'
import { readDouble } from './json-number'

export type Json =
  | { readonly kind: 'object'; readonly members: readonly JsonMember[] }
  | { readonly kind: 'array'; readonly items: readonly Json[] }
  | { readonly kind: 'string'; readonly text: string; readonly wellFormed: boolean }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'literal'; readonly value: true | false | null }

export interface JsonMember {
  readonly key: Extract<Json, { kind: 'string' }>
  readonly value: Json
}

/** Deeper than any text the reference takes, and far from the end of the stack. */
const MAX_DEPTH = 4000
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const SPACE = /[ \t\n\r]*/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings may hold anything but control characters.
const PLAIN = /[^"\\\u0000-\u001f]*/y
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/** @throws {StructureError} `invalid_json`. */
export function parseJson(text: string, what: string): Json {
  return new Parser(text, what).document()
}

class Parser {
  #at = 0
  readonly #text: string
  readonly #what: string

  constructor(text: string, what: string) {
    this.#text = text
    this.#what = what
  }

  document(): Json {
    this.#match(SPACE)
    const value = this.#value(0)
    this.#match(SPACE)
    if (this.#at !== this.#text.length) throw this.#refused()
    return value
  }

  #refused(): StructureError<'invalid_json'> {
    return new StructureError('invalid_json', { what: this.#what, expected: 'well-formed JSON', got: `a mistake at character ${this.#at}` })
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0] ?? ''
    this.#at += found.length
    return found
  }

  #take(expected: string): boolean {
    if (!this.#text.startsWith(expected, this.#at)) return false
    this.#at += expected.length
    return true
  }

  #value(depth: number): Json {
    if (depth > MAX_DEPTH) throw this.#refused()
    if (this.#take('{')) return this.#object(depth)
    if (this.#take('[')) return this.#array(depth)
    if (this.#take('"')) return this.#string()
    for (const value of [true, false, null] as const) if (this.#take(String(value))) return { kind: 'literal', value }
    const number = this.#match(NUMBER)
    if (number === '') throw this.#refused()
    return { kind: 'number', text: number }
  }

  #object(depth: number): Json {
    const members: JsonMember[] = []
    this.#match(SPACE)
    if (this.#take('}')) return { kind: 'object', members }
    do {
      this.#match(SPACE)
      if (!this.#take('"')) throw this.#refused()
      const key = this.#string()
      this.#match(SPACE)
      if (!this.#take(':')) throw this.#refused()
      this.#match(SPACE)
      members.push({ key, value: this.#value(depth + 1) })
      this.#match(SPACE)
    } while (this.#take(','))
    if (!this.#take('}')) throw this.#refused()
    return { kind: 'object', members }
  }

  #array(depth: number): Json {
    const items: Json[] = []
    this.#match(SPACE)
    if (this.#take(']')) return { kind: 'array', items }
    do {
      this.#match(SPACE)
      items.push(this.#value(depth + 1))
      this.#match(SPACE)
    } while (this.#take(','))
    if (!this.#take(']')) throw this.#refused()
    return { kind: 'array', items }
  }

  #string(): Extract<Json, { kind: 'string' }> {
    const parts: string[] = []
    for (;;) {
      parts.push(this.#match(PLAIN))
      if (this.#take('"')) break
      if (!this.#take('\\')) throw this.#refused()
      parts.push(this.#escape())
    }
    const text = parts.join('')
    return { kind: 'string', text, wellFormed: !LONE_SURROGATE.test(text) }
  }

  #escape(): string {
    const letter = this.#text.charAt(this.#at++)
    if (letter !== 'u') {
      const escaped = ESCAPES[letter]
      if (escaped === undefined) throw this.#refused()
      return escaped
    }
    const digits = this.#text.slice(this.#at, this.#at + 4)
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.#refused()
    this.#at += 4
    return String.fromCharCode(Number.parseInt(digits, 16))
  }
}

/**
 * The named members of an object, or the items of an array of exactly as many: the two forms that the reference's
 * parser takes for a record. Unknown members are only scanned.
 *
 * @returns `undefined` for a duplicate or missing member, a malformed key, or anything that is no record.
 */
export function readRecord<Name extends string>(json: Json, names: readonly Name[]): Record<Name, Json> | undefined {
  const found = new Map<string, Json>()
  if (json.kind === 'array') {
    if (json.items.length !== names.length) return undefined
    names.forEach((name, i) => {
      const item = json.items[i]
      if (item) found.set(name, item)
    })
  } else if (json.kind === 'object') {
    for (const { key, value } of json.members) {
      if (!key.wellFormed) return undefined
      if (!(names as readonly string[]).includes(key.text)) continue
      if (found.has(key.text)) return undefined
      found.set(key.text, value)
    }
  }
  if (found.size !== names.length) return undefined
  return Object.fromEntries(found) as Record<Name, Json>
}

/** Text of a string without lone surrogates. */
export function readText(json: Json | undefined): string | undefined {
  return json?.kind === 'string' && json.wellFormed ? json.text : undefined
}

/** A unit variant: its name, or an object of that one name with the value null. */
export function readVariant(json: Json | undefined): string | undefined {
  if (json?.kind !== 'object') return readText(json)
  const [member, ...others] = json.members
  if (!member || others.length > 0 || member.value.kind !== 'literal' || member.value.value !== null) return undefined
  return readText(member.key)
}

/** As `readVariant`, in content that was parsed into memory first: there an empty object passes for null. */
export function readBufferedVariant(json: Json | undefined): string | undefined {
  const [member, ...others] = json?.kind === 'object' ? json.members : []
  const isEmpty = member?.value.kind === 'object' && member.value.members.length === 0
  return isEmpty && others.length === 0 ? readText(member.key) : readVariant(json)
}

/** The reference parses content that precedes its tag into memory first: no lone surrogate, no infinite number, at most 127 deep. */
export function isBufferable(json: Json, depth = 1): boolean {
  if (json.kind === 'string') return json.wellFormed
  if (json.kind === 'number') return readDouble(json.text) !== undefined
  if (json.kind === 'literal') return true
  if (depth > 126) return false
  const parts = json.kind === 'array' ? json.items : json.members.flatMap(({ key, value }) => [key, value])
  return parts.every((part) => isBufferable(part, depth + 1))
}

export interface Tagged {
  readonly version: string
  readonly content: Json
  /** The content precedes its tag. */
  readonly isBuffered: boolean
}

/** Adjacently tagged: `{"version": …, <content>: …}` in either order, or the two in an array, where the tag is text only. */
export function readTagged(json: Json, content: string): Tagged | undefined {
  const record = readRecord(json, ['version', content])
  const version = json.kind === 'array' ? readText(record?.version) : readVariant(record?.version)
  const value = record?.[content]
  if (version === undefined || value === undefined) return undefined
  const first = json.kind === 'object' ? json.members.find(({ key }) => key.text === 'version' || key.text === content) : undefined
  const isBuffered = first?.key.text === content
  return isBuffered && !isBufferable(value) ? undefined : { version, content: value, isBuffered }
}
