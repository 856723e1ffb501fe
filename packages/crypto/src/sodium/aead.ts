import { ArgumentError, AuthenticationError, type Bytes, type Random } from '@holdfast/base'
import type sodiumModule from 'libsodium-wrappers-sumo'
import { countOf, keyOf, listOf, nonceOf, openedListOf } from '../batch'
import { checkBytes, checkEach, checkLength, checkLimit, checkOut, checkParallel, checkRange } from '../checks'
import type { Aead, Buffer, CryptoErrorCode, Key, Keys, Messages, Nonces } from '../engine'
import { openEach, pick, refusedWith, sealEach } from './batches'
import { checkKeys, keyBytes, SodiumBuffer, SodiumHandle } from './handles'

type Encrypt = (typeof sodiumModule)['crypto_aead_chacha20poly1305_ietf_encrypt']
type Decrypt = (typeof sodiumModule)['crypto_aead_chacha20poly1305_ietf_decrypt']

const TAG = 16

export function createAead(random: Random, nonceLength: 12 | 24, encrypt: Encrypt, decrypt: Decrypt): Aead {
  function check(key: Key, nonce: Uint8Array, aad: Uint8Array, message: Uint8Array): Uint8Array {
    const bytes = keyBytes(key)
    checkLength('nonce', nonce, nonceLength)
    checkBytes('associated data', aad)
    checkBytes('message', message)
    checkLimit(message.length + aad.length + TAG)
    return bytes
  }

  function seal(key: Key, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Bytes {
    return encrypt(plaintext, aad, null, nonce, check(key, nonce, aad, plaintext)) as Bytes
  }

  function open(key: Key, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Bytes {
    const bytes = check(key, nonce, aad, ciphertext)
    try {
      return decrypt(null, ciphertext, aad, nonce, bytes) as Bytes
    } catch {
      throw new AuthenticationError('the ciphertext') // libsodium's error adds nothing a caller may know
    }
  }

  function bytesOf(buffer: Buffer, length: number, room: number): Bytes {
    if (!(buffer instanceof SodiumBuffer)) throw new ArgumentError({ what: 'buffer', expected: 'one of this engine', got: typeof buffer })
    const { bytes } = buffer
    checkRange('length', length, 0, buffer.length - room)
    return bytes
  }

  type Aads = Uint8Array | readonly Uint8Array[]
  function checkAll(keys: Keys, nonces: Nonces, aads: Aads, messages: Messages): void {
    checkParallel('the message', messages, keys, nonces, aads)
    checkKeys(keys, countOf(messages))
    checkEach('nonce', nonces, nonceLength, countOf(messages))
    for (const aad of Array.isArray(aads) ? aads : [aads]) checkBytes('associated data', aad)
  }

  const sealBatch: Aead['sealBatch'] = (keys, nonces, aads, plaintexts) => {
    checkAll(keys, nonces, aads, plaintexts)
    return sealEach(plaintexts, (plaintext, i) => seal(keyOf(keys, i), nonceOf(nonces, i, nonceLength), pick(aads, i), plaintext))
  }
  const openBatch: Aead['openBatch'] = (keys, nonces, aads, ciphertexts) => {
    checkAll(keys, nonces, aads, ciphertexts)
    return openEach(ciphertexts, (ciphertext, i) => openOr(keyOf(keys, i), nonceOf(nonces, i, nonceLength), pick(aads, i), ciphertext))
  }

  function openOr(key: Key, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Bytes | CryptoErrorCode {
    try {
      return open(key, nonce, aad, ciphertext)
    } catch (error) {
      return refusedWith(error)
    }
  }

  return {
    keyLength: 32,
    nonceLength,
    tagLength: TAG,
    makeKey: () => new SodiumHandle('aead key', random(32)),
    loadKey(key) {
      checkLength('key', key, 32)
      return new SodiumHandle('aead key', new Uint8Array(key))
    },
    seal,
    open,
    sealInto(out, key, nonce, aad, plaintext) {
      checkBytes('plaintext', plaintext)
      checkOut(out, plaintext.length + TAG)
      out.set(seal(key, nonce, aad, plaintext))
      return plaintext.length + TAG
    },
    openInto(out, key, nonce, aad, ciphertext) {
      checkBytes('ciphertext', ciphertext)
      checkOut(out, ciphertext.length - TAG)
      const plaintext = open(key, nonce, aad, ciphertext)
      out.set(plaintext)
      plaintext.fill(0)
      return plaintext.length
    },
    sealInPlace(key, nonce, aad, buffer, length) {
      const bytes = bytesOf(buffer, length, TAG)
      bytes.set(seal(key, nonce, aad, bytes.subarray(0, length)))
      return length + TAG
    },
    openInPlace(key, nonce, aad, buffer, length) {
      const bytes = bytesOf(buffer, length, 0)
      try {
        const plaintext = open(key, nonce, aad, bytes.subarray(0, length))
        bytes.set(plaintext)
        plaintext.fill(0)
        return plaintext.length
      } catch (error) {
        if (refusedWith(error) === 'auth_failed') bytes.fill(0, 0, Math.max(length - TAG, 0))
        throw error
      }
    },
    sealBatch,
    sealMany: (keys, nonces, aads, plaintexts) => listOf(sealBatch(keys, nonces, aads, plaintexts)),
    openBatch,
    openMany: (keys, nonces, aads, ciphertexts) => openedListOf(openBatch(keys, nonces, aads, ciphertexts)),
  }
}
