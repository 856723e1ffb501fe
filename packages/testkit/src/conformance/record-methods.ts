import type { Engine } from '@holdfast/crypto'

/** An engine that remembers which of its methods were called: so that a suite can show that it leaves none out. */
export interface RecordedEngine {
  readonly engine: Engine
  /** As `aead.chacha20poly1305.seal`. */
  readonly methods: readonly string[]
  notCalled(): readonly string[]
}

/** Wraps what `engine` offers; handles and buffers it gives out stay as they are. */
export function recordMethods(engine: Engine): RecordedEngine {
  const called = new Set<string>()
  const methods: string[] = []
  const wrap = (part: object, prefix: string): object =>
    Object.fromEntries(
      Object.entries(part).map(([name, member]: [string, unknown]) => {
        const path = `${prefix}${name}`
        if (typeof member === 'object' && member !== null) return [name, wrap(member, `${path}.`)]
        if (typeof member !== 'function' || path === 'random') return [name, member]
        methods.push(path)
        const recorded = (...args: unknown[]): unknown => {
          called.add(path)
          return Reflect.apply(member, part, args)
        }
        return [name, recorded]
      }),
    )
  const wrapped = wrap(engine, '') as Engine // the same members, each called on what it came from
  return { engine: wrapped, methods, notCalled: () => methods.filter((path) => !called.has(path)) }
}
