/**
 * The World V0 container (world-backup-client §3): gzip( tar( version tag, root key JSON, one CBOR record per file ) ).
 * The manifest is not an entry; it is rebuilt from the records.
 */
import { type Bytes, concatBytes, decodeUtf8, encodeUtf8, equalBytes } from '@holdfast/base'
import type { ContainerContents, FileRecord, Progress } from '../engine'
import { refuse } from '../refusal'
import { gunzip, gzip } from './gzip'
import { decodeRecord, encodeRecord } from './record'
import { decodeTar, END_OF_ARCHIVE, encodeEntry } from './tar'

const VERSION_NAME = 'OXIDE_BACKUP_VERSION'
const ROOT_KEY_NAME = 'root_secret.json'
const V0 = new Uint8Array([0])

type Blake3 = (bytes: Uint8Array) => Uint8Array

export function packContainer(
  rootKeyJson: string,
  files: readonly FileRecord[],
  mtime: number,
  blake3: Blake3,
  onProgress: Progress | undefined,
): Bytes {
  const progress = tell(onProgress, files)
  const entries = [encodeEntry(VERSION_NAME, V0, mtime), encodeEntry(ROOT_KEY_NAME, encodeUtf8(rootKeyJson), mtime)]
  for (const file of files) {
    entries.push(encodeEntry(file.path, encodeRecord(file, blake3), mtime))
    progress(file)
  }
  const tar = concatBytes(...entries.flat(), END_OF_ARCHIVE)
  const packed = gzip(tar)
  tar.fill(0)
  return packed
}

/** Two passes, as the reference: the version tag is found and judged before any other entry is looked at (§3.5). */
export function unpackContainer(
  container: Uint8Array,
  maxBytes: number,
  blake3: Blake3,
  onProgress: Progress | undefined,
): ContainerContents {
  const archive = gunzip(container, maxBytes)
  checkVersion(archive)
  let rootKeyJson = ''
  const files: { designator: string; path: string; content: Bytes }[] = []
  for (const { name, data } of decodeTar(archive)) {
    const text = readText(name, 'invalid_file_name')
    if (text === ROOT_KEY_NAME) rootKeyJson += readText(data, 'container_damaged')
    else if (text !== VERSION_NAME) files.push(decodeRecord(data, blake3))
  }
  archive.bytes.fill(0)
  files.forEach(tell(onProgress, files))
  return { rootKeyJson, files }
}

/** Adds up the bytes of one file after another. */
function tell(onProgress: Progress | undefined, files: readonly { readonly content: Uint8Array }[]) {
  const total = files.reduce((sum, file) => sum + file.content.length, 0)
  let done = 0
  return ({ content }: { readonly content: Uint8Array }) => {
    done += content.length
    onProgress?.(done, total)
  }
}

function checkVersion(archive: ReturnType<typeof gunzip>): void {
  const wanted = encodeUtf8(VERSION_NAME)
  for (const { name, data } of decodeTar(archive)) {
    if (!equalBytes(name, wanted)) continue
    if (equalBytes(data, V0)) return
    break
  }
  throw refuse('version_not_detected', 'the container')
}

function readText(bytes: Uint8Array, code: 'invalid_file_name' | 'container_damaged'): string {
  try {
    return decodeUtf8(bytes)
  } catch {
    throw refuse(code, 'the container') // the code says which text it was
  }
}
