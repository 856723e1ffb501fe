import { listOf, openedListOf } from '../batch'
import type { Envelopes } from '../engine'
import { createBatches } from './batches'
import type { Core } from './core'
import { checkKey } from './handles'
import { decodeInPlace, lengthOfTexts } from './texts'

/** The header, and the tag. */
const OVERHEAD = 17 + 16
const NO_AAD = new Uint8Array()

export function createEnvelopes(core: Core): Envelopes {
  const batches = createBatches(core, {
    nonceLength: 12,
    overhead: OVERHEAD,
    what: 'the envelope',
    refusedFor: 'the envelope',
    checkKey: (key) => checkKey(core, key),
    seal: (batch) => core.call.envelope_seal_batch(batch),
    open: (batch) => core.call.envelope_open_batch(batch),
  })
  const seal: Envelopes['sealBatch'] = (keys, nonces, plaintexts) => batches.seal(keys, nonces, NO_AAD, plaintexts)
  const open: Envelopes['openBatch'] = (keys, envelopes) => batches.open(keys, undefined, NO_AAD, envelopes)
  return {
    decodeTexts(texts) {
      const start = 4 * texts.length
      const used = start + lengthOfTexts(texts)
      const area = core.reserve(used)
      const ends = new Uint32Array(core.bytes.buffer, area, texts.length)
      decodeInPlace(core, texts, area + start, ends)
      const decoded = core.takeBatch(area + start, ends)
      core.wipe(area, used)
      return decoded
    },
    openTexts: batches.openTexts,
    sealBatch: seal,
    sealMany: (keys, nonces, plaintexts) => listOf(seal(keys, nonces, plaintexts)),
    openBatch: open,
    openMany: (keys, envelopes) => openedListOf(open(keys, envelopes)),
  }
}
