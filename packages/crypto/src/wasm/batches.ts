import { areFlatKeys, countOf, lengthOfAll } from '../batch'
import { checkBytes, checkEach, checkParallel } from '../checks'
import type { Key as AeadKey, Keys as AeadKeys, Batch, CryptoErrorCode, Messages, Nonces, OpenedBatch, Recipient } from '../engine'
import { refuse } from '../refusal'
import type { Core } from './core'
import { CoreHandle } from './handles'
import { decodeInPlace, lengthOfTexts } from './texts'

interface BatchFormat {
  readonly nonceLength: number
  /** Bytes a sealed message is longer than its plaintext. */
  readonly overhead: number
  readonly what: string
  /** What is to blame when sealing is refused. */
  readonly refusedFor: string
  readonly checkKey: (key: Key) => void
  readonly seal: (batch: number) => number
  readonly open: (batch: number) => number
}

const NOTHING = new Uint8Array()
/** Bytes of what the core is told of a batch: twelve numbers (crates/holdfast-wasm `Batch`). */
const HEAD = 48

type Aads = Uint8Array | readonly Uint8Array[]
/** Puts the key of all messages, checked before, into the core, and says where. */
type Place = () => number
type Key = AeadKey | Recipient
type Keys = AeadKeys | Recipient | readonly Recipient[] | Place

/** Everything of a batch but its messages. */
interface Companions {
  readonly keys: Keys
  /** None: they are in the messages. */
  readonly nonces: Nonces | undefined
  readonly aads: Aads
  /** Of the one recipient of all; 0 for none. */
  readonly table?: number
}

/** Where a batch lies in the area. */
interface Layout {
  readonly batch: number
  /** Where each message ends behind the first one's start. */
  readonly ends: Uint32Array
  readonly codes: Uint32Array
  readonly messages: number
  readonly used: number
}

/**
 * Batches of one format. The area holds, one after another: what the core is told; where messages end, and the codes they are
 * refused with; keys, nonces, associated data; and the messages, packed. What the caller has in one array is copied in one
 * go; the core moves the messages apart to seal them, and together when it has opened them.
 */
