/**
 * JSON bodies, read as the original's deserialiser reads them (backup-service-api Appendix C): in one pass along the
 * schema, so the first mistake met decides the answer.
 *
 *   members that the schema does not name are only scanned: lone surrogates, `1e999` and any nesting pass there
 *   a record may come as an array of its members in order; a duplicate of a named member is a mistake of shape
 *   a tagged union is held whole before it is looked at, unnamed members included
 *   nesting of 128 and more, lone surrogates and numbers beyond a double are mistakes of syntax where a value is read
 */
import { z } from 'zod'

/** `syntax`: not JSON, answered 400. `shape`: JSON of another type, answered 422. */
export class JsonMistake extends Error {
  readonly kind: 'syntax' | 'shape'

  constructor(kind: 'syntax' | 'shape') {
    super(`JSON body: mistake of ${kind}`)
    this.kind = kind
  }
}

const syntax = () => new JsonMistake('syntax')
const shape = () => new JsonMistake('shape')

/** @throws {JsonMistake} */
export function decodeJsonBody<Schema extends z.ZodType>(bytes: Uint8Array, schema: Schema): z.infer<Schema> {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw syntax() // not UTF-8
  }
  const source = new Source(text)
  const value = readValue(source, schema, DEPTH)
  source.skipSpace()
  if (!source.isAtEnd()) throw syntax()
  return value as z.infer<Schema>
}

const DEPTH = 128
const SPACE = /[ \t\n\r]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const QUOTE = 34
const BACKSLASH = 92
const FIRST_PLAIN = 32
const LITERAL = /true|false|null/y
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

class Source {
  #at = 0
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  isAtEnd(): boolean {
    return this.#at === this.#text.length
  }

  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  skipSpace(): void {
    this.match(SPACE)
  }

  /** The next character that is no space; '' at the end. */
  peek(): string {
    this.skipSpace()
    return this.#text.charAt(this.#at)
  }

  take(character: string): boolean {
    if (this.peek() !== character) return false
    this.#at++
    return true
  }

  expect(character: string): void {
    if (!this.take(character)) throw syntax()
  }

  string(): string {
    const value = JSON.parse(this.scanString()) as string
    if (LONE_SURROGATE.test(value)) throw syntax()
    return value
  }

  /** Character by character: strings may be megabytes long. @returns the string as it is written. */
  scanString(): string {
    this.expect('"')
    const start = this.#at
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code === QUOTE) break
      if (code === BACKSLASH) {
        if (this.match(ESCAPE) === undefined) throw syntax()
      } else if (code >= FIRST_PLAIN) this.#at++
      else throw syntax() // a control character, or NaN: the end
    }
    return `"${this.#text.slice(start, this.#at++)}"`
  }
}

/** A value read without a schema. Members keep duplicates visible: they are judged when a record is made of them. */
type Held =
  | { readonly kind: 'scalar'; readonly value: string | number | boolean | null }
  | { readonly kind: 'array'; readonly items: readonly Held[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Held])[] }

function hold(source: Source, depth: number): Held {
  const next = source.peek()
  if (next === '"') return { kind: 'scalar', value: source.string() }
  if (next === '[') {
    const items: Held[] = []
    for (const _ of elements(source, depth)) items.push(hold(source, depth - 1))
    return { kind: 'array', items }
  }
  if (next === '{') {
    const members: [string, Held][] = []
    for (const key of keys(source, depth)) members.push([key, hold(source, depth - 1)])
    return { kind: 'object', members }
  }
  const literal = source.match(LITERAL)
  if (literal !== undefined) return { kind: 'scalar', value: JSON.parse(literal) as boolean | null }
  const number = Number(source.match(NUMBER) ?? Number.NaN)
  if (!Number.isFinite(number)) throw syntax()
  return { kind: 'scalar', value: number }
}

/** Steps through an array: the caller reads one element per turn. */
function* elements(source: Source, depth: number): Generator<void> {
  source.expect('[')
  if (depth <= 1) throw syntax()
  if (source.take(']')) return
  do yield
  while (source.take(','))
  source.expect(']')
}

/** Steps through an object: the caller reads the value of each key. */
function* keys(source: Source, depth: number): Generator<string> {
  source.expect('{')
  if (depth <= 1) throw syntax()
  if (source.take('}')) return
  do {
    const key = source.string()
    source.expect(':')
    yield key
  } while (source.take(','))
  source.expect('}')
}

/** Scans a value that nobody reads. Any depth: without recursion. */
function skipValue(source: Source): void {
  const open: string[] = []
  do {
    const next = source.peek()
    const closing = next === '{' ? '}' : next === '[' ? ']' : undefined
    if (closing !== undefined) {
      source.expect(next)
      if (!source.take(closing)) {
        open.push(closing)
        if (closing === '}') skipKey(source)
        continue
      }
    } else if (next === '"') source.scanString()
    else if ((source.match(LITERAL) ?? source.match(NUMBER)) === undefined) throw syntax()
    while (open.length > 0 && !source.take(',')) source.expect(open.pop() ?? '')
    if (open.at(-1) === '}') skipKey(source)
  } while (open.length > 0)
}

