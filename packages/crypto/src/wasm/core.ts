/**
 * The core's running instance: its linear memory, what lies where in it, and the next instance when this one dies.
 *
 *   slots   256 bytes for the keys and nonces of one call; the core zeroes them before it returns
 *   area    where messages are worked on; grows on demand, and is given back when one call needed much
 *   others  key handles, buffers and recipient tables, each its own allocation
 *
 * Nothing is allocated per call but the result. A call leaves ciphertext and public data in the area at most: what reads
 * or makes plaintext or keys there ends with `wipe`.
 */
import { ArgumentError, type Bytes, HoldfastError } from '@holdfast/base'
import { checkLimit } from '../checks'
import type { Batch, CryptoErrorCode } from '../engine'
import { refuse } from '../refusal'
import type { CoreExports } from './exports'

/** Below this a loop is faster than a call of the platform's copy (Node 20: 12 bytes 39 against 49 ns, 32 bytes 145 against 50). */
const SHORT = 16
const FIRST_AREA = 64 << 10
/** An area that one call made larger than this is given back by the next. */
const KEPT_AREA = 4 << 20

export const SLOT = { key: 0, secretKey: 32, ephemeral: 64, nonce: 96, context: 128, id: 144, out: 160 } as const

export class Core {
  readonly #module: WebAssembly.Module
  readonly #codes: (CryptoErrorCode | undefined)[] = []
  call!: CoreExports
  /** All of linear memory; a new view after each growth. */
  bytes!: Uint8Array<ArrayBuffer>
  slots = 0
  area = 0
  capacity = 0
  /** Counts instances: what was made under another number is lost. */
  epoch = 0

  /** @throws {HoldfastError} `backend_unavailable`, `core_damaged`. */
  constructor(module: WebAssembly.Module) {
    this.#module = module
    this.#start()
  }

  #start(): void {
    let instance: WebAssembly.Instance
    try {
      instance = new WebAssembly.Instance(this.#module)
    } catch (cause) {
      throw new HoldfastError(
        'backend_unavailable',
        'the wasm backend cannot start: the core could not be instantiated; use the sodium backend, or another core.wasm',
        { remedy: 'change-environment', cause },
      )
    }
    if (typeof instance.exports.aead_seal !== 'function' || !(instance.exports.memory instanceof WebAssembly.Memory)) {
      throw new HoldfastError('core_damaged', 'the wasm backend cannot start: this is WASM, but not the core; pass core.wasm itself', {
        remedy: 'change-environment',
      })
    }
    this.call = instance.exports as unknown as CoreExports
    this.epoch++
    this.slots = this.call.slots()
    this.capacity = FIRST_AREA
    this.area = this.call.allocate(FIRST_AREA)
    this.renew()
  }

  /** Looks at linear memory anew: it may have grown. */
  renew(): void {
    this.bytes = new Uint8Array(this.call.memory.buffer as ArrayBuffer)
  }

  /** Whether the area is right for `length` bytes as it is. */
  fits(length: number): boolean {
    return length <= this.capacity && this.capacity <= KEPT_AREA
  }

  /**
   * Makes the area hold `length` bytes.
   *
   * @param inputs what the caller is about to read: views of engine memory would be detached when it grows.
   * @returns its address, a multiple of 16.
   */
  reserve(length: number, ...inputs: readonly Uint8Array[]): number {
    if (!this.fits(length)) this.#resize(length, inputs)
    return this.area
  }

  #resize(length: number, inputs: readonly Uint8Array[]): void {
    checkLimit(length)
    const wanted = Math.max(FIRST_AREA, Math.ceil(length / FIRST_AREA) * FIRST_AREA)
    if (wanted === this.capacity) return
    if (inputs.some((input) => input.buffer === this.bytes.buffer)) {
      throw new ArgumentError({
        what: 'the input',
        expected: 'bytes outside of the engine, for a message this long',
        got: 'a view of a buffer',
      })
    }
    if (this.capacity > 0) this.guard(() => this.call.release(this.area, this.capacity))
    this.capacity = 0
    this.area = this.allocate(wanted)
    this.capacity = wanted
  }

  /** @throws {HoldfastError} `limit_exceeded`: the platform has no more memory for us. */
  allocate(length: number): number {
    const at = this.guard(() => this.call.allocate(length))
    if (this.bytes.length === 0) this.renew()
    if (at === 0) {
      throw new HoldfastError('limit_exceeded', `limit exceeded: no memory for ${length} bytes here; split the message`, {
        remedy: 'fix-call',
      })
    }
    return at
  }

  /** @returns how many bytes were copied. */
  put(at: number, source: Uint8Array): number {
    const length = source.length
    const { bytes } = this
    if (length >= SHORT) bytes.set(source, at)
    else for (let i = 0; i < length; i++) bytes[at + i] = source[i] as number
    return length
  }

  /** @returns a copy. */
  take(at: number, length: number): Bytes {
    return this.bytes.slice(at, at + length)
  }

  /** @returns a copy of the messages that lie from `at` on, each up to its end. */
  takeBatch(at: number, ends: Uint32Array): Batch {
    const offsets = new Uint32Array(ends.length + 1)
    offsets.set(ends, 1)
    return { bytes: this.take(at, offsets[ends.length] as number), offsets }
  }

  copyTo(out: Uint8Array, at: number, length: number): void {
    const { bytes } = this
    if (length >= SHORT) out.set(new Uint8Array(bytes.buffer, at, length))
    else for (let i = 0; i < length; i++) out[i] = bytes[at + i] as number
  }

  /** @returns a copy of the core's last answer, which is then forgotten. */
  takeResult(): Bytes {
    if (this.bytes.length === 0) this.renew()
    return this.guard(() => {
      const result = this.take(this.call.result(), this.call.result_length())
      this.call.forget_result()
      return result
    })
  }

  wipe(at: number, length: number): void {
    this.call.wipe(at, length)
  }

  /** The word for a refusal's number, which the core is asked for once. */
  code(number: number): CryptoErrorCode {
    let code = this.#codes[number]
    if (code === undefined) {
      this.call.error_code(number)
      code = new TextDecoder().decode(this.takeResult()) as CryptoErrorCode
      this.#codes[number] = code
    }
    return code
  }

  /** Turns a refusal's number into its error, and growth during the call into a new view. */
  settle(number: number, what: string): void {
    if (this.bytes.length === 0) this.renew()
    if (number !== 0) throw refuse(this.code(number), what)
  }

  /**
   * What a call of the core threw: since the core imports nothing, a trap, or an exhausted stack. Whatever the instance
   * was doing is lost; it is wiped and replaced.
   *
   * @returns `core_poisoned`.
   */
  poisoned(cause: unknown): HoldfastError {
    if (cause instanceof HoldfastError) return cause
    new Uint8Array(this.call.memory.buffer).fill(0)
    this.#start()
    return new HoldfastError(
      'core_poisoned',
      'the core trapped: this call has no result, and handles and buffers made before are lost; a fresh instance has taken over, call again',
      { retry: { safe: true }, remedy: 'retry', cause },
    )
  }

  /** Runs what calls the core, judges what it throws, and sees to it that `bytes` is linear memory as it is now. */
  guard<Result>(run: () => Result): Result {
    try {
      return run()
    } catch (cause) {
      throw this.poisoned(cause)
    } finally {
      if (this.bytes.length === 0) this.renew()
    }
  }
}
