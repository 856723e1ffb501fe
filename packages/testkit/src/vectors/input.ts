import { concatBytes, decodeHex, encodeHex } from '@holdfast/base'
import { sha256 } from '@noble/hashes/sha2.js'

export type LoadFile = (name: string) => Promise<Uint8Array>

/** The `in` object of a case, read by the type each operation wants. A case of another shape is a mistake in the vectors. */
export class Input {
  readonly #members: Readonly<Record<string, unknown>>
  readonly #loadFile: LoadFile

  constructor(members: Readonly<Record<string, unknown>>, loadFile: LoadFile) {
    this.#members = members
    this.#loadFile = loadFile
  }

  has(name: string): boolean {
    return this.#members[name] !== undefined && this.#members[name] !== null
  }

  text(name: string): string {
    const value = this.#members[name]
    if (typeof value !== 'string') throw new TypeError(`vector input ${name} is not text`)
    return value
  }

  number(name: string): number {
    const value = this.#members[name]
    if (typeof value !== 'number') throw new TypeError(`vector input ${name} is not a number`)
    return value
  }

  object<Shape>(name: string): Shape {
    return this.#members[name] as Shape
  }

  /** Hex, a repeated piece of hex, or a file beside the vectors. */
  async bytes(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const value = this.#members[name]
    if (typeof value === 'string') return decodeHex(value, name)
    const large = value as { repeat?: string; times?: number; file?: string } | undefined
    if (typeof large?.repeat === 'string') return decodeHex(large.repeat.repeat(large.times ?? 0), name)
    if (typeof large?.file === 'string') return new Uint8Array(await this.#loadFile(large.file))
    throw new TypeError(`vector input ${name} is not bytes`)
  }

  /** Absent means empty. */
  async optionalBytes(name: string): Promise<Uint8Array<ArrayBuffer>> {
    return this.has(name) ? this.bytes(name) : concatBytes()
  }
}

/** Whether `got` is what the case expects; bytes are compared as hex, large ones by length and SHA-256. */
export function matches(expected: unknown, got: unknown, subset: boolean): boolean {
  if (got instanceof Uint8Array) {
    if (typeof expected === 'string') return encodeHex(got) === expected
    const large = expected as { sha256?: string; length?: number } | null
    return large?.length === got.length && large.sha256 === encodeHex(sha256(got))
  }
  if (Array.isArray(expected))
    return Array.isArray(got) && expected.length === got.length && expected.every((item, i) => matches(item, got[i], subset))
  if (typeof expected === 'object' && expected !== null) {
    if (typeof got !== 'object' || got === null || Array.isArray(got)) return false
    const members = got as Record<string, unknown>
    if (!subset && Object.keys(members).some((name) => members[name] !== undefined && !(name in expected))) return false
    return Object.entries(expected).every(([name, value]) => matches(value, members[name], subset))
  }
  return Object.is(expected, got)
}
