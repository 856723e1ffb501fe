import type { Bytes, Random } from '@holdfast/base'
import { ArgumentError } from '@holdfast/base'
import { countOf, listOf, messageOf, openedListOf } from '../batch'
import { checkBytes, checkLength, checkOut, checkParallel, checkRange } from '../checks'
import type { Aead, Batch, Buffer, CryptoErrorCode, Envelopes, Key, Messages, OpenedBatch } from '../engine'
import { refuse } from '../refusal'
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
    const code = run(core.call.aead_seal, key, nonce, aad, at + length + TAG, at, length)
    if (code !== 0) throw refuse(core.code(code), 'the plaintext')
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
    const code = run(core.call.aead_open, key, nonce, aad, at + length + TAG, at, length)
    if (code !== 0) throw refuse(core.code(code), 'the ciphertext')
    return at
  }

  function run(
    work: Core['call']['aead_seal'],
    key: Key,
    nonce: Uint8Array,
    aad: Uint8Array,
    aadAt: number,
    at: number,
    length: number,
  ): number {
    const nonceAt = core.slots + SLOT.nonce
    core.put(nonceAt, nonce)
    core.put(aadAt, aad)
    try {
      return work(algorithm, keyAt(core, key), nonceAt, aadAt, aad.length, at, length)
    } catch (cause) {
      throw core.poisoned(cause)
    }
  }

  function inPlace(buffer: Buffer, length: number, least: number, room: number): number {
    if (!(buffer instanceof CoreBuffer)) throw new ArgumentError({ what: 'buffer', expected: 'one of this engine', got: typeof buffer })
    const at = buffer.at(core)
    checkRange('length', length, least, buffer.length - room)
    return at
  }

  const batches = createBatches(core, {
    nonceLength,
    before: 0,
    what: 'the message',
    seal: (jobs, count) => core.call.aead_seal_batch(algorithm, jobs, count),
    open: (jobs, count) => core.call.aead_open_batch(algorithm, jobs, count),
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
      const code = run(core.call.aead_seal, key, nonce, aad, core.reserve(aad.length, nonce, aad), at, length)
      if (code !== 0) throw refuse(core.code(code), 'the plaintext')
      return length + TAG
    },
    openInPlace(key, nonce, aad, buffer, length) {
      check(key, nonce, aad)
      const at = inPlace(buffer, length, 0, 0)
      if (length < TAG) throw refuse('auth_failed', 'the ciphertext')
      const code = run(core.call.aead_open, key, nonce, aad, core.reserve(aad.length, nonce, aad), at, length - TAG)
      if (code !== 0) throw refuse(core.code(code), 'the ciphertext')
      return length - TAG
    },
    sealBatch: batches.seal,
    sealMany: (keys, nonces, aads, plaintexts) => listOf(batches.seal(keys, nonces, aads, plaintexts)),
    openBatch: batches.open,
    openMany: (keys, nonces, aads, ciphertexts) => openedListOf(batches.open(keys, nonces, aads, ciphertexts)),
  }
}

const NO_AAD = new Uint8Array()
const HEADER = 17

export function createEnvelopes(core: Core): Envelopes {
  const batches = createBatches(core, {
    nonceLength: 12,
    before: HEADER,
    what: 'the envelope',
    seal: (jobs, count) => core.call.envelope_seal_batch(jobs, count),
    open: (jobs, count) => core.call.envelope_open_batch(jobs, count),
  })
  const seal: Envelopes['sealBatch'] = (keys, nonces, plaintexts) => batches.seal(keys, nonces, NO_AAD, plaintexts)
  const open: Envelopes['openBatch'] = (keys, envelopes) => batches.open(keys, undefined, NO_AAD, envelopes)
  return {
    sealBatch: seal,
    sealMany: (keys, nonces, plaintexts) => listOf(seal(keys, nonces, plaintexts)),
    openBatch: open,
    openMany: (keys, envelopes) => openedListOf(open(keys, envelopes)),
  }
}

interface BatchFormat {
  readonly nonceLength: number
  /** Bytes of a sealed message before its ciphertext. */
  readonly before: number
  readonly what: string
  readonly seal: (jobs: number, count: number) => number
  readonly open: (jobs: number, count: number) => number
}

