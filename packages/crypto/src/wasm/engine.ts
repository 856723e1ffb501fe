/** The preferred engine: the Rust core compiled to WASM, behind the same interface as libsodium. */
import { type Bytes, concatBytes, decodeUtf8, encodeUtf8, HoldfastError, type Random } from '@holdfast/base'
import * as core from '../../wasm/core.js'
import { checkBytes, checkFiles, checkLength, checkParallel, checkPasswordHash, checkRange } from '../checks'
import type { Aead, ContainerContents, CryptoErrorCode, Engine, FileRecord, KeyPair } from '../engine'
import { refuse } from '../refusal'
import { loadWasm, type WasmSource } from '../wasm-bytes'
import { decodeFlat, encodeFlat } from './flat'

/** @throws {HoldfastError} `backend_unavailable`. */
export async function createWasmEngine(source: WasmSource | undefined, random: Random): Promise<Engine> {
  const module = await loadWasm(source)
  try {
    core.initSync({ module })
  } catch (cause) {
    throw new HoldfastError(
      'backend_unavailable',
      'the wasm backend cannot start: the core could not be instantiated; use the sodium backend, or another core.wasm',
      {
        remedy: 'change-environment',
        cause,
      },
    )
  }
  return buildEngine(random, core.error_codes().split(' ') as CryptoErrorCode[])
}

/** A module of nothing but one vector instruction: valid only where WASM has SIMD. */
export function hasSimd(): boolean {
  return WebAssembly.validate(
    new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]),
  )
}

