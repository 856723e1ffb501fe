/** How the arguments of a job change hands: after {@link takeInputs} every array is the pool's own. */
import { ArgumentError } from '@holdfast/base'
import { Redacted } from '../handle'

/**
 * Copies the arguments of a job, and takes those of argument `bulk` away from the caller: their arrays are detached.
 *
 * @param bulk which argument is given up; `undefined`: none.
 * @throws {ArgumentError} `invalid_argument`: a handle, a function, or an array that was given up before.
 */
export function takeInputs(args: readonly unknown[], bulk: number | undefined): unknown[] {
  const given = new Set<ArrayBuffer>()
  try {
    const taken = args.map((value, index) => (index === bulk ? take(value, giveUp) : take(value, copy)))
    // One call for all: an array that stands twice among the arguments is given up once, and stays one array.
    return structuredClone(taken, { transfer: [...given] })
  } catch (cause) {
    if (cause instanceof ArgumentError) throw cause
    throw new ArgumentError(
      { what: 'an input of the pool', expected: "arrays not given up before, that may be given up, or `inputs: 'copy'`", got: 'another' },
      { cause },
    )
  }

  function giveUp(bytes: Uint8Array): Uint8Array {
    const { buffer } = bytes
    const whole = buffer instanceof ArrayBuffer && bytes.length > 0 && bytes.length === buffer.byteLength
    if (!whole) return copy(bytes)
    given.add(buffer)
    return bytes
  }

  function copy(bytes: Uint8Array): Uint8Array {
    // Not `bytes.slice()`: that of a Node `Buffer` is a view.
    const own = Uint8Array.prototype.slice.call(bytes)
    given.add(own.buffer)
    return own
  }
}

function take(value: unknown, bytes: (bytes: Uint8Array) => Uint8Array): unknown {
  if (value instanceof Uint8Array) return bytes(value)
  if (value instanceof Uint32Array) return value.slice()
  if (value instanceof Redacted)
    throw new ArgumentError({ what: value.kind, expected: 'bytes: a handle stays in its engine', got: 'a handle' })
  if (Array.isArray(value)) return value.map((item) => take(item, bytes))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, take(item, bytes)]))
}

/** Every buffer under `value`, once. */
export function buffersOf(value: unknown, found = new Set<ArrayBuffer>()): Set<ArrayBuffer> {
  if (ArrayBuffer.isView(value)) found.add(value.buffer as ArrayBuffer)
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) buffersOf(item, found)
  return found
}

/** Zeroes every buffer under `value`. */
export function wipeAll(value: unknown): void {
  for (const buffer of buffersOf(value)) new Uint8Array(buffer).fill(0)
}
