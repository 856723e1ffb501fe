/** Attachments (turtl §4.8): one envelope under the note's key, the whole file at once. */
import type { Bytes } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { ENVELOPE_OVERHEAD, openEnvelope, sealEnvelope } from '@holdfast/wire'

/** Bytes an attachment is longer than its file. */
export const ATTACHMENT_OVERHEAD = ENVELOPE_OVERHEAD

/**
 * @param noteKey 32 bytes.
 * @param nonce 12 bytes; random unless a vector pins it.
 * @returns `file.length + 33` bytes.
 */
export function sealAttachment(engine: Engine, noteKey: Uint8Array, file: Uint8Array, nonce?: Uint8Array): Bytes {
  return sealEnvelope(engine, noteKey, file, nonce)
}

/** @throws {AuthenticationError} `auth_failed`; @throws {StructureError} as `openEnvelope`. */
export function openAttachment(engine: Engine, noteKey: Uint8Array, attachment: Uint8Array): Bytes {
  return openEnvelope(engine, noteKey, attachment)
}

/** The name Turtl's own application keeps an attachment under, in its folder `files`. */
export function attachmentFileName(userId: string, noteId: string): string {
  return `u_${userId}.n_${noteId}.enc`
}
