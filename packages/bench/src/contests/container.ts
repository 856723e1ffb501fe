/** The V0 container, 5 MiB of one file, against the reference's crates in native Rust. */

import { type Content, contentOf } from '../content'
import type { Lab } from '../lab'
import { FALLBACK, HOLDFAST } from '../library'
import type { Contest } from '../measure'
import type { Reference } from '../reference'

/** crates/holdfast-core/examples/container-reference.rs packs the same. */
const ROOT_KEY_JSON = `{"version":"V1","key":"${'1'.repeat(64)}"}`
const CAP = 1 << 30
export const CONTENTS = ['random', 'text'] as const

/** The base is the reference; where it cannot run there is nothing to hold. */
export function packContest(lab: Lab, reference: Reference, content: Content): Contest {
  const files = [{ designator: 'document_pkg', path: 'a.bin', content: contentOf(content) }]
  return {
    operation: `container pack, 5 MiB ${content}`,
    contenders: [
      { name: 'Rust reference', contract: 'api', time: async () => (await reference({ work: 'pack', content })).milliseconds },
      { name: HOLDFAST, contract: 'api', run: () => void lab.wasm.container.pack(ROOT_KEY_JSON, files, 0) },
      { name: FALLBACK, contract: 'api', run: () => void lab.sodium.container.pack(ROOT_KEY_JSON, files, 0) },
    ],
  }
}

export function unpackContest(lab: Lab, reference: Reference, content: Content): Contest {
  const expected = contentOf(content)
  const container = packed(lab, content)
  return {
    operation: `container unpack, 5 MiB ${content}`,
    expected,
    contenders: [
      { name: 'Rust reference', contract: 'api', time: async () => (await reference({ work: 'unpack', content })).milliseconds },
      { name: HOLDFAST, contract: 'api', run: () => lab.wasm.container.unpack(container, CAP).files.map((file) => file.content) },
      { name: FALLBACK, contract: 'api', run: () => lab.sodium.container.unpack(container, CAP).files.map((file) => file.content) },
    ],
  }
}

/** What the engine packs of it; also what the reference is given to unpack. */
export function packed(lab: Pick<Lab, 'wasm'>, content: Content): Uint8Array {
  const files = [{ designator: 'document_pkg', path: 'a.bin', content: contentOf(content) }]
  return lab.wasm.container.pack(ROOT_KEY_JSON, files, 0)
}
