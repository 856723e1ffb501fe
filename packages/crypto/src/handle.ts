/** What the handles and buffers of both engines share: they redact themselves, and are wiped when disposed of. */
import { HoldfastError } from '@holdfast/base'
import type { Handle } from './engine'

const INSPECT = Symbol.for('nodejs.util.inspect.custom')

export abstract class Redacted {
  abstract readonly kind: string
  abstract free(): void

  [Symbol.dispose](): void {
    this.free()
  }

  toString(): string {
    return `[${this.kind}]`
  }

  toJSON(): string {
    return this.toString()
  }

  [INSPECT](): string {
    return this.toString()
  }
}

export abstract class RedactedHandle<Kind extends string> extends Redacted implements Handle<Kind> {
  readonly kind: Kind

  constructor(kind: Kind) {
    super()
    this.kind = kind
  }
}

export function freed(code: 'key_freed' | 'buffer_freed', kind: string): HoldfastError {
  return new HoldfastError(code, `already freed: a ${kind} was used after free(); load it again`, { remedy: 'fix-call' })
}

export function stale(kind: string): HoldfastError {
  return new HoldfastError('handle_stale', `lost: the ${kind} was inside an instance of the core that trapped; load it again`, {
    remedy: 'fix-call',
  })
}
