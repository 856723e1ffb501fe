/**
 * Which file is a note's own. The server keeps one for each note, and nothing says of which version it is (turtl §6.6): a late
 * upload leaves an older file under a newer note. So the note says it, sealed among its private fields:
 *
 *   "file": {…, "holdfast": {"sha256": "<64 hex digits, of the file in the clear>"}}
 *
 * The original core passes over what it does not know, and drops it when it edits: then any file is taken for the note's own.
 */
import { type Bytes, encodeHex, HoldfastError, isObject } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { sha256 } from '@noble/hashes/sha2.js'
import type { TurtlAccount } from '../account'
import { openAttachment } from '../attachment'
import type { FileData } from '../models/file'
import type { Note } from '../models/note'

export function withHash(about: FileData, file: Uint8Array): FileData {
  return { ...about, holdfast: { sha256: encodeHex(sha256(file)) } } as FileData
}

export function hashOf({ data }: Pick<Note, 'data'>): string | undefined {
  const mark = (data.file as { readonly holdfast?: unknown } | undefined)?.holdfast
  return isObject(mark) && typeof mark.sha256 === 'string' ? mark.sha256 : undefined
}

export function isFileOf(note: Pick<Note, 'data'>, file: Uint8Array): boolean {
  const hash = hashOf(note)
  return note.data.file !== undefined && (hash === undefined || hash === encodeHex(sha256(file)))
}

/** Other notes of this device that name the same file: a note and the copy that a conflict made of it. */
export function othersOf({ notes }: TurtlAccount, note: Note): readonly Note[] {
  const hash = hashOf(note)
  return hash === undefined ? [] : [...notes.values()].filter((other) => other.id !== note.id && hashOf(other) === hash)
}

export function opensWith(engine: Engine, key: ReturnType<TurtlAccount['keyOf']>, sealed: Uint8Array): boolean {
  return openIfPossible(engine, key, sealed)?.fill(0) !== undefined
}

/** @returns `undefined` when it does not open: the key is of another time, or it is damaged. */
export function openIfPossible(engine: Engine, key: ReturnType<TurtlAccount['keyOf']>, sealed: Uint8Array): Bytes | undefined {
  try {
    return key?.use((bytes) => openAttachment(engine, bytes, sealed))
  } catch (error) {
    if (error instanceof HoldfastError) return undefined
    throw error
  }
}
