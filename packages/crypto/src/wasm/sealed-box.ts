import type { Random } from '@holdfast/base'
import { countOf, listOf, openedListOf } from '../batch'
import { checkBytes, checkLength, checkOut, checkParallel } from '../checks'
import type { Batch, Key, KeyPair, KeyPairHandle, Messages, OpenedBatch, Recipient, SealedBox } from '../engine'
import { withEphemerals } from '../ephemeral'
import { refuse } from '../refusal'
import { createBatches } from './batches'
import { type Core, SLOT } from './core'
import { CoreHandle, CoreRecipient, checkKind, makeTable, TABLE_PAYS } from './handles'
import { derivePublicKey } from './x25519'

const OVERHEAD = 48
const NO_AAD = new Uint8Array()

export function createSealedBox(core: Core, random: Random): SealedBox {
  function check(recipient: Recipient | Key): void {
    if (recipient instanceof CoreHandle) checkKind(core, recipient, 'recipient')
    else checkLength('public key', recipient as Uint8Array, 32)
  }

  function publicKeyAt(recipient: Recipient): number {
    if (recipient instanceof CoreHandle) return recipient.at(core)
    core.put(core.slots + SLOT.key, recipient as Uint8Array)
    return core.slots + SLOT.key
  }

  /** Seals into the area; the box starts at the returned address. */
  function sealInArea(recipient: Recipient, ephemeralSecret: Uint8Array, plaintext: Uint8Array): number {
    const length = plaintext.length
    const table = recipient instanceof CoreRecipient ? recipient.tableFor(1) : 0
    const at = core.reserve(OVERHEAD + length, plaintext)
    core.put(at + OVERHEAD, plaintext)
    const ephemeralAt = core.slots + SLOT.ephemeral
    core.put(ephemeralAt, ephemeralSecret)
    const code = core.guard(() => core.call.sealed_box_seal(table, publicKeyAt(recipient), ephemeralAt, at + OVERHEAD, length))
    if (code !== 0) core.wipe(at, OVERHEAD + length)
    core.settle(code, 'the public key')
    return at
  }

  function sealTo(recipient: Recipient, plaintext: Uint8Array): number {
    check(recipient)
    checkBytes('plaintext', plaintext)
    return withEphemerals(random, 1, (ephemeralSecret) => sealInArea(recipient, ephemeralSecret, plaintext))
  }

  /** Opens into the area; the plaintext starts at the returned address, and is the caller's to wipe. */
  function openInArea(keyPair: KeyPair | KeyPairHandle, box: Uint8Array): number {
    checkKeyPair(core, keyPair)
    checkBytes('sealed box', box)
    const length = box.length - OVERHEAD
    if (length < 0) throw refuse('auth_failed', 'the sealed box')
    const at = core.reserve(box.length, box)
    core.put(at, box)
    const keys = keyPairAt(core, keyPair)
    const code = core.guard(() => core.call.sealed_box_open(keys, keys + 32, at + OVERHEAD, length))
    core.settle(code, 'the sealed box')
    return at + OVERHEAD
  }

  /** A public key takes the place of a key, an ephemeral secret that of a nonce. */
  const batches = createBatches(core, {
    nonceLength: 32,
    overhead: OVERHEAD,
    what: 'the sealed box',
    refusedFor: 'the public key',
    checkKey: check,
    seal: (batch) => core.call.sealed_box_seal_batch(batch),
    open: (batch) => core.call.sealed_box_open_batch(batch),
  })

  function sealBatch(recipients: Recipient | readonly Recipient[], plaintexts: Messages): Batch {
    checkParallel('the plaintext', plaintexts, recipients)
    const count = countOf(plaintexts)
    if (Array.isArray(recipients)) return sealWith(recipients, plaintexts, 0)
    const recipient = recipients as Recipient
    check(recipient)
    if (recipient instanceof CoreRecipient) return sealWith(recipient, plaintexts, recipient.tableFor(count))
    if (count < TABLE_PAYS) return sealWith(recipient, plaintexts, 0)
    const { epoch } = core
    const table = core.guard(() => makeTable(core, publicKeyAt(recipient)))
    try {
      return sealWith(recipient, plaintexts, table)
    } finally {
      if (epoch === core.epoch) core.call.recipient_release(table)
    }
  }

  const sealWith = (recipients: Recipient | readonly Recipient[], plaintexts: Messages, table: number): Batch =>
    withEphemerals(random, countOf(plaintexts), (secrets) => batches.seal(recipients, secrets, NO_AAD, plaintexts, table))

  function openBatch(keyPair: KeyPair | KeyPairHandle, boxes: Messages): OpenedBatch {
    checkKeyPair(core, keyPair)
    return batches.open(() => keyPairAt(core, keyPair), undefined, NO_AAD, boxes)
  }

  return {
    overhead: OVERHEAD,
    makeKeyPair() {
      const secretKey = random(32)
      return { publicKey: derivePublicKey(core, secretKey), secretKey }
    },
    loadKeyPair({ publicKey, secretKey }) {
      checkLength('public key', publicKey, 32)
      checkLength('secret key', secretKey, 32)
      return new CoreHandle(core, 'key pair', publicKey, secretKey)
    },
    loadRecipient(publicKey) {
      checkLength('public key', publicKey, 32)
      return new CoreRecipient(core, publicKey)
    },
    seal: (recipient, plaintext) => core.take(sealTo(recipient, plaintext), plaintext.length + OVERHEAD),
    sealWithEphemeral(publicKey, ephemeralSecret, plaintext) {
      checkLength('public key', publicKey, 32)
      checkLength('ephemeral secret', ephemeralSecret, 32)
      checkBytes('plaintext', plaintext)
      return core.take(sealInArea(publicKey, ephemeralSecret, plaintext), plaintext.length + OVERHEAD)
    },
    sealInto(out, recipient, plaintext) {
      checkBytes('plaintext', plaintext)
      const length = plaintext.length + OVERHEAD
      checkOut(out, length)
      core.copyTo(out, sealTo(recipient, plaintext), length)
      return length
    },
    open(keyPair, box) {
      const at = openInArea(keyPair, box)
      const plaintext = core.take(at, box.length - OVERHEAD)
      core.wipe(at, plaintext.length)
      return plaintext
    },
    openInto(out, keyPair, box) {
      checkBytes('sealed box', box)
      const length = box.length - OVERHEAD
      checkOut(out, length)
      const at = openInArea(keyPair, box)
      core.copyTo(out, at, length)
      core.wipe(at, length)
      return length
    },
    sealBatch,
    sealMany: (recipients, plaintexts) => listOf(sealBatch(recipients, plaintexts)),
    openBatch,
    openMany: (keyPair, boxes) => openedListOf(openBatch(keyPair, boxes)),
  }
}

export function checkKeyPair(core: Core, keyPair: KeyPair | KeyPairHandle): void {
  if (keyPair instanceof CoreHandle) checkKind(core, keyPair, 'key pair')
  else {
    checkLength('public key', (keyPair as KeyPair).publicKey, 32)
    checkLength('secret key', (keyPair as KeyPair).secretKey, 32)
  }
}

/** The address of the public key; the secret one follows it. */
export function keyPairAt(core: Core, keyPair: KeyPair | KeyPairHandle): number {
  if (keyPair instanceof CoreHandle) return keyPair.at(core)
  core.put(core.slots + SLOT.key, (keyPair as KeyPair).publicKey)
  core.put(core.slots + SLOT.secretKey, (keyPair as KeyPair).secretKey)
  return core.slots + SLOT.key
}
