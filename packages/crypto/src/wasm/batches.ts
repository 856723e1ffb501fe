import { areFlatKeys, countOf, lay } from '../batch'
import { checkBytes, checkEach, checkParallel } from '../checks'
import type { Batch, CryptoErrorCode, Key, Keys, Messages, Nonces, OpenedBatch } from '../engine'
import { refuse } from '../refusal'
import type { Core } from './core'
import { CoreHandle, checkKey } from './handles'
import { decodeInArea, textRoom } from './texts'

interface BatchFormat {
  readonly nonceLength: number
  /** Bytes of a sealed message before its ciphertext. */
  readonly before: number
  readonly what: string
  readonly seal: (jobs: number, count: number) => number
  readonly open: (jobs: number, count: number) => number
}

const TAG = 16
/** Numbers per job, and where in it (crates/holdfast-wasm `AeadJob`). */
const JOB = { words: 8, key: 0, nonce: 1, aad: 2, aadLength: 3, source: 4, message: 5, length: 6, code: 7 } as const
const NOTHING = new Uint8Array()
const NONE: readonly never[] = []

type Aads = Uint8Array | readonly Uint8Array[]

/** Everything of a batch but its messages. */
interface Companions {
  readonly keys: Keys
  /** None: they are in the messages. */
  readonly nonces: Nonces | undefined
  readonly aads: Aads
}

/** Where a batch lies in the area. */
interface Layout {
  readonly words: Uint32Array
  readonly jobs: number
  readonly start: number
  readonly used: number
}

/**
 * Batches of one format. The area holds, one after another: the jobs; keys that have no handle; nonces, associated data;
 * and the messages, each with room for its overhead. What the caller has in one array is copied in one go.
 */