export function createBatches(core: Core, format: BatchFormat) {
  const { nonceLength, overhead, checkKey } = format

  function check({ keys, nonces, aads }: Companions, messages: Messages): number {
    checkParallel(format.what, messages, keys, nonces, aads)
    const count = countOf(messages)
    if (Array.isArray(keys)) for (const key of keys) checkKey(key)
    else if (typeof keys !== 'function' && !areFlatKeys(keys, count)) checkKey(keys as Key)
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
   * Copies the companions, and tells the core where everything lies.
   *
   * @param room for the messages.
   */
  function layOut({ keys, nonces, aads, table = 0 }: Companions, count: number, room: number, inputs: () => Uint8Array[]): Layout {
    const keyList = Array.isArray(keys) ? (keys as readonly Key[]) : undefined
    const flatKeys = areFlatKeys(keys, count)
    const aadList = aads instanceof Uint8Array ? undefined : aads
    const ends = HEAD
    const codes = ends + 4 * count
    const keyPlaces = codes + 4 * count
    const aadEnds = keyPlaces + (keyList ? 4 * count : 0)
    const keyBytes = aadEnds + (aadList ? 4 * count : 0)
    const nonceBytes = keyBytes + (keyList || flatKeys ? 32 * count : 32)
    const aadBytes = nonceBytes + (nonces ? nonceLength * count : 0)
    const aadLength = aadList ? aadList.reduce((sum, aad) => sum + aad.length, 0) : (aads as Uint8Array).length
    const messages = (aadBytes + aadLength + 15) & ~15
    const used = messages + room
    const batch = core.fits(used) ? core.area : core.reserve(used, ...inputs())
    const list = (at: number) => new Uint32Array(core.bytes.buffer, batch + at, count)
    if (nonces) put(batch + nonceBytes, nonces)
    put(batch + aadBytes, aads)
    if (keyList) {
      const places = list(keyPlaces)
      for (let i = 0; i < count; i++) places[i] = placeKey(keyList[i] as Key, batch + keyBytes + 32 * i)
    }
    if (aadList) {
      const places = list(aadEnds)
      for (let i = 0, end = 0; i < count; i++) places[i] = end += (aadList[i] as Uint8Array).length
    }
    const head = new Uint32Array(core.bytes.buffer, batch, HEAD / 4)
    head[0] = count
    head[1] = keyList ? 0 : placeKey(keys as Key | Place, batch + keyBytes)
    head[2] = flatKeys ? 32 : 0
    head[3] = keyList ? batch + keyPlaces : 0
    head[4] = batch + nonceBytes
    head[5] = batch + aadBytes
    head[6] = aadLength
    head[7] = aadList ? batch + aadEnds : 0
    head[8] = batch + messages
    head[9] = batch + ends
    head[10] = batch + codes
    head[11] = table
    return { batch, ends: list(ends), codes: list(codes).fill(0), messages: batch + messages, used }
  }

  /** The address of a key: where its handle keeps it, or `place`, to which it is copied. */
  function placeKey(key: Key | Place, place: number): number {
    if (typeof key === 'function') return key()
    if (key instanceof CoreHandle) return key.at(core)
    core.put(place, key as Uint8Array)
    return place
  }

  /** Copies the messages, one behind the other. */
  function putMessages(messages: Messages, { messages: start, ends }: Layout): void {
    if (!('offsets' in messages)) {
      for (let i = 0, end = 0; i < messages.length; i++) ends[i] = end += core.put(start + end, messages[i] as Uint8Array)
      return
    }
    const { bytes, offsets } = messages
    const first = offsets[0] as number
    core.put(start, bytes.subarray(first, offsets[ends.length]))
    if (first === 0) ends.set(offsets.subarray(1))
    else for (let i = 0; i < ends.length; i++) ends[i] = (offsets[i + 1] as number) - first
  }

  /** Copies out what the core has made of the messages, and wipes what is left of them. */
  function takeMessages({ batch, ends, messages, used }: Layout): Batch {
    const made = core.takeBatch(messages, ends)
    core.wipe(batch, used)
    return made
  }

  function seal(keys: Keys, nonces: Nonces, aads: Aads, plaintexts: Messages, table = 0): Batch {
    const companions = { keys, nonces, aads, table }
    const count = check(companions, plaintexts)
    if (count === 0) return { bytes: new Uint8Array(), offsets: new Uint32Array(1) }
    const room = lengthOfAll(plaintexts) + overhead * count
    const layout = layOut(companions, count, room, () => inputsOf(companions, plaintexts))
    putMessages(plaintexts, layout)
    const code = core.guard(() => format.seal(layout.batch))
    if (code === 0) return takeMessages(layout)
    core.wipe(layout.batch, layout.used)
    throw refuse(core.code(code), format.refusedFor)
  }

  function open(keys: Keys, nonces: Nonces | undefined, aads: Aads, ciphertexts: Messages): OpenedBatch {
    const companions = { keys, nonces, aads }
    const count = check(companions, ciphertexts)
    const layout = layOut(companions, count, lengthOfAll(ciphertexts), () => inputsOf(companions, ciphertexts))
    putMessages(ciphertexts, layout)
    return openIn(layout)
  }

  /** The same from base64; what is none counts as empty. The bytes never leave the core. */
  function openTexts(keys: Keys, texts: readonly string[]): OpenedBatch {
    const companions = { keys, nonces: undefined, aads: NOTHING }
    const count = check(
      companions,
      texts.map(() => NOTHING),
    )
    const layout = layOut(companions, count, lengthOfTexts(texts), () => inputsOf(companions, []))
    decodeInPlace(core, texts, layout.messages, layout.ends)
    return openIn(layout)
  }

  function openIn(layout: Layout): OpenedBatch {
    core.guard(() => format.open(layout.batch))
    const codes: (CryptoErrorCode | undefined)[] = []
    for (let i = 0; i < layout.codes.length; i++) {
      const code = layout.codes[i] as number
      codes.push(code === 0 ? undefined : core.code(code))
    }
    const { bytes, offsets } = takeMessages(layout)
    return { bytes, offsets, codes }
  }

  return { seal, open, openTexts }
}

/** All bytes that a batch is about to read. */
function inputsOf({ keys, nonces, aads }: Companions, messages: Messages): Uint8Array[] {
  const all: readonly unknown[] = [keys, nonces, aads, 'offsets' in messages ? messages.bytes : messages].flat()
  return all.filter((input) => input instanceof Uint8Array)
}
