/** A trap kills an instance, and nothing but what was inside it. */
import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Engine } from '../src/node'
import { codeOf, openWasmEngine } from './engines'

const KEY = new Uint8Array(32).fill(7)
const NONCE = new Uint8Array(12)
/** More than the core has room for at first. */
const LARGE = new Uint8Array(1 << 20)

let engine: Engine
let memory: () => Uint8Array

/** What a wild write would do: the allocator's own records are garbage, and its next allocation traps. */
function corrupt(): Uint8Array {
  const bytes = memory()
  bytes.fill(0xff, 1 << 20)
  return bytes
}

/** Allocates inside the core, and so meets the corruption. */
const seal = () => engine.aead.chacha20poly1305.seal(KEY, NONCE, NONCE, LARGE)

describe('a trap', () => {
  beforeEach(async () => {
    ;({ engine, memory } = await openWasmEngine())
  })

  test('is core_poisoned, safe to retry, and the retry succeeds', async () => {
    const expected = createHash('sha256').update(seal()).digest()
    ;({ engine, memory } = await openWasmEngine())
    corrupt()
    let error: unknown
    try {
      seal()
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ code: 'core_poisoned', retry: { safe: true }, remedy: 'retry' })
    expect((error as Error).cause).toBeInstanceOf(WebAssembly.RuntimeError)
    expect(createHash('sha256').update(seal()).digest()).toEqual(expected)
  })

  test('loses the handles and buffers made before, and they say so', () => {
    const key = engine.aead.chacha20poly1305.loadKey(KEY)
    const buffer = engine.makeBuffer(64)
    const pair = engine.sealedBox.makeKeyPair()
    const [opener, recipient] = [engine.sealedBox.loadKeyPair(pair), engine.sealedBox.loadRecipient(pair.publicKey)]
    recipient.prepare()
    corrupt()
    expect(codeOf(seal)).toBe('core_poisoned')
    expect(codeOf(() => engine.aead.chacha20poly1305.seal(key, NONCE, NONCE, NONCE))).toBe('handle_stale')
    expect(codeOf(() => engine.sealedBox.seal(recipient, NONCE))).toBe('handle_stale')
    expect(codeOf(() => engine.sealedBox.open(opener, new Uint8Array(60)))).toBe('handle_stale')
    expect(codeOf(() => buffer.bytes)).toBe('handle_stale')
    for (const held of [key, buffer, opener, recipient]) held.free()
    using again = engine.aead.chacha20poly1305.loadKey(KEY)
    expect(engine.aead.chacha20poly1305.seal(again, NONCE, NONCE, NONCE).length).toBe(28)
  })

  test('wipes the dead instance', () => {
    engine.aead.chacha20poly1305.loadKey(KEY)
    const dead = corrupt()
    expect(codeOf(seal)).toBe('core_poisoned')
    expect(dead.every((byte) => byte === 0)).toBe(true)
    expect(memory()).not.toBe(dead)
  })
})