export function createBatches(core: Core, format: BatchFormat) {
  const { nonceLength, before } = format
  const overhead = before + TAG

  function check({ keys, nonces, aads }: Companions, messages: Messages): number {
    checkParallel(format.what, messages, keys, nonces, aads)
    const count = countOf(messages)
    if (Array.isArray(keys)) for (const key of keys) checkKey(core, key)
    else if (!areFlatKeys(keys as Key, count)) checkKey(core, keys as Key)
    if (nonces) checkEach('nonce', nonces, nonceLength, count)
    if (Array.isArray(aads)) for (const aad of aads) checkBytes('associated data', aad)
    else checkBytes('associated data', aads as Uint8Array)
    return count
  }

  /** Copies one array, or a list, to `place`. */
  function put(place: number, items: Uint8Array | readonly Uint8Array[]): void {
    if (items instanceof Uint8Array) core.put(place, items)
    else for (let i = 0, at = place; i < items.length; i++) at += core.put(at, items[i] as Uint8Array)
  }

  /**
   * Copies the companions, and writes of each job what does not depend on its message.
   *
   * @param room for the messages.
   * @returns where the jobs are, where the messages may start, and how much of the area is used.
   */
  function layOut(companions: Companions, messages: Messages, count: number, room: number): Layout {
    const { keys, nonces, aads } = companions
    const keyList = Array.isArray(keys) ? (keys as readonly Key[]) : undefined
    const aadList = aads instanceof Uint8Array ? undefined : aads
    const keyBytes = keyList || areFlatKeys(keys, count) ? 32 * count : 32
    const aadBytes = aadList ? aadList.reduce((sum, aad) => sum + aad.length, 0) : (aads as Uint8Array).length
    const jobBytes = 4 * JOB.words * count
    const nonceBytes = nonces ? nonceLength * count : 0
    const start = (jobBytes + keyBytes + nonceBytes + aadBytes + 15) & ~15
    const used = start + room
    const jobs = core.fits(used) ? core.area : core.reserve(used, ...inputsOf(companions, messages))
    const keyPlace = jobs + jobBytes
    const noncePlace = keyPlace + keyBytes
    const aadPlace = noncePlace + nonceBytes
    if (nonces) put(noncePlace, nonces)
    put(aadPlace, aads)
    const oneKey = keyList ? 0 : placeKey(keys as Key, keyPlace)
    const keyStep = areFlatKeys(keys, count) ? 32 : 0
    const words = new Uint32Array(core.bytes.buffer, jobs, count * JOB.words)
    for (let i = 0, at = 0; i < count; i++, at += JOB.words) {
      words[at + JOB.key] = oneKey + keyStep * i
      words[at + JOB.nonce] = noncePlace + nonceLength * i
      words[at + JOB.aad] = aadPlace
      words[at + JOB.aadLength] = aadBytes
      words[at + JOB.code] = 0
    }
    if (keyList) for (let i = 0; i < count; i++) words[JOB.words * i + JOB.key] = placeKey(keyList[i] as Key, keyPlace + 32 * i)
    for (let i = 0, aad = aadPlace; aadList && i < count; i++) {
      const { length } = aadList[i] as Uint8Array
      words[JOB.words * i + JOB.aad] = aad
      words[JOB.words * i + JOB.aadLength] = length
      aad += length
    }
    return { words, jobs, start: jobs + start, used }
  }

  /** The address of a key: where its handle keeps it, or `place`, to which it is copied. */
  function placeKey(key: Key, place: number): number {
    if (key instanceof CoreHandle) return key.at(core)
    core.put(place, key as Uint8Array)
    return place
  }

  function seal(keys: Keys, nonces: Nonces, aads: Aads, plaintexts: Messages): Batch {
    const companions = { keys, nonces, aads }
    const count = check(companions, plaintexts)
    const offsets = new Uint32Array(count + 1)
    const total = lay(offsets, plaintexts, overhead)
    if (count === 0) return { bytes: new Uint8Array(), offsets }
    const { words, jobs, start, used } = layOut(companions, plaintexts, count, total)
    const flat = 'offsets' in plaintexts
    // In one array they come without their overheads, and the core moves them apart.
    const [from, gap] = flat ? [start, overhead] : [start + before, 0]
    if (flat) core.put(start, plaintexts.bytes.subarray(plaintexts.offsets[0], plaintexts.offsets[count]))
    else for (let i = 0; i < count; i++) core.put(from + (offsets[i] as number), plaintexts[i] as Uint8Array)
    for (let i = 0, at = 0, place = 0; i < count; i++, at += JOB.words) {
      const next = offsets[i + 1] as number
      words[at + JOB.source] = from + place - gap * i
      words[at + JOB.message] = start + before + place
      words[at + JOB.length] = next - place - overhead
      place = next
    }
    const code = core.guard(() => format.seal(jobs, count))
    const bytes = code === 0 ? core.take(start, total) : NOTHING
    core.wipe(jobs, used)
    if (code !== 0) throw refuse(core.code(code), format.what)
    return { bytes, offsets }
  }

  function open(keys: Keys, nonces: Nonces | undefined, aads: Aads, ciphertexts: Messages): OpenedBatch {
    const companions = { keys, nonces, aads }
    const count = check(companions, ciphertexts)
    const offsets = new Uint32Array(count + 1)
    if (count === 0) return { bytes: new Uint8Array(), offsets, codes: [] }
    const total = lay(offsets, ciphertexts, 0)
    let tooShort = 0
    for (let i = 0; i < count; i++) if ((offsets[i + 1] as number) - (offsets[i] as number) < overhead) tooShort++
    const layout = layOut(companions, ciphertexts, count, overhead * tooShort + total)
    const from = layout.start + overhead * tooShort
    if ('offsets' in ciphertexts) core.put(from, ciphertexts.bytes.subarray(ciphertexts.offsets[0], ciphertexts.offsets[count]))
    else for (let i = 0; i < count; i++) core.put(from + (offsets[i] as number), ciphertexts[i] as Uint8Array)
    return openAt(from, offsets, layout)
  }

  /** The same from base64; what is none counts as empty. The bytes never leave the core. */
  function openTexts(keys: Keys, texts: readonly string[]): OpenedBatch {
    const companions = { keys, nonces: undefined, aads: NOTHING }
    const count = check(
      companions,
      texts.map(() => NOTHING),
    )
    const length = texts.reduce((sum, text) => sum + text.length, 0)
    const layout = layOut(companions, NONE, count, overhead * count + textRoom(length, count))
    const from = layout.start + overhead * count
    return openAt(from, decodeInArea(core, texts, from, length), layout)
  }

  /**
   * Opens what lies in the area from `from` on. Those too short each get a spare place before all others, of the shortest
   * length: their turn comes all the same.
   */
  function openAt(from: number, offsets: Uint32Array<ArrayBuffer>, { words, jobs, start, used }: Layout): OpenedBatch {
    const count = offsets.length - 1
    const ownLength = before > 0 ? 0 : TAG
    const tooShort = before > 0 ? 0 : core.number('auth_failed')
    for (let i = 0, at = 0, place = 0, spare = start; i < count; i++, at += JOB.words) {
      const next = offsets[i + 1] as number
      const length = next - place
      words[at + JOB.source] = from + place
      words[at + JOB.length] = length - ownLength
      place = next
      if (length >= overhead) continue
      core.bytes.copyWithin(spare, from + next - length, from + next)
      words[at + JOB.source] = spare
      words[at + JOB.length] = Math.max(length - ownLength, 0)
      words[at + JOB.code] = tooShort
      spare += overhead
    }
    core.guard(() => format.open(jobs, count))
    const done = new Uint32Array(core.bytes.buffer, jobs, count * JOB.words)
    const codes: (CryptoErrorCode | undefined)[] = []
    for (let i = 0, at = 0, length = 0; i < count; i++, at += JOB.words) {
      const code = done[at + JOB.code] as number
      length += done[at + JOB.length] as number
      offsets[i + 1] = length
      codes.push(code === 0 ? undefined : core.code(code))
    }
    const bytes = core.take(done[JOB.message] as number, offsets[count] as number)
    core.wipe(jobs, used)
    return { bytes, offsets, codes }
  }

  return { seal, open, openTexts }
}

/** All bytes that a batch is about to read. */
function inputsOf({ keys, nonces, aads }: Companions, messages: Messages): Uint8Array[] {
  const all: readonly unknown[] = [keys, nonces, aads, 'offsets' in messages ? messages.bytes : messages].flat()
  return all.filter((input) => input instanceof Uint8Array)
}
