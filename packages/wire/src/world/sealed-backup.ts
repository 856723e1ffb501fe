/** A sealed backup: a sealed box of the V0 container to the backup public key (world-backup-client §2, §3, §7). */
import { encodeHex, StructureError } from '@holdfast/base'
import type { ContainerContents, Engine, FileRecord, KeyPair } from '@holdfast/crypto'
import { resolvePath } from './backup-path'
import { isDesignator } from './designator'
import type { Manifest } from './manifest'
import { decodeRootKey, encodeRootKey } from './root-key-json'

/** What the service takes (backup-service-api §0.3). */
export const MAX_SEALED_BACKUP_BYTES = 15 * 1024 * 1024
/** Ours: what a container may decompress to. Text that compresses a hundredfold still fits. */
export const MAX_CONTAINER_BYTES = 512 * 1024 * 1024

export interface BackupContents {
  /** Canonical root key JSON. */
  readonly rootKeyJson: string
  readonly files: ContainerContents['files']
  /** Rebuilt from the records, in their order (§7.4). */
  readonly manifest: Manifest
}

/**
 * Seals a backup. Paths are judged by `checkNewPath` when they are put in, not here.
 *
 * @param backupPublicKey 32 bytes.
 * @param mtime Unix seconds, written into the container.
 * @throws {StructureError} `invalid_path`.
 */
export function sealBackup(
  engine: Engine,
  backupPublicKey: Uint8Array,
  { rootKeyJson, files, mtime }: { readonly rootKeyJson: string; readonly files: readonly FileRecord[]; readonly mtime: number },
): Uint8Array<ArrayBuffer> {
  return engine.container.packSealed(backupPublicKey, rootKeyJson, files, mtime)
}

/**
 * Opens a sealed backup: box, container, then root key; paths are judged by `resolvePaths`.
 *
 * @throws {StructureError} `truncated`: empty input; a container's codes; `invalid_root_key`.
 * @throws {AuthenticationError} `auth_failed`.
 */
export function openBackup(
  engine: Engine,
  backupKeyPair: KeyPair,
  sealed: Uint8Array,
  options: { readonly maxBytes?: number } = {},
): BackupContents {
  if (sealed.length === 0) throw new StructureError('truncated', { what: 'sealed backup', expected: 'at least 48 bytes', got: '0 bytes' })
  return judge(engine, engine.container.unpackSealed(backupKeyPair, sealed, options.maxBytes ?? MAX_CONTAINER_BYTES))
}

/** Reads a container that is not sealed. Same judgement as `openBackup`. */
export function decodeContainer(engine: Engine, container: Uint8Array, options: { readonly maxBytes?: number } = {}): BackupContents {
  return judge(engine, engine.container.unpack(container, options.maxBytes ?? MAX_CONTAINER_BYTES))
}

function judge(engine: Engine, contents: ContainerContents): BackupContents {
  const rootKeyJson = encodeRootKey(decodeRootKey(contents.rootKeyJson))
  const entries = contents.files.map(({ designator, path, content }) => {
    if (!isDesignator(designator))
      throw new StructureError('invalid_file_record', { what: 'file record', expected: 'a known designator', got: designator })
    return { designator, path: path.replace(/^\/+/, ''), checksum: encodeHex(engine.hash.blake3(content)) }
  })
  return { rootKeyJson, files: contents.files, manifest: { files: entries } }
}

/**
 * Judges all paths of a backup before anything is written (§7.2): aliases such as `a/x`, `a/./x`, `/a/x`, `A/x` collide.
 *
 * @returns where each file goes, in order.
 * @throws {StructureError} `invalid_path`, `duplicate_path`.
 */
export function resolvePaths(manifest: Manifest): string[] {
  const taken = new Set<string>()
  return manifest.files.map(({ path }) => {
    const resolved = resolvePath(path)
    const key = resolved.toLowerCase()
    if (taken.has(key))
      throw new StructureError('duplicate_path', { what: 'backup', expected: 'paths that name different files', got: path.slice(0, 14) })
    taken.add(key)
    return resolved
  })
}
