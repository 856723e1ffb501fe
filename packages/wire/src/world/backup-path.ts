/** Paths of files in a backup (world-backup-client §6, §6.6, §7, §17). */
import { StructureError } from '@holdfast/base'

const STAGING = '.bedrock-staged'
const RESERVED = ['root_secret.json', 'OXIDE_BACKUP_VERSION']

const invalid = (path: string, expected: string) =>
  new StructureError('invalid_path', { what: 'backup path', expected, got: path.slice(0, 14) })

/**
 * Resolves a path below the data directory as §6.6 does: leading slashes, empty and `.` segments vanish.
 *
 * @throws {StructureError} `invalid_path`: `..`, NUL, a reserved first segment, or nothing left.
 */
export function resolvePath(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.')
  if (segments.includes('..') || path.includes('\0')) throw invalid(path, 'a path that stays in its folder')
  const [first] = segments
  if (first === undefined) throw invalid(path, 'a path that names a file')
  if (/^\.bedrock-staged$/i.test(first)) throw invalid(path, `a path outside ${STAGING}`)
  return segments.join('/')
}

/**
 * Judges a path before it is put into a backup. Stricter than the reference's writer, which takes paths that no reader
 * can restore (§17): names of the container's own entries, and aliases such as `dir/./x`.
 *
 * @throws {StructureError} `invalid_path`.
 */
export function checkNewPath(path: string): void {
  if (resolvePath(path) !== path) throw invalid(path, 'a normalised relative path')
  if (RESERVED.includes(path)) throw invalid(path, 'a name the container does not use itself')
  if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(path)) throw invalid(path, 'well-formed text')
}
