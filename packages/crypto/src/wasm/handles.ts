/** Key material and buffers inside linear memory. */
import { ArgumentError, type Bytes } from '@holdfast/base'
import { checkLength, checkLimit, checkRange } from '../checks'
import type { Buffer, Handle, Key, Recipient, RecipientHandle } from '../engine'
import { freed, Redacted, RedactedHandle, stale } from '../handle'
import { refuse } from '../refusal'
import { type Core, SLOT } from './core'

/** `length` bytes of linear memory, of one instance. */
class Allocation {
  readonly #core: Core
  readonly #epoch: number
  readonly #at: number
  readonly length: number
  #freed = false

  constructor(core: Core, length: number) {
    this.#core = core
    this.length = length
    this.#at = core.guard(() => core.allocate(length))
    this.#epoch = core.epoch
  }

  /** @throws `invalid_argument`, `key_freed` or `buffer_freed`, `handle_stale`. */
  at(core: Core, kind: string, whenFreed: 'key_freed' | 'buffer_freed'): number {
    if (core !== this.#core) throw new ArgumentError({ what: kind, expected: 'one of this engine', got: 'one of another' })
    if (this.#freed) throw freed(whenFreed, kind)
    if (this.#epoch !== core.epoch) throw stale(kind)
    return this.#at
  }

  free(): void {
    const alive = !this.#freed && this.#epoch === this.#core.epoch
    this.#freed = true
    if (alive) this.#core.guard(() => this.#core.call.release(this.#at, this.length))
  }
}

export class CoreHandle<Kind extends string> extends RedactedHandle<Kind> {
  readonly #memory: Allocation

  /** @param parts copied, one after another. */
  constructor(core: Core, kind: Kind, ...parts: readonly Uint8Array[]) {
    super(kind)
    this.#memory = new Allocation(core, 32 * parts.length)
    let at = this.at(core)
    for (const part of parts) {
      core.put(at, part)
      at += part.length
    }
  }

  at(core: Core): number {
    return this.#memory.at(core, this.kind, 'key_freed')
  }

  free(): void {
    this.#memory.free()
  }
}

/** From this many boxes on, building the table costs less than it saves (performance: a table is worth about 27 boxes). */
export const TABLE_PAYS = 27

export class CoreRecipient extends CoreHandle<'recipient'> implements RecipientHandle {
  readonly #core: Core
  #table = 0
  #boxes = 0

  constructor(core: Core, publicKey: Uint8Array) {
    super(core, 'recipient', publicKey)
    this.#core = core
  }

  prepare(): void {
    const publicKey = this.at(this.#core)
    if (this.#table === 0) this.#table = makeTable(this.#core, publicKey)
  }

  /** The table's address, or 0 while it would not pay. `boxes` more are asked for. */
  tableFor(boxes: number): number {
    this.#boxes += boxes
    if (this.#boxes >= TABLE_PAYS) this.prepare()
    return this.#table
  }

  override free(): void {
    const table = this.#table
    this.#table = 0
    if (table !== 0 && this.isAlive()) this.#core.guard(() => this.#core.call.recipient_release(table))
    super.free()
  }

  private isAlive(): boolean {
    try {
      return this.at(this.#core) > 0
    } catch {
      return false // freed, or gone with its instance
    }
  }
}

/** @throws `weak_public_key`. */
export function makeTable(core: Core, publicKey: number): number {
  const table = core.guard(() => core.call.recipient_table(publicKey))
  core.settle(0, 'the public key')
  if (table === 0) throw refuse('weak_public_key', 'the public key')
  return table
}

export class CoreBuffer extends Redacted implements Buffer {
  readonly kind = 'buffer'
  readonly length: number
  readonly #core: Core
  readonly #memory: Allocation
  #view: Bytes

  constructor(core: Core, length: number) {
    super()
    checkRange('buffer length', length, 1, Number.MAX_SAFE_INTEGER)
    checkLimit(length)
    this.length = length
    this.#core = core
    this.#memory = new Allocation(core, length)
    this.#view = new Uint8Array(0)
  }

  get bytes(): Bytes {
    const at = this.at(this.#core)
    if (this.#view.length === 0) this.#view = this.#core.bytes.subarray(at, at + this.length)
    return this.#view
  }

  at(core: Core): number {
    return this.#memory.at(core, this.kind, 'buffer_freed')
  }

  free(): void {
    this.#memory.free()
  }
}

/** The address of a key's 32 bytes: where its handle keeps them, or the slot into which they are copied. */
export function keyAt(core: Core, key: Key): number {
  if (key instanceof CoreHandle) return key.at(core)
  checkLength('key', key as Uint8Array, 32)
  const at = core.slots + SLOT.key
  core.put(at, key as Uint8Array)
  return at
}

/** Checks before anything is copied. @throws `invalid_argument`, `key_freed`, `handle_stale`. */
export function checkKey(core: Core, key: Key | Recipient): void {
  if (key instanceof CoreHandle) checkKind(core, key, 'aead key')
  else checkLength('key', key as Uint8Array, 32)
}

export function checkKind(core: Core, handle: Handle<string>, kind: string): void {
  if (!(handle instanceof CoreHandle) || handle.kind !== kind)
    throw new ArgumentError({ what: kind, expected: `32 bytes or a ${kind} of this engine`, got: 'something else' })
  handle.at(core)
}
