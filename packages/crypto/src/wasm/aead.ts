import type { Random } from '@holdfast/base'
import { ArgumentError } from '@holdfast/base'
import { listOf, openedListOf } from '../batch'
import { checkBytes, checkLength, checkOut, checkRange } from '../checks'
import type { Aead, Buffer, Key } from '../engine'
import { refuse } from '../refusal'
import { createBatches } from './batches'
import { type Core, SLOT } from './core'
import { CoreBuffer, CoreHandle, checkKey, keyAt } from './handles'

const TAG = 16

export function createAead(core: Core, random: Random, extended: boolean): Aead {
  const nonceLength = extended ? 24 : 12
  const algorithm = Number(extended)

  function check(key: Key, nonce: Uint8Array, aad: Uint8Array): void {
    checkKey(core, key)
    checkLength('nonce', nonce, nonceLength)
    checkBytes('associated data', aad)
  }

  /** Seals into the area; the ciphertext starts at the returned address. */
  function sealInArea(key: Key, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): number {
    check(key, nonce, aad)
    checkBytes('plaintext', plaintext)
    const length = plaintext.length
    const needed = length + TAG + aad.length
    const at = core.fits(needed) ? core.area : core.reserve(needed, nonce, aad, plaintext)
    core.put(at, plaintext)
    sealAt(key, nonce, aad, at + length + TAG, at, length)
    return at
  }

  /** Opens into the area; the plaintext starts at the returned address, and is the caller's to wipe. */
  function openInArea(key: Key, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): number {
    check(key, nonce, aad)
    checkBytes('ciphertext', ciphertext)
    const length = ciphertext.length - TAG
    if (length < 0) throw refuse('auth_failed', 'the ciphertext')
    const needed = length + TAG + aad.length
    const at = core.fits(needed) ? core.area : core.reserve(needed, nonce, aad, ciphertext)
    core.put(at, ciphertext)
    openAt(key, nonce, aad, at + length + TAG, at, length)
    return at
  }

  // Sealing and opening have a call of the core each: a shared one would keep the engine from compiling either directly.
  function sealAt(key: Key, nonce: Uint8Array, aad: Uint8Array, aadAt: number, at: number, length: number): void {
    const nonceAt = core.slots + SLOT.nonce
    core.put(nonceAt, nonce)
    core.put(aadAt, aad)
    const keyPlace = keyAt(core, key)
    let code: number
    try {
      code = core.call.aead_seal(algorithm, keyPlace, nonceAt, aadAt, aad.length, at, length)
    } catch (cause) {
      throw core.poisoned(cause)
    }
    if (code !== 0) throw refuse(core.code(code), 'the plaintext')
  }

  function openAt(key: Key, nonce: Uint8Array, aad: Uint8Array, aadAt: number, at: number, length: number): void {
    const nonceAt = core.slots + SLOT.nonce
    core.put(nonceAt, nonce)
    core.put(aadAt, aad)
    const keyPlace = keyAt(core, key)
    let code: number
    try {
      code = core.call.aead_open(algorithm, keyPlace, nonceAt, aadAt, aad.length, at, length)
    } catch (cause) {
      throw core.poisoned(cause)
    }
    if (code !== 0) throw refuse(core.code(code), 'the ciphertext')
  }

  function inPlace(buffer: Buffer, length: number, least: number, room: number): number {
    if (!(buffer instanceof CoreBuffer)) throw new ArgumentError({ what: 'buffer', expected: 'one of this engine', got: typeof buffer })
    const at = buffer.at(core)
    checkRange('length', length, least, buffer.length - room)
    return at
  }

  const batches = createBatches(core, {
    nonceLength,
    overhead: TAG,
    what: 'the message',
    refusedFor: 'the message',
    checkKey: (key) => checkKey(core, key),
    seal: (batch) => core.call.aead_seal_batch(algorithm, batch),
    open: (batch) => core.call.aead_open_batch(algorithm, batch),
  })
  return {
    keyLength: 32,
    nonceLength,
    tagLength: TAG,
    makeKey() {
      const key = random(32)
      const handle = new CoreHandle(core, 'aead key', key)
      key.fill(0)
      return handle
    },
    loadKey(key) {
      checkLength('key', key, 32)
      return new CoreHandle(core, 'aead key', key)
    },
    seal(key, nonce, aad, plaintext) {
      return core.take(sealInArea(key, nonce, aad, plaintext), plaintext.length + TAG)
    },
    open(key, nonce, aad, ciphertext) {
      const at = openInArea(key, nonce, aad, ciphertext)
      const plaintext = core.take(at, ciphertext.length - TAG)
      core.wipe(at, plaintext.length)
      return plaintext
    },
    sealInto(out, key, nonce, aad, plaintext) {
      checkBytes('plaintext', plaintext)
      const length = plaintext.length + TAG
      checkOut(out, length)
      core.copyTo(out, sealInArea(key, nonce, aad, plaintext), length)
      return length
    },
    openInto(out, key, nonce, aad, ciphertext) {
      checkBytes('ciphertext', ciphertext)
      const length = ciphertext.length - TAG
      checkOut(out, length)
      const at = openInArea(key, nonce, aad, ciphertext)
      core.copyTo(out, at, length)
      core.wipe(at, length)
      return length
    },
    sealInPlace(key, nonce, aad, buffer, length) {
      check(key, nonce, aad)
      const at = inPlace(buffer, length, 0, TAG)
      sealAt(key, nonce, aad, core.reserve(aad.length, nonce, aad), at, length)
      return length + TAG
    },
    openInPlace(key, nonce, aad, buffer, length) {
      check(key, nonce, aad)
      const at = inPlace(buffer, length, 0, 0)
      if (length < TAG) throw refuse('auth_failed', 'the ciphertext')
      openAt(key, nonce, aad, core.reserve(aad.length, nonce, aad), at, length - TAG)
      return length - TAG
    },
    sealBatch: batches.seal,
    sealMany: (keys, nonces, aads, plaintexts) => listOf(batches.seal(keys, nonces, aads, plaintexts)),
    openBatch: batches.open,
    openMany: (keys, nonces, aads, ciphertexts) => openedListOf(batches.open(keys, nonces, aads, ciphertexts)),
  }
}