function skipKey(source: Source): void {
  source.scanString()
  source.expect(':')
}

/** What a schema is, where this reader cares. */
type Kind =
  | { readonly kind: 'record'; readonly shape: Readonly<Record<string, z.ZodType>> }
  | { readonly kind: 'union' | 'leaf' | 'any' }
  | { readonly kind: 'nullable'; readonly inner: z.ZodType }

function kindOf(schema: z.ZodType): Kind {
  if (schema instanceof z.ZodObject) return { kind: 'record', shape: schema.shape as Record<string, z.ZodType> }
  if (schema instanceof z.ZodDiscriminatedUnion) return { kind: 'union' }
  if (schema instanceof z.ZodRecord) return { kind: 'any' }
  if (schema instanceof z.ZodOptional && schema.unwrap() instanceof z.ZodNullable)
    return { kind: 'nullable', inner: (schema.unwrap() as z.ZodNullable<z.ZodType>).unwrap() }
  if (schema instanceof z.ZodPipe && schema.in instanceof z.ZodOptional) return kindOf(schema.in as z.ZodType)
  return { kind: 'leaf' }
}

function readValue(source: Source, schema: z.ZodType, depth: number): unknown {
  const kind = kindOf(schema)
  switch (kind.kind) {
    case 'record':
      return readRecord(source, kind.shape, depth)
    case 'nullable':
      return source.peek() === 'n' && source.match(LITERAL) === 'null' ? undefined : readValue(source, kind.inner, depth)
    case 'union':
    case 'any':
      return check(schema, plain(hold(source, depth), schema))
    case 'leaf': {
      const next = source.peek()
      // Something else than the text or tag it has to be: found before its inside is read.
      if (next === '{' || next === '[') throw shape()
      return check(schema, plain(hold(source, depth), schema))
    }
  }
}

function readRecord(source: Source, members: Readonly<Record<string, z.ZodType>>, depth: number): unknown {
  const names = Object.keys(members)
  const found = new Map<string, unknown>()
  const next = source.peek()
  if (next === '[') {
    // Items beyond the last member are trailing characters to the original: a mistake of syntax.
    for (const _ of elements(source, depth)) {
      const name = names[found.size]
      const schema = name === undefined ? undefined : members[name]
      if (name === undefined || !schema) throw syntax()
      found.set(name, readValue(source, schema, depth - 1))
    }
    if (found.size < names.length) throw shape()
  } else if (next === '{') {
    for (const key of keys(source, depth)) {
      const schema = Object.hasOwn(members, key) ? members[key] : undefined
      if (!schema) skipValue(source)
      else if (found.has(key)) throw shape()
      else found.set(key, readValue(source, schema, depth - 1))
    }
  } else {
    hold(source, depth)
    throw shape()
  }
  for (const name of names) if (!found.has(name) && !members[name]?.safeParse(undefined).success) throw shape()
  return Object.fromEntries(found)
}

function check(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw shape()
  return parsed.data
}

/** A held value as plain data; records of a tagged union may come as arrays, and take no duplicate of a named member. */
function plain(held: Held, schema?: z.ZodType): unknown {
  if (schema instanceof z.ZodDiscriminatedUnion) return plainVariant(held, schema)
  const kind = schema && kindOf(schema)
  if (kind?.kind === 'nullable') return held.kind === 'scalar' && held.value === null ? undefined : plain(held, kind.inner)
  switch (held.kind) {
    case 'scalar':
      return held.value
    case 'array':
      return held.items.map((item) => plain(item))
    case 'object':
      return Object.fromEntries(held.members.map(([key, value]) => [key, plain(value)]))
  }
}

function plainVariant(held: Held, union: z.ZodDiscriminatedUnion): unknown {
  if (held.kind === 'scalar') throw shape()
  const tag = union.def.discriminator
  const [first, ...rest] = held.kind === 'array' ? held.items : []
  const tagged = held.kind === 'array' ? (first ? [first] : []) : held.members.filter(([key]) => key === tag).map(([, value]) => value)
  const name = tagged[0]?.kind === 'scalar' ? tagged[0].value : undefined
  const variant = (union.options as unknown as z.ZodObject[]).find((option) => option.shape[tag]?.safeParse(name).success)
  if (tagged.length !== 1 || !variant) throw shape()
  const members = Object.entries(variant.shape as Record<string, z.ZodType>).filter(([key]) => key !== tag)
  const named =
    held.kind === 'array'
      ? rest.map((value, i) => [members[i]?.[0], value] as const)
      : held.members.filter(([key]) => members.some(([member]) => member === key))
  if (new Set(named.map(([key]) => key)).size !== named.length || named.length > members.length) throw shape()
  return Object.fromEntries([
    [tag, name],
    ...named.map(([key, value]) => [key, plain(value, variant.shape[key ?? ''] as z.ZodType)] as const),
  ])
}
