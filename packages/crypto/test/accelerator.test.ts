/** Long messages go to the platform's AEAD: the same answers, or not at all. */
import { afterEach, describe, expect, test } from 'vitest'
import { LONG, type NativeAead, type NativeSource } from '../src/accelerator'
import { initIn } from '../src/init'
import { nodeCrypto } from '../src/native-aead'
import { backendInfo, init } from '../src/node'
import { CORE, codeOf } from './engines'

const KEY = new Uint8Array(32).fill(1)
const NONCE = new Uint8Array(12).fill(2)
const AAD = new Uint8Array(5).fill(3)
const PIECE = 64 << 10
/** Whole arrays, which a matcher would compare item by item, slowly. */
const expectSame = (got: Uint8Array, expected: Uint8Array) => expect(Buffer.compare(got, expected)).toBe(0)
const text = (length: number) => Uint8Array.from({ length }, (_, i) => (i * i) >> 3)

const core = (await init({ backend: 'wasm', accelerate: false })).aead.chacha20poly1305
const native = nodeCrypto.load() as NativeAead

/** Calls that reach the platform. */
let reached = 0
const counting: NativeAead = {
  sealInto(...args) {
    reached++
    native.sealInto(...args)
  },
  open(...args) {
    reached++
    return native.open(...args)
  },
}
afterEach(() => {
  reached = 0
})

const sourceOf = (load: NativeSource['load']): NativeSource => ({ name: 'under test', load })
const start = (source: NativeSource, accelerate = true) =>
  initIn({ wasmSync: () => CORE, native: source }).initSync({ wasm: CORE.slice(), accelerate }).aead.chacha20poly1305
/** How often the self-test calls it. */
const TRIAL = 5

describe('the accelerator', () => {
  test('is node:crypto in Node, unused before the first long message, active after it', async () => {
    const engine = await init({ backend: 'wasm', wasm: CORE.slice() })
    expect(backendInfo().accelerator).toEqual({ name: 'node:crypto', state: 'unused', cause: undefined })
    engine.aead.chacha20poly1305.seal(KEY, NONCE, AAD, text(LONG))
    expect(backendInfo().accelerator).toEqual({ name: 'node:crypto', state: 'active', cause: undefined })
  })

  test.each([LONG - 17, LONG - 1, LONG, LONG + 1, 2 * PIECE - 1, 2 * PIECE, 2 * PIECE + 1, 3 * PIECE + 77])(
    '%d bytes: the core’s answers',
    (length) => {
      const aead = start(sourceOf(() => counting))
      const plaintext = text(length)
      const sealed = core.seal(KEY, NONCE, AAD, plaintext)
      expectSame(aead.seal(KEY, NONCE, AAD, plaintext), sealed)
      expectSame(aead.open(KEY, NONCE, AAD, sealed), plaintext)
      const out = new Uint8Array(length + 20).fill(9)
      expect(aead.sealInto(out, KEY, NONCE, AAD, plaintext)).toBe(length + 16)
      expectSame(out, new Uint8Array([...sealed, 9, 9, 9, 9]))
      expect(aead.openInto(out, KEY, NONCE, AAD, sealed)).toBe(length)
      expectSame(out.subarray(0, length), plaintext)
      expect(reached > TRIAL).toBe(length + 16 >= LONG)
    },
  )

  test('refuses forgeries as the core does, and leaves out alone', () => {
    const aead = start(sourceOf(() => counting))
    const sealed = core.seal(KEY, NONCE, AAD, text(LONG))
    for (const at of [0, LONG - 1, LONG, LONG + 15]) {
      const forged = sealed.slice()
      forged[at] = (forged[at] as number) ^ 0x80
      const out = new Uint8Array(LONG).fill(9)
      expect(codeOf(() => aead.open(KEY, NONCE, AAD, forged))).toBe('auth_failed')
      expect(codeOf(() => aead.openInto(out, KEY, NONCE, AAD, forged))).toBe('auth_failed')
      expect(out.every((byte) => byte === 9)).toBe(true)
    }
    expect(reached).toBe(TRIAL + 8)
    expect(codeOf(() => aead.open(NONCE, NONCE, AAD, sealed))).toBe('invalid_argument')
    expect(codeOf(() => aead.seal(KEY, KEY, AAD, sealed))).toBe('invalid_argument')
    expect(codeOf(() => aead.sealInto(new Uint8Array(LONG), KEY, NONCE, AAD, text(LONG)))).toBe('invalid_argument')
  })

  test('never sees a key behind a handle, nor a call whose out overlaps its input', () => {
    const aead = start(sourceOf(() => counting))
    using key = aead.loadKey(KEY)
    const sealed = core.seal(KEY, NONCE, AAD, text(LONG))
    expectSame(aead.seal(key, NONCE, AAD, text(LONG)), sealed)
    const room = new Uint8Array(LONG + 16)
    room.set(text(LONG), 16)
    aead.sealInto(room, KEY, NONCE, AAD, room.subarray(16))
    expectSame(room, sealed)
    expect(reached).toBe(TRIAL)
  })

  test('is not loaded when it is switched off', () => {
    const aead = start(
      sourceOf(() => {
        throw new Error('must not be asked')
      }),
      false,
    )
    expectSame(aead.seal(KEY, NONCE, AAD, text(LONG)), core.seal(KEY, NONCE, AAD, text(LONG)))
    expect(backendInfo().accelerator?.state).toBe('switched_off')
  })

  const broken: readonly (readonly [string, string, () => NativeAead | undefined])[] = [
    ['is absent', 'missing', () => undefined],
    [
      'throws',
      'missing',
      () => {
        throw new Error('Unknown cipher')
      },
    ],
    [
      'seals wrongly',
      'wrong_answer',
      () => ({
        ...native,
        sealInto(out, ...rest) {
          native.sealInto(out, ...rest)
          out[500] = ~(out[500] as number)
        },
      }),
    ],
    ['opens forgeries', 'wrong_answer', () => ({ ...native, open: (_key, _nonce, _aad, ciphertext) => ciphertext.slice(16) })],
    ['opens nothing', 'wrong_answer', () => ({ ...native, open: () => undefined })],
  ]
  test.each(broken)('that %s is %s, and the core answers', (_, state, load) => {
    const aead = start(sourceOf(load))
    const sealed = aead.seal(KEY, NONCE, AAD, text(LONG))
    expectSame(sealed, core.seal(KEY, NONCE, AAD, text(LONG)))
    expectSame(aead.open(KEY, NONCE, AAD, sealed), text(LONG))
    expect(backendInfo().accelerator?.state).toBe(state)
  })
})
