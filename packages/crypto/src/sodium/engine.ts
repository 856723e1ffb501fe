/** The fallback engine: libsodium for what libsodium has, `@noble/hashes` for BLAKE3, and the portable codecs beside this file. */
import { type Bytes, concatBytes, HoldfastError, type Random } from '@holdfast/base'
import { blake2b } from '@noble/hashes/blake2.js'
import { blake3 as nobleBlake3 } from '@noble/hashes/blake3.js'
import type sodiumModule from 'libsodium-wrappers-sumo'
import { checkBytes, checkFiles, checkLength, checkLimit, checkPasswordHash, checkRange } from '../checks'
import type { Engine } from '../engine'
import { refuse } from '../refusal'
import { createAead } from './aead'
import { packContainer, unpackContainer } from './container'
import { createEnvelopes } from './envelope'
import { keyBytes, SodiumBuffer } from './handles'
import { decodeRecord, encodeRecord } from './record'
import { createSealedBox, createX25519 } from './sealed-box'

type Sodium = typeof sodiumModule

/** @throws {HoldfastError} `backend_unavailable`: libsodium-wrappers-sumo cannot be loaded here. */
export async function createSodiumEngine(random: Random): Promise<Engine> {
  const sodium = await loadSodium()
  return buildEngine(sodium, random)
}

async function loadSodium(): Promise<Sodium> {
  try {
    const { default: sodium } = await import('libsodium-wrappers-sumo')
    await sodium.ready
    return sodium
  } catch (cause) {
    throw new HoldfastError(
      'backend_unavailable',
      'libsodium could not be loaded: libsodium-wrappers-sumo is missing or was refused; install it, or use the wasm backend',
      {
        remedy: 'change-environment',
        cause,
      },
    )
  }
}

const own = (bytes: Uint8Array): Bytes => bytes as Bytes

function buildEngine(sodium: Sodium, random: Random): Engine {
  const blake3 = (message: Uint8Array, length = 32) => own(nobleBlake3(message, { dkLen: length }))
  const x25519 = createX25519(sodium)
  const sealedBox = createSealedBox(sodium, random, x25519)

  return {
    backend: 'sodium',
    random,
    makeBuffer: (length) => new SodiumBuffer(length),
    aead: {
      chacha20poly1305: createAead(
        random,
        12,
        sodium.crypto_aead_chacha20poly1305_ietf_encrypt,
        sodium.crypto_aead_chacha20poly1305_ietf_decrypt,
      ),
      xchacha20poly1305: createAead(
        random,
        24,
        sodium.crypto_aead_xchacha20poly1305_ietf_encrypt,
        sodium.crypto_aead_xchacha20poly1305_ietf_decrypt,
      ),
    },
    x25519,
    sealedBox,
    hash: {
      blake2b(message, { length = 32, key } = {}) {
        checkBytes('message', message)
        checkLimit(message.length)
        checkRange('digest length', length, 1, 64)
        if (key) checkRange('key length', key.length, 0, 64)
        // libsodium refuses digests and keys below 16 bytes, which BLAKE2b itself has.
        if (length < 16 || (key && key.length > 0 && key.length < 16))
          return own(blake2b(message, key?.length ? { dkLen: length, key } : { dkLen: length }))
        return own(sodium.crypto_generichash(length, message, key?.length ? key : null))
      },
      blake3(message, { length = 32 } = {}) {
        checkBytes('message', message)
        checkLimit(message.length)
        checkRange('digest length', length, 1, 65536)
        return blake3(message, length)
      },
    },
    kdf: {
      subkey(key, context, id, length) {
        const bytes = keyBytes(key)
        checkLength('context', context, 8)
        checkRange('subkey length', length, 16, 64)
        if (id < 0n || id >= 1n << 64n) throw refuse('invalid_argument', 'subkey id')
        // libsodium.js takes the id as a number: too small for 64 bits.
        const salt = new Uint8Array(16)
        new DataView(salt.buffer).setBigUint64(0, id, true)
        return own(blake2b(new Uint8Array(), { dkLen: length, key: bytes, salt, personalization: concatBytes(context, new Uint8Array(8)) }))
      },
      scrypt(options) {
        checkPasswordHash(options, 32)
        const { password, salt, opsLimit, memLimit, length } = options
        return own(sodium.crypto_pwhash_scryptsalsa208sha256(length, password, salt, opsLimit, memLimit))
      },
      argon2id(options) {
        checkPasswordHash(options, 16)
        const { password, salt, opsLimit, memLimit, length } = options
        return own(sodium.crypto_pwhash(length, password, salt, opsLimit, memLimit, sodium.crypto_pwhash_ALG_ARGON2ID13))
      },
    },
    envelopes: createEnvelopes(sodium),
    container: {
      encodeRecord(record) {
        checkFiles([record])
        return encodeRecord(record, blake3)
      },
      decodeRecord(cbor) {
        checkBytes('file record', cbor)
        return decodeRecord(cbor, blake3)
      },
      pack(rootKeyJson, files, mtime, onProgress) {
        checkFiles(files)
        return packContainer(rootKeyJson, files, mtime, blake3, onProgress)
      },
      unpack(container, maxBytes, onProgress) {
        checkBytes('container', container)
        return unpackContainer(container, maxBytes, blake3, onProgress)
      },
      packSealed(publicKey, rootKeyJson, files, mtime, onProgress) {
        checkLength('public key', publicKey, 32)
        checkFiles(files)
        const container = packContainer(rootKeyJson, files, mtime, blake3, onProgress)
        try {
          return sealedBox.seal(publicKey, container)
        } finally {
          container.fill(0)
        }
      },
      unpackSealed(keyPair, sealed, maxBytes, onProgress) {
        const container = sealedBox.open(keyPair, sealed)
        try {
          return unpackContainer(container, maxBytes, blake3, onProgress)
        } finally {
          container.fill(0)
        }
      },
    },
  }
}
