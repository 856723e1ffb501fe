import { listOf, openedListOf } from '../batch'
import type { Envelopes } from '../engine'
import { createBatches } from './batches'
import type { Core } from './core'

const HEADER = 17
const NO_AAD = new Uint8Array()
const UTF8 = new TextEncoder()

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
  const decodeTexts: Envelopes['decodeTexts'] = (texts) => {
    const offsets = new Uint32Array(texts.length + 1)
    let length = 0
    for (let i = 0; i < texts.length; i++) offsets[i + 1] = length += (texts[i] as string).length
    const endsAt = (length + 3) & ~3
    const area = core.reserve(endsAt + offsets.byteLength)
    // What is not all read has letters of more than one byte: such a text is no base64, and is left out.
    const { read } = UTF8.encodeInto(texts.join(''), core.bytes.subarray(area, area + length))
    if (read < length) return decodeTexts(texts.map((text) => (isAscii(text) ? text : '')))
    const ends = new Uint32Array(core.bytes.buffer, area + endsAt, texts.length)
    ends.set(offsets.subarray(1))
    core.guard(() => core.call.base64_decode_batch(area, length, area + endsAt, texts.length))
    offsets.set(ends, 1)
    return { bytes: core.take(area, offsets[texts.length] as number), offsets }
  }
  return {
    decodeTexts,
    sealBatch: seal,
    sealMany: (keys, nonces, plaintexts) => listOf(seal(keys, nonces, plaintexts)),
    openBatch: open,
    openMany: (keys, envelopes) => openedListOf(open(keys, envelopes)),
  }
}

const isAscii = (text: string) => /^[\0-\x7f]*$/.test(text)
