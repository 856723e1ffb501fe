import { listOf, openedListOf } from '../batch'
import type { Envelopes } from '../engine'
import { createBatches } from './batches'
import type { Core } from './core'
import { decodeInArea, textRoom } from './texts'

const HEADER = 17
const NO_AAD = new Uint8Array()

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
    decodeTexts(texts) {
      const length = texts.reduce((sum, text) => sum + text.length, 0)
      const area = core.reserve(textRoom(length, texts.length))
      const offsets = decodeInArea(core, texts, area, length)
      return { bytes: core.take(area, offsets[texts.length] as number), offsets }
    },
    openTexts: batches.openTexts,
    sealBatch: seal,
    sealMany: (keys, nonces, plaintexts) => listOf(seal(keys, nonces, plaintexts)),
    openBatch: open,
    openMany: (keys, envelopes) => openedListOf(open(keys, envelopes)),
  }
}
