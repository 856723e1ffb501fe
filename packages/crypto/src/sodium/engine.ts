/** The fallback engine: libsodium for what libsodium has, `@noble/hashes` for BLAKE3, and the portable codecs beside this file. */
import { AuthenticationError, type Bytes, concatBytes, HoldfastError, type Random } from '@holdfast/base'
import { blake2b } from '@noble/hashes/blake2.js'
import { blake3 as nobleBlake3 } from '@noble/hashes/blake3.js'
import type sodiumModule from 'libsodium-wrappers-sumo'
import { checkBytes, checkFiles, checkLength, checkParallel, checkPasswordHash, checkRange } from '../checks'
import type { Aead, CryptoErrorCode, Engine, KeyPair } from '../engine'
import { refuse } from '../refusal'
import { packContainer, unpackContainer } from './container'
import { ENVELOPE_HEADER_BYTES, encodeEnvelopeHeader, judgeEnvelope } from './envelope'
import { decodeRecord, encodeRecord } from './record'

type Sodium = typeof sodiumModule

const BOX_OVERHEAD = 48

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

  function sharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
    try {
      return sodium.crypto_scalarmult(secretKey, publicKey)
    } catch {
      throw refuse('weak_public_key', 'the public key') // libsodium throws for an all-zero result only
    }
  }

  function sealWithEphemeral(publicKey: Uint8Array, ephemeralSecret: Uint8Array, plaintext: Uint8Array): Bytes {
    checkLength('public key', publicKey, 32)
    checkLength('ephemeral secret', ephemeralSecret, 32)
    checkBytes('plaintext', plaintext)
    const ephemeralPublic = sodium.crypto_scalarmult_base(ephemeralSecret)
    sharedSecret(ephemeralSecret, publicKey).fill(0)
    const nonce = sodium.crypto_generichash(24, concatBytes(ephemeralPublic, publicKey), null)
    return concatBytes(ephemeralPublic, sodium.crypto_box_easy(plaintext, nonce, publicKey, ephemeralSecret))
  }

  function seal(publicKey: Uint8Array, plaintext: Uint8Array): Bytes {
    const ephemeralSecret = random(32)
    try {
      return sealWithEphemeral(publicKey, ephemeralSecret, plaintext)
    } finally {
      ephemeralSecret.fill(0)
    }
  }

  function openBox(keyPair: KeyPair, box: Uint8Array): Bytes {
    checkLength('public key', keyPair.publicKey, 32)
    checkLength('secret key', keyPair.secretKey, 32)
    checkBytes('sealed box', box)
    if (box.length < BOX_OVERHEAD) throw new AuthenticationError('the sealed box')
    try {
      return own(sodium.crypto_box_seal_open(box, keyPair.publicKey, keyPair.secretKey))
    } catch {
      throw new AuthenticationError('the sealed box') // libsodium's error adds nothing a caller may know
    }
  }

  function openEnvelope(key: Uint8Array, envelope: Uint8Array): Bytes | CryptoErrorCode {
    const code = judgeEnvelope(envelope)
    if (code) return code
    const header = envelope.subarray(0, ENVELOPE_HEADER_BYTES)
    try {
      const ciphertext = envelope.subarray(ENVELOPE_HEADER_BYTES)
      return own(sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, ciphertext, header, header.subarray(5), key))
    } catch {
      return 'auth_failed'
    }
  }

  return {
    backend: 'sodium',
    random,
    aead: {
      chacha20poly1305: aead(12, sodium.crypto_aead_chacha20poly1305_ietf_encrypt, sodium.crypto_aead_chacha20poly1305_ietf_decrypt),
      xchacha20poly1305: aead(24, sodium.crypto_aead_xchacha20poly1305_ietf_encrypt, sodium.crypto_aead_xchacha20poly1305_ietf_decrypt),
    },
    x25519: {
      derivePublicKey(secretKey) {
        checkLength('secret key', secretKey, 32)
        return own(sodium.crypto_scalarmult_base(secretKey))
      },
    },
    sealedBox: {
      overhead: BOX_OVERHEAD,
      makeKeyPair() {
        const secretKey = random(32)
        return { publicKey: own(sodium.crypto_scalarmult_base(secretKey)), secretKey }
      },
      seal,
      sealWithEphemeral,
      open: openBox,
    },
    hash: {
      blake2b(message, { length = 32, key } = {}) {
        checkBytes('message', message)
        checkRange('digest length', length, 1, 64)
        if (key) checkRange('key length', key.length, 0, 64)
        // libsodium refuses digests and keys below 16 bytes, which BLAKE2b itself has.
        if (length < 16 || (key && key.length > 0 && key.length < 16))
          return own(blake2b(message, key?.length ? { dkLen: length, key } : { dkLen: length }))
        return own(sodium.crypto_generichash(length, message, key?.length ? key : null))
      },
      blake3(message, { length = 32 } = {}) {
        checkBytes('message', message)
        checkRange('digest length', length, 1, 65536)
        return blake3(message, length)
      },
    },
    kdf: {
      subkey(key, context, id, length) {
        checkLength('key', key, 32)
        checkLength('context', context, 8)
        checkRange('subkey length', length, 16, 64)
        if (id < 0n || id >= 1n << 64n) throw refuse('invalid_argument', 'subkey id')
        // libsodium.js takes the id as a number: too small for 64 bits.
        const salt = new Uint8Array(16)
        new DataView(salt.buffer).setBigUint64(0, id, true)
        return own(blake2b(new Uint8Array(), { dkLen: length, key, salt, personalization: concatBytes(context, new Uint8Array(8)) }))
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
    envelopes: {
      sealMany(keys, nonces, plaintexts) {
        checkParallel('envelopes', keys, nonces, plaintexts)
        return keys.map((key, i) => {
          const [nonce, plaintext] = [nonces[i], plaintexts[i]] as [Uint8Array, Uint8Array] // parallel: checked above
          checkLength('key', key, 32)
          checkLength('nonce', nonce, 12)
          checkBytes('plaintext', plaintext)
          const header = encodeEnvelopeHeader(nonce)
          return concatBytes(header, sodium.crypto_aead_chacha20poly1305_ietf_encrypt(plaintext, header, null, nonce, key))
        })
      },
      openMany(keys, envelopes) {
        checkParallel('envelopes', keys, envelopes)
        for (const key of keys) checkLength('key', key, 32)
        for (const envelope of envelopes) checkBytes('envelope', envelope)
        return envelopes.map((envelope, i) => openEnvelope(keys[i] ?? new Uint8Array(), envelope))
      },
    },
    container: {
      encodeRecord(record) {
        checkFiles([record])
        return encodeRecord(record, blake3)
      },
      decodeRecord(cbor) {
        checkBytes('file record', cbor)
        return decodeRecord(cbor, blake3)
      },
      pack(rootKeyJson, files, mtime) {
        checkFiles(files)
        return packContainer(rootKeyJson, files, mtime, blake3)
      },
      unpack(container, maxBytes) {
        checkBytes('container', container)
        return unpackContainer(container, maxBytes, blake3)
      },
      packSealed(publicKey, rootKeyJson, files, mtime) {
        checkLength('public key', publicKey, 32)
        checkFiles(files)
        const container = packContainer(rootKeyJson, files, mtime, blake3)
        try {
          return seal(publicKey, container)
        } finally {
          container.fill(0)
        }
      },
      unpackSealed(keyPair, sealed, maxBytes) {
        const container = openBox(keyPair, sealed)
        try {
          return unpackContainer(container, maxBytes, blake3)
        } finally {
          container.fill(0)
        }
      },
    },
  }
}

type Encrypt = Sodium['crypto_aead_chacha20poly1305_ietf_encrypt']
type Decrypt = Sodium['crypto_aead_chacha20poly1305_ietf_decrypt']

function aead(nonceLength: 12 | 24, encrypt: Encrypt, decrypt: Decrypt): Aead {
  const check = (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, message: Uint8Array) => {
    checkLength('key', key, 32)
    checkLength('nonce', nonce, nonceLength)
    checkBytes('associated data', aad)
    checkBytes('message', message)
  }
  return {
    keyLength: 32,
    nonceLength,
    tagLength: 16,
    seal(key, nonce, aad, plaintext) {
      check(key, nonce, aad, plaintext)
      return own(encrypt(plaintext, aad, null, nonce, key))
    },
    open(key, nonce, aad, ciphertext) {
      check(key, nonce, aad, ciphertext)
      try {
        return own(decrypt(null, ciphertext, aad, nonce, key))
      } catch {
        throw new AuthenticationError('the ciphertext') // libsodium's error adds nothing a caller may know
      }
    },
  }
}