/** Numbers per job, and where in it (crates/holdfast-wasm `AeadJob`). */
const JOB = { words: 8, key: 0, nonce: 1, aad: 2, aadLength: 3, source: 4, message: 5, length: 6, code: 7 } as const

type Keys = Key | readonly Key[]
type Aads = Uint8Array | readonly Uint8Array[]

/**
 * Batches of one format. The area holds, one after another: the jobs; keys that have no handle; nonces, associated data;
 * and the messages, each with room for its overhead.
 */
function createBatches(core: Core, format: BatchFormat) {
  const { nonceLength, before } = format
  const overhead = before + TAG

  function check(keys: Keys, nonces: readonly Uint8Array[] | undefined, aads: Aads, messages: Messages): number {
    checkParallel(format.what, messages, keys, nonces, aads)
    if (Array.isArray(keys)) for (const key of keys) checkKey(core, key)
    else checkKey(core, keys as Key)
    if (nonces) for (const nonce of nonces) checkLength('nonce', nonce, nonceLength)
    if (!Array.isArray(aads)) checkBytes('associated data', aads as Uint8Array)
    else for (const aad of aads) checkBytes('associated data', aad)
    return countOf(messages)
  }

  /** The address of a key: where its handle keeps it, or `place`, to which it is copied. */
  function placeKey(key: Key, place: number): number {
    if (key instanceof CoreHandle) return key.at(core)
    core.put(place, key as Uint8Array)
    return place
  }

  /** Lays out everything but the messages. @returns where they may start. */
  function layOut(
    room: number,
    count: number,
    keys: Keys,
    nonces: readonly Uint8Array[] | undefined,
    aads: Aads,
    messages: Messages,
  ): { jobs: number; start: number; used: number } {
    const keyList = Array.isArray(keys) ? (keys as readonly Key[]) : undefined
    const aadList = Array.isArray(aads) ? (aads as readonly Uint8Array[]) : undefined
    let aadBytes = 0
    if (aadList) for (const aad of aadList) aadBytes += aad.length
    else aadBytes = (aads as Uint8Array).length
    const keyBytes = keyList ? 32 * count : 32
    const nonceBytes = nonces ? 32 * count : 0
    const start = (4 * JOB.words * count + keyBytes + nonceBytes + aadBytes + 15) & ~15
    const jobs = core.fits(start + room) ? core.area : core.reserve(start + room, ...inputsOf(keys, nonces, aads, messages))
    const words = new Uint32Array(core.bytes.buffer, jobs, count * JOB.words)
    let keyPlace = jobs + 4 * words.length
    let noncePlace = keyPlace + keyBytes
    let aadPlace = noncePlace + nonceBytes
    let keyAt = keyList ? 0 : placeKey(keys as Key, keyPlace)
    let aadLength = aadList ? 0 : aadBytes
    if (!aadList) core.put(aadPlace, aads as Uint8Array)
    for (let i = 0, at = 0; i < count; i++, at += JOB.words) {
      if (keyList) {
        keyAt = placeKey(keyList[i] as Key, keyPlace)
        keyPlace += 32
      }
      if (nonces) {
        core.put(noncePlace, nonces[i] as Uint8Array)
        words[at + JOB.nonce] = noncePlace
        noncePlace += 32
      }
      if (aadList) {
        aadPlace += aadLength
        const aad = aadList[i] as Uint8Array
        core.put(aadPlace, aad)
        aadLength = aad.length
      }
      words[at + JOB.key] = keyAt
      words[at + JOB.aad] = aadPlace
      words[at + JOB.aadLength] = aadLength
      words[at + JOB.code] = 0
    }
    return { jobs, start: jobs + start, used: start + room }
  }

  function seal(keys: Keys, nonces: readonly Uint8Array[], aads: Aads, plaintexts: Messages): Batch {
    const count = check(keys, nonces, aads, plaintexts)
    const offsets = new Uint32Array(count + 1)
    const total = lay(offsets, plaintexts, overhead)
    if (count === 0) return { bytes: new Uint8Array(), offsets }
    const { jobs, start, used } = layOut(total, count, keys, nonces, aads, plaintexts)
    const words = new Uint32Array(core.bytes.buffer, jobs, count * JOB.words)
    const flat = 'offsets' in plaintexts
    const first = flat ? (plaintexts.offsets[0] as number) : 0
    if (flat) core.put(start, plaintexts.bytes.subarray(first, plaintexts.offsets[count]))
    for (let i = 0, at = 0; i < count; i++, at += JOB.words) {
      const message = start + (offsets[i] as number) + before
      words[at + JOB.message] = message
      words[at + JOB.length] = (offsets[i + 1] as number) - (offsets[i] as number) - overhead
      if (flat) words[at + JOB.source] = start + (plaintexts.offsets[i] as number) - first
      else {
        words[at + JOB.source] = message
        core.put(message, plaintexts[i] as Uint8Array)
      }
    }
    const code = core.guard(() => format.seal(jobs, count))
    const bytes = code === 0 ? core.take(start, total) : NO_AAD
    core.wipe(jobs, used)
    if (code !== 0) throw refuse(core.code(code), format.what)
    return { bytes: bytes as Bytes, offsets }
  }

  function open(keys: Keys, nonces: readonly Uint8Array[] | undefined, aads: Aads, ciphertexts: Messages): OpenedBatch {
    const count = check(keys, nonces, aads, ciphertexts)
    // A message too short gets the room of the shortest: its turn in the batch comes all the same.
    let total = 0
    for (let i = 0; i < count; i++) total += Math.max(lengthOf(ciphertexts, i), overhead)
    const offsets = new Uint32Array(count + 1)
    if (count === 0) return { bytes: new Uint8Array(), offsets, codes: [] }
    const { jobs, start, used } = layOut(total, count, keys, nonces, aads, ciphertexts)
    const words = new Uint32Array(core.bytes.buffer, jobs, count * JOB.words)
    const whole = before > 0
    const authFailed = core.number('auth_failed')
    for (let i = 0, at = 0, place = start; i < count; i++, at += JOB.words) {
      const length = lengthOf(ciphertexts, i)
      words[at + JOB.source] = place
      words[at + JOB.length] = whole ? length : Math.max(length - TAG, 0)
      if (length < TAG && !whole) words[at + JOB.code] = authFailed
      else core.put(place, messageOf(ciphertexts, i))
      place += Math.max(length, overhead)
    }
    core.guard(() => format.open(jobs, count))
    const done = new Uint32Array(core.bytes.buffer, jobs, count * JOB.words)
    const codes: (CryptoErrorCode | undefined)[] = []
    for (let i = 0, at = 0, length = 0; i < count; i++, at += JOB.words) {
      length += done[at + JOB.length] as number
      offsets[i + 1] = length
      const code = done[at + JOB.code] as number
      codes.push(code === 0 ? undefined : core.code(code))
    }
    const bytes = core.take(done[JOB.message] as number, offsets[count] as number)
    core.wipe(jobs, used)
    return { bytes, offsets, codes }
  }

  return { seal, open }
}

export const lengthOf = (messages: Messages, index: number): number =>
  'offsets' in messages
    ? (messages.offsets[index + 1] as number) - (messages.offsets[index] as number)
    : (messages[index] as Uint8Array).length

/** All bytes that a batch is about to read. */
function inputsOf(keys: Keys, nonces: readonly Uint8Array[] | undefined, aads: Aads, messages: Messages): Uint8Array[] {
  const all: readonly unknown[] = [keys, nonces, aads, 'offsets' in messages ? messages.bytes : messages].flat()
  return all.filter((input) => input instanceof Uint8Array)
}

/** Fills `offsets` with where each message lies when each is `overhead` longer. @returns the length of all. */
export function lay(offsets: Uint32Array, messages: Messages, overhead: number): number {
  let total = 0
  for (let i = 0; i + 1 < offsets.length; i++) {
    total += lengthOf(messages, i) + overhead
    offsets[i + 1] = total
  }
  return total
}
