/** What a user downloads, and what a container weighs: sizes do not depend on the machine, so they are held exactly. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { gzipSync } from 'node:zlib'
import type { Content } from './content'
import type { Reference } from './reference'

export interface Size {
  readonly name: string
  readonly bytes: number
  /** May not be exceeded. */
  readonly ceiling: number
  readonly why: string
  readonly goal: number
}

const KIB = 1024

export function coreSize(): Size {
  const core = readFileSync(createRequire(import.meta.url).resolve('@holdfast/crypto/core.wasm'))
  return {
    name: 'core.wasm, gzipped',
    bytes: gzipSync(core, { level: 9 }).length,
    ceiling: 60 * KIB,
    why: 'half of libsodium-sumo (123 KB): what is not hot stays in loops, so that what is hot can be written out',
    goal: 60 * KIB,
  }
}

/** A sealed box adds the same 48 bytes to both, so containers are compared. */
export async function containerSize(content: Content, packed: Uint8Array, reference: Reference): Promise<Size> {
  const { bytes } = await reference({ work: 'pack', content })
  const ceiling = Math.floor(bytes * 1.02)
  return {
    name: `container of 5 MiB ${content}`,
    bytes: packed.length,
    ceiling,
    why: `2 % above the reference's ${bytes.toLocaleString('en')} bytes: quota is counted in sealed bytes`,
    goal: ceiling,
  }
}
