/**
 * An AEAD of the platform for long messages: native code beats the core's, but each of its calls costs more.
 *
 * It is loaded at the first long message, and used only if it gives the core's answers, refusals included; else the core
 * goes on alone, and `backendInfo()` says why. Keys behind handles never reach it: they stay inside the core.
 */
import type { Bytes } from '@holdfast/base'
import { checkOut, MAX_BYTES } from './checks'
import type { Aead, Key } from './engine'
import { refuse } from './refusal'

/**
 * From how many bytes on ChaCha20-Poly1305 is handed over. The core's time through that of `node:crypto` behind the same
 * calls, Node 20.20, x86-64, medians of 15 interleaved rounds of CPU time:
 *
 *   KiB        32    64    128   256   1024
 *   seal       1.06  1.47  1.53  1.99  2.10
 *   open       1.56  1.81  1.74  2.39  2.06
 *   sealInto   1.38  1.66  1.79  1.61  1.66
 *   openInto   1.32  1.59  2.02  2.04  2.15
 */
export const LONG = 64 << 10

/** ChaCha20-Poly1305 (RFC 8439) as the platform has it. Arguments are of the right kind and size. */
export interface NativeAead {
  /** Writes ciphertext and tag to the start of `out`, which overlaps no input. */
  sealInto(out: Uint8Array, key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): void
  /** @returns `undefined` for a message that does not open; nothing is left of its plaintext. */
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Bytes | undefined
}

/** What an entry knows of its platform. */
export interface NativeSource {
  readonly name: string
  /** @returns `undefined` where the platform has none. */
  readonly load: () => NativeAead | undefined
}

/**
 * `unused`: no long message yet. `active`: self-tested and used. `switched_off`: by `accelerate: false`. `missing`: the
 * platform has none, or it threw. `wrong_answer`: it disagreed with the core.
 */
export type AcceleratorState = 'unused' | 'active' | 'switched_off' | 'missing' | 'wrong_answer'

export interface AcceleratorInfo {
  readonly name: string
  readonly state: AcceleratorState
  /** What it threw when it was tried. */
  readonly cause: unknown
}

export class Accelerator {
  readonly #source: NativeSource
  #native: NativeAead | undefined
  #state: AcceleratorState
  #cause: unknown

  constructor(source: NativeSource, isOn: boolean) {
    this.#source = source
    this.#state = isOn ? 'unused' : 'switched_off'
  }

  get info(): AcceleratorInfo {
    return { name: this.#source.name, state: this.#state, cause: this.#cause }
  }

  /** The platform's AEAD, if it agrees with `core`. */
  get(core: Aead): NativeAead | undefined {
    if (this.#state === 'unused') this.#try(core)
    return this.#native
  }

  #try(core: Aead): void {
    try {
      const native = this.#source.load()
      this.#state = native === undefined ? 'missing' : agree(core, native) ? 'active' : 'wrong_answer'
      if (this.#state === 'active') this.#native = native
    } catch (cause) {
      this.#state = 'missing'
      this.#cause = cause
    }
  }
}

/** Whether both give the same answers: sealed, opened, and forged in text, tag and associated data. */
function agree(core: Aead, native: NativeAead): boolean {
  const bytes = (value: number, length: number) => new Uint8Array(length).fill(value)
  const [key, nonce, aad, plaintext] = [bytes(1, 32), bytes(2, 12), bytes(3, 13), bytes(4, 1000)]
  const sealed = core.seal(key, nonce, aad, plaintext)
  const out = new Uint8Array(sealed.length)
  native.sealInto(out, key, nonce, aad, plaintext)
  const forged = (at: number) => sealed.map((byte, i) => (i === at ? byte ^ 1 : byte))
  return (
    areEqual(out, sealed) &&
    areEqual(native.open(key, nonce, aad, sealed), plaintext) &&
    native.open(key, nonce, aad, forged(0)) === undefined &&
    native.open(key, nonce, aad, forged(sealed.length - 1)) === undefined &&
    native.open(key, nonce, bytes(5, 13), sealed) === undefined
  )
}

function areEqual(some: Uint8Array | undefined, other: Uint8Array): boolean {
  return some instanceof Uint8Array && some.length === other.length && some.every((byte, i) => byte === other[i])
}

/** `core`, with `seal`, `open` and their `…Into` handed to the platform where the messages are long. */
export function accelerate(core: Aead, accelerator: Accelerator): Aead {
  /** For a call that is long enough and right in every argument: the core refuses the others. */
  function nativeFor(key: Key, nonce: Uint8Array, aad: Uint8Array, message: Uint8Array): NativeAead | undefined {
    if (!(message instanceof Uint8Array) || message.length < LONG || !(key instanceof Uint8Array) || key.length !== 32) return undefined
    if (!(nonce instanceof Uint8Array) || nonce.length !== core.nonceLength || !(aad instanceof Uint8Array)) return undefined
    return message.length + aad.length + core.tagLength > MAX_BYTES ? undefined : accelerator.get(core)
  }

  function open(native: NativeAead, key: Key, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Bytes {
    const plaintext = native.open(key as Uint8Array, nonce, aad, ciphertext)
    if (!plaintext) throw refuse('auth_failed', 'the ciphertext')
    return plaintext
  }

  return {
    ...core,
    seal(key, nonce, aad, plaintext) {
      const native = nativeFor(key, nonce, aad, plaintext)
      if (!native) return core.seal(key, nonce, aad, plaintext)
      const sealed = new Uint8Array(plaintext.length + core.tagLength)
      native.sealInto(sealed, key as Uint8Array, nonce, aad, plaintext)
      return sealed
    },
    open(key, nonce, aad, ciphertext) {
      const native = nativeFor(key, nonce, aad, ciphertext)
      return native ? open(native, key, nonce, aad, ciphertext) : core.open(key, nonce, aad, ciphertext)
    },
    sealInto(out, key, nonce, aad, plaintext) {
      const native = nativeFor(key, nonce, aad, plaintext)
      if (!native || [key as Uint8Array, nonce, aad, plaintext].some((input) => input.buffer === out?.buffer))
        return core.sealInto(out, key, nonce, aad, plaintext)
      const length = plaintext.length + core.tagLength
      checkOut(out, length)
      native.sealInto(out, key as Uint8Array, nonce, aad, plaintext)
      return length
    },
    openInto(out, key, nonce, aad, ciphertext) {
      const native = nativeFor(key, nonce, aad, ciphertext)
      if (!native) return core.openInto(out, key, nonce, aad, ciphertext)
      checkOut(out, ciphertext.length - core.tagLength)
      const plaintext = open(native, key, nonce, aad, ciphertext)
      out.set(plaintext)
      plaintext.fill(0)
      return plaintext.length
    },
  }
}
