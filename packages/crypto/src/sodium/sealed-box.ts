import { AuthenticationError, type Bytes, concatBytes, type Random } from '@holdfast/base'
import type sodiumModule from 'libsodium-wrappers-sumo'
import { countOf, listOf, openedListOf } from '../batch'
import { checkBytes, checkLength, checkLimit, checkOut, checkParallel } from '../checks'
import type { CryptoErrorCode, KeyPair, KeyPairHandle, Recipient, SealedBox, X25519 } from '../engine'
import { withEphemerals } from '../ephemeral'
import { refuse } from '../refusal'
import { openEach, pick, refusedWith, sealEach } from './batches'
import { keyPairBytes, recipientBytes, SodiumHandle, SodiumRecipient } from './handles'

type Sodium = typeof sodiumModule

const OVERHEAD = 48

export function createX25519(sodium: Sodium): X25519 {
  function sharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Bytes {
    checkLength('secret key', secretKey, 32)
    checkLength('public key', publicKey, 32)
    try {
      return sodium.crypto_scalarmult(secretKey, publicKey) as Bytes
    } catch {
      throw refuse('weak_public_key', 'the public key') // libsodium throws for an all-zero result only
    }
  }

  function derivePublicKey(secretKey: Uint8Array): Bytes {
    checkLength('secret key', secretKey, 32)
    return sodium.crypto_scalarmult_base(secretKey) as Bytes
  }

  return {
    derivePublicKey,
    derivePublicKeys(secretKeys) {
      checkParallel('the secret key', secretKeys)
      for (const secretKey of secretKeys) checkLength('secret key', secretKey, 32)
      return secretKeys.map(derivePublicKey)
    },
    sharedSecret,
    sharedSecrets(secretKeys, publicKeys) {
      checkParallel('the secret key', secretKeys, publicKeys)
      for (const secretKey of secretKeys) checkLength('secret key', secretKey, 32)
      for (const publicKey of publicKeys) checkLength('public key', publicKey, 32)
      return secretKeys.map((secretKey, i) => {
        try {
          return sodium.crypto_scalarmult(secretKey, pick(publicKeys, i)) as Bytes
        } catch {
          return 'weak_public_key' // libsodium throws for an all-zero result only
        }
      })
    },
  }
}

export function createSealedBox(sodium: Sodium, random: Random, { derivePublicKey, sharedSecret }: X25519): SealedBox {
  function sealWithEphemeral(recipient: Recipient, ephemeralSecret: Uint8Array, plaintext: Uint8Array): Bytes {
    const publicKey = recipientBytes(recipient)
    checkLength('ephemeral secret', ephemeralSecret, 32)
    checkBytes('plaintext', plaintext)
    checkLimit(plaintext.length + OVERHEAD)
    const ephemeralPublic = sodium.crypto_scalarmult_base(ephemeralSecret)
    sharedSecret(ephemeralSecret, publicKey).fill(0)
    const nonce = sodium.crypto_generichash(24, concatBytes(ephemeralPublic, publicKey), null)
    return concatBytes(ephemeralPublic, sodium.crypto_box_easy(plaintext, nonce, publicKey, ephemeralSecret))
  }

  function seal(recipient: Recipient, plaintext: Uint8Array): Bytes {
    recipientBytes(recipient)
    checkBytes('plaintext', plaintext)
    return withEphemerals(random, 1, (ephemeralSecret) => sealWithEphemeral(recipient, ephemeralSecret, plaintext))
  }

  function open(keyPair: KeyPair | KeyPairHandle, box: Uint8Array): Bytes {
    const { publicKey, secretKey } = keyPairBytes(keyPair)
    checkBytes('sealed box', box)
    if (box.length < OVERHEAD) throw new AuthenticationError('the sealed box')
    checkLimit(box.length)
    try {
      return sodium.crypto_box_seal_open(box, publicKey, secretKey) as Bytes
    } catch {
      throw new AuthenticationError('the sealed box') // libsodium's error adds nothing a caller may know
    }
  }

  function openOr(keyPair: KeyPair | KeyPairHandle, box: Uint8Array): Bytes | CryptoErrorCode {
    try {
      return open(keyPair, box)
    } catch (error) {
      return refusedWith(error)
    }
  }

  const sealBatch: SealedBox['sealBatch'] = (recipients, plaintexts) => {
    checkParallel('the plaintext', plaintexts, recipients)
    for (const recipient of Array.isArray(recipients) ? recipients : [recipients]) recipientBytes(recipient)
    const count = countOf(plaintexts)
    if (count === 0) return { bytes: new Uint8Array(), offsets: new Uint32Array(1) }
    return withEphemerals(random, count, (secrets) =>
      sealEach(plaintexts, (plaintext, i) => sealWithEphemeral(pick(recipients, i), secrets.subarray(32 * i, 32 * i + 32), plaintext)),
    )
  }
  const openBatch: SealedBox['openBatch'] = (keyPair, boxes) => {
    keyPairBytes(keyPair)
    checkParallel('the sealed box', boxes)
    return openEach(boxes, (box) => openOr(keyPair, box))
  }

  function isWeak(publicKey: Uint8Array): boolean {
    try {
      sharedSecret(new Uint8Array(32).fill(1), publicKey)
      return false
    } catch {
      return true // the one way in which it is refused
    }
  }

  return {
    overhead: OVERHEAD,
    makeKeyPair() {
      const secretKey = random(32)
      return { publicKey: derivePublicKey(secretKey), secretKey }
    },
    loadKeyPair({ publicKey, secretKey }) {
      checkLength('public key', publicKey, 32)
      checkLength('secret key', secretKey, 32)
      return new SodiumHandle('key pair', concatBytes(publicKey, secretKey))
    },
    loadRecipient(publicKey) {
      checkLength('public key', publicKey, 32)
      return new SodiumRecipient(new Uint8Array(publicKey), isWeak)
    },
    seal,
    sealWithEphemeral(publicKey, ephemeralSecret, plaintext) {
      checkLength('public key', publicKey, 32)
      return sealWithEphemeral(publicKey, ephemeralSecret, plaintext)
    },
    sealInto(out, recipient, plaintext) {
      checkBytes('plaintext', plaintext)
      checkOut(out, plaintext.length + OVERHEAD)
      out.set(seal(recipient, plaintext))
      return plaintext.length + OVERHEAD
    },
    open,
    openInto(out, keyPair, box) {
      checkBytes('sealed box', box)
      checkOut(out, box.length - OVERHEAD)
      const plaintext = open(keyPair, box)
      out.set(plaintext)
      plaintext.fill(0)
      return plaintext.length
    },
    sealBatch,
    sealMany: (recipients, plaintexts) => listOf(sealBatch(recipients, plaintexts)),
    openBatch,
    openMany: (keyPair, boxes) => openedListOf(openBatch(keyPair, boxes)),
  }
}