function buildEngine(random: Random, codes: readonly CryptoErrorCode[]): Engine {
  /** Runs a call of the core; a number it throws is a refusal. */
  function call(what: string, run: () => Uint8Array): Bytes {
    try {
      return run() as Bytes
    } catch (error) {
      if (typeof error === 'number') throw refuse(codes[error - 1] ?? 'invalid_argument', what)
      throw error
    }
  }

  function aead(extended: boolean): Aead {
    const nonceLength = extended ? 24 : 12
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
        return call('the plaintext', () => core.aead_seal(extended, key, nonce, aad, plaintext))
      },
      open(key, nonce, aad, ciphertext) {
        check(key, nonce, aad, ciphertext)
        return call('the ciphertext', () => core.aead_open(extended, key, nonce, aad, ciphertext))
      },
    }
  }

  const derivePublicKey = (secretKey: Uint8Array) => {
    checkLength('secret key', secretKey, 32)
    return call('the secret key', () => core.x25519_derive_public_key(secretKey))
  }

  function withEphemeral<Result>(use: (ephemeralSecret: Bytes) => Result): Result {
    const ephemeralSecret = random(32)
    try {
      return use(ephemeralSecret)
    } finally {
      ephemeralSecret.fill(0)
    }
  }

  function sealWithEphemeral(publicKey: Uint8Array, ephemeralSecret: Uint8Array, plaintext: Uint8Array): Bytes {
    checkLength('public key', publicKey, 32)
    checkLength('ephemeral secret', ephemeralSecret, 32)
    checkBytes('plaintext', plaintext)
    return call('the public key', () => core.sealed_box_seal(publicKey, ephemeralSecret, plaintext))
  }

  const checkKeyPair = ({ publicKey, secretKey }: KeyPair) => {
    checkLength('public key', publicKey, 32)
    checkLength('secret key', secretKey, 32)
  }

  return {
    backend: 'wasm',
    random,
    aead: { chacha20poly1305: aead(false), xchacha20poly1305: aead(true) },
    x25519: { derivePublicKey },
    sealedBox: {
      overhead: 48,
      makeKeyPair() {
        const secretKey = random(32)
        return { publicKey: derivePublicKey(secretKey), secretKey }
      },
      seal: (publicKey, plaintext) => withEphemeral((ephemeralSecret) => sealWithEphemeral(publicKey, ephemeralSecret, plaintext)),
      sealWithEphemeral,
      open(keyPair, box) {
        checkKeyPair(keyPair)
        checkBytes('sealed box', box)
        return call('the sealed box', () => core.sealed_box_open(keyPair.publicKey, keyPair.secretKey, box))
      },
    },
    hash: {
      blake2b(message, { length = 32, key } = {}) {
        checkBytes('message', message)
        checkRange('digest length', length, 1, 64)
        if (key) checkRange('key length', key.length, 0, 64)
        return call('the message', () => core.blake2b(message, length, key ?? new Uint8Array()))
      },
      blake3(message, { length = 32 } = {}) {
        checkBytes('message', message)
        checkRange('digest length', length, 1, 65536)
        return call('the message', () => core.blake3(message, length))
      },
    },
    kdf: {
      subkey(key, context, id, length) {
        checkLength('key', key, 32)
        checkLength('context', context, 8)
        checkRange('subkey length', length, 16, 64)
        if (id < 0n || id >= 1n << 64n) throw refuse('invalid_argument', 'subkey id')
        return call('the key', () => core.subkey(key, context, id, length))
      },
      scrypt(options) {
        checkPasswordHash(options, 32)
        const { password, salt, opsLimit, memLimit, length } = options
        return call('the limits', () => core.scrypt(password, salt, opsLimit, memLimit, length))
      },
      argon2id(options) {
        checkPasswordHash(options, 16)
        const { password, salt, opsLimit, memLimit, length } = options
        return call('the limits', () => core.argon2id(password, salt, opsLimit, memLimit, length))
      },
    },
    envelopes: {
      sealMany(keys, nonces, plaintexts) {
        checkParallel('envelopes', keys, nonces, plaintexts)
        for (const key of keys) checkLength('key', key, 32)
        for (const nonce of nonces) checkLength('nonce', nonce, 12)
        for (const plaintext of plaintexts) checkBytes('plaintext', plaintext)
        const flat = call('the envelopes', () => core.envelopes_seal(concatBytes(...keys), concatBytes(...nonces), encodeFlat(plaintexts)))
        return decodeFlat(flat) as Bytes[]
      },
      openMany(keys, envelopes) {
        checkParallel('envelopes', keys, envelopes)
        for (const key of keys) checkLength('key', key, 32)
        for (const envelope of envelopes) checkBytes('envelope', envelope)
        const flat = call('the envelopes', () => core.envelopes_open(concatBytes(...keys), encodeFlat(envelopes)))
        return decodeFlat(flat).map((item) => (typeof item === 'number' ? (codes[item - 1] ?? 'auth_failed') : item))
      },
    },
    container: {
      encodeRecord({ designator, path, content }) {
        checkBytes('file content', content)
        return call('a file record', () => core.record_encode(designator, path, content))
      },
      decodeRecord(cbor) {
        checkBytes('file record', cbor)
        const [designator, path, content] = decodeFlat(call('a file record', () => core.record_decode(cbor))) as [Bytes, Bytes, Bytes]
        return { designator: decodeUtf8(designator), path: decodeUtf8(path), content }
      },
      pack(rootKeyJson, files, mtime) {
        checkFiles(files)
        return call('a file path', () => core.container_pack(encodeParts(rootKeyJson, files), mtime))
      },
      unpack(container, maxBytes) {
        checkBytes('container', container)
        return decodeParts(call('the container', () => core.container_unpack(container, maxBytes)))
      },
      packSealed(publicKey, rootKeyJson, files, mtime) {
        checkLength('public key', publicKey, 32)
        checkFiles(files)
        const parts = encodeParts(rootKeyJson, files)
        return withEphemeral((ephemeralSecret) =>
          call('a file path', () => core.container_pack_sealed(publicKey, ephemeralSecret, parts, mtime)),
        )
      },
      unpackSealed(keyPair, sealed, maxBytes) {
        checkKeyPair(keyPair)
        checkBytes('sealed box', sealed)
        return decodeParts(
          call('the sealed box', () => core.container_unpack_sealed(keyPair.publicKey, keyPair.secretKey, sealed, maxBytes)),
        )
      },
    },
  }
}

function encodeParts(rootKeyJson: string, files: readonly FileRecord[]): Bytes {
  return encodeFlat([
    encodeUtf8(rootKeyJson),
    ...files.flatMap((file) => [encodeUtf8(file.designator), encodeUtf8(file.path), file.content]),
  ])
}

function decodeParts(flat: Bytes): ContainerContents {
  const [rootKeyJson, ...parts] = decodeFlat(flat) as Bytes[]
  const files: { designator: string; path: string; content: Bytes }[] = []
  for (let i = 0; i + 2 < parts.length; i += 3) {
    const [designator, path, content] = parts.slice(i, i + 3) as [Bytes, Bytes, Bytes]
    files.push({ designator: decodeUtf8(designator), path: decodeUtf8(path), content })
  }
  flat.fill(0)
  return { rootKeyJson: decodeUtf8(rootKeyJson ?? new Uint8Array()), files }
}
