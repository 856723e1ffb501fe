import type { Random } from '@holdfast/base'
import { countOf, lay, lengthOf, listOf, messageOf, openedListOf } from '../batch'
import { checkBytes, checkLength, checkOut, checkParallel } from '../checks'
import type { Batch, CryptoErrorCode, KeyPair, KeyPairHandle, Messages, OpenedBatch, Recipient, SealedBox } from '../engine'
import { withEphemerals } from '../ephemeral'
import { refuse } from '../refusal'
import { type Core, SLOT } from './core'
import { CoreHandle, CoreRecipient, checkKind, makeTable } from './handles'
import { derivePublicKey } from './x25519'

const OVERHEAD = 48
/** Numbers per job, and where in it (crates/holdfast-wasm `BoxJob`). */
const JOB = { words: 6, publicKey: 0, ephemeral: 1, source: 2, message: 3, length: 4, code: 5 } as const
/** One recipient's boxes, from which on a table for this call alone pays. */
const TABLE_PAYS = 27

export function createSealedBox(core: Core, random: Random): SealedBox {
  function check(recipient: Recipient): void {
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
    if (table !== 0)
      return sealBatchTo(table, publicKeyAt(recipient), ephemeralSecret, [plaintext], new Uint32Array([0, length + OVERHEAD]))
    const at = core.reserve(OVERHEAD + length, plaintext)
    core.put(at + OVERHEAD, plaintext)
    const ephemeralAt = core.slots + SLOT.ephemeral
    core.put(ephemeralAt, ephemeralSecret)
    const code = core.guard(() => core.call.sealed_box_seal(publicKeyAt(recipient), ephemeralAt, at + OVERHEAD, length))
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

  function sealBatchWith(recipients: Recipient | readonly Recipient[], ephemeralSecrets: Uint8Array, plaintexts: Messages): Batch {
    const count = countOf(plaintexts)
    const offsets = new Uint32Array(count + 1)
    const total = lay(offsets, plaintexts, OVERHEAD)
    const own = !Array.isArray(recipients) && !(recipients instanceof CoreRecipient)
    let table = recipients instanceof CoreRecipient ? recipients.tableFor(count) : 0
    if (own && count >= TABLE_PAYS) table = core.guard(() => makeTable(core, publicKeyAt(recipients as Recipient)))
    try {
      const at = sealBatchTo(table, recipients, ephemeralSecrets, plaintexts, offsets)
      return { bytes: core.take(at, total), offsets }
    } finally {
      if (own && table !== 0) core.call.recipient_release(table)
    }
  }

  /** The area holds: jobs, ephemeral secrets, public keys without a handle, messages. @returns where the boxes start. */
  function sealBatchTo(
    table: number,
    recipients: number | Recipient | readonly Recipient[],
    ephemeralSecrets: Uint8Array,
    plaintexts: Messages,
    offsets: Uint32Array,
  ): number {
    const count = countOf(plaintexts)
    const total = offsets[count] as number
    const many = Array.isArray(recipients)
    const head = (4 * JOB.words * count + 32 * count + (many ? 32 * count : 32) + 15) & ~15
    const inputs = 'offsets' in plaintexts ? [plaintexts.bytes] : plaintexts
    const jobs = core.reserve(head + total, ...inputs)
    const ephemerals = jobs + 4 * JOB.words * count
    core.put(ephemerals, ephemeralSecrets)
    let publicKeyPlace = ephemerals + 32 * count
    const place = (recipient: Recipient): number => {
      if (recipient instanceof CoreHandle) return recipient.at(core)
      core.put(publicKeyPlace, recipient as Uint8Array)
      publicKeyPlace += 32
      return publicKeyPlace - 32
    }
    const one = typeof recipients === 'number' ? recipients : many ? 0 : place(recipients as Recipient)
    const start = jobs + head
    const words = new Uint32Array(core.bytes.buffer, jobs, count * JOB.words)
    const flat = 'offsets' in plaintexts
    const first = flat ? (plaintexts.offsets[0] as number) : 0
    if (flat) core.put(start, plaintexts.bytes.subarray(first, plaintexts.offsets[count]))
    for (let i = 0, at = 0; i < count; i++, at += JOB.words) {
      const message = start + (offsets[i] as number) + OVERHEAD
      words[at + JOB.publicKey] = many ? place(recipients[i] as Recipient) : one
      words[at + JOB.ephemeral] = ephemerals + 32 * i
      words[at + JOB.source] = flat ? start + (plaintexts.offsets[i] as number) - first : message
      words[at + JOB.message] = message
      words[at + JOB.length] = lengthOf(plaintexts, i)
      words[at + JOB.code] = 0
      if (!flat) core.put(message, plaintexts[i] as Uint8Array)
    }
    core.guard(() =>
      table === 0 ? core.call.sealed_box_seal_batch(jobs, count) : core.call.sealed_box_seal_batch_to(table, one, jobs, count),
    )
    core.wipe(ephemerals, 32 * count)
    const done = new Uint32Array(core.bytes.buffer, jobs, count * JOB.words)
    for (let at = JOB.code; at < done.length; at += JOB.words) {
      if (done[at] === 0) continue
      const code = core.code(done[at] as number)
      core.wipe(jobs, head + total)
      throw refuse(code, 'the public key')
    }
    return start
  }

  function sealBatch(recipients: Recipient | readonly Recipient[], plaintexts: Messages): Batch {
    checkParallel('the plaintext', plaintexts, recipients)
    if (Array.isArray(recipients)) for (const recipient of recipients) check(recipient)
    else check(recipients as Recipient)
    const count = countOf(plaintexts)
    if (count === 0) return { bytes: new Uint8Array(), offsets: new Uint32Array(1) }
    return withEphemerals(random, count, (ephemeralSecrets) => sealBatchWith(recipients, ephemeralSecrets, plaintexts))
  }

  function openBatch(keyPair: KeyPair | KeyPairHandle, boxes: Messages): OpenedBatch {
    checkKeyPair(core, keyPair)
    checkParallel('the sealed box', boxes)
    const count = countOf(boxes)
    const offsets = new Uint32Array(count + 1)
    if (count === 0) return { bytes: new Uint8Array(), offsets, codes: [] }
    let total = 0
    for (let i = 0; i < count; i++) total += Math.max(lengthOf(boxes, i), OVERHEAD)
    const head = (4 * JOB.words * count + 15) & ~15
    const jobs = core.reserve(head + total, ...('offsets' in boxes ? [boxes.bytes] : boxes))
    const words = new Uint32Array(core.bytes.buffer, jobs, count * JOB.words)
    const authFailed = core.number('auth_failed')
    for (let i = 0, at = 0, place = jobs + head; i < count; i++, at += JOB.words) {
      const length = lengthOf(boxes, i)
      // A box too short gets the room of the shortest: its turn in the batch comes all the same.
      words[at + JOB.source] = place + OVERHEAD
      words[at + JOB.length] = Math.max(length - OVERHEAD, 0)
      words[at + JOB.code] = length < OVERHEAD ? authFailed : 0
      if (length >= OVERHEAD) core.put(place, messageOf(boxes, i))
      place += Math.max(length, OVERHEAD)
    }
    const keys = keyPairAt(core, keyPair)
    core.guard(() => core.call.sealed_box_open_batch(keys, keys + 32, jobs, count))
    const done = new Uint32Array(core.bytes.buffer, jobs, count * JOB.words)
    const codes: (CryptoErrorCode | undefined)[] = []
    for (let i = 0, at = 0, length = 0; i < count; i++, at += JOB.words) {
      length += done[at + JOB.length] as number
      offsets[i + 1] = length
      const code = done[at + JOB.code] as number
      codes.push(code === 0 ? undefined : core.code(code))
    }
    const bytes = core.take(done[JOB.message] as number, offsets[count] as number)
    core.wipe(jobs, head + total)
    return { bytes, offsets, codes }
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
