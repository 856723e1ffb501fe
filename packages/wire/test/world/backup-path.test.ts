import { describe, expect, test } from 'vitest'
import { checkNewPath, resolvePath, resolvePaths } from '../../src/index'
import { codeOf } from '../refusal'

describe('paths of a backup (world-backup-client §6.6, §7.2, §17)', () => {
  test.each([
    ['a/b', 'a/b'],
    ['/a//b', 'a/b'],
    ['./a/./b/', 'a/b'],
    ['A/.bedrock-staged', 'A/.bedrock-staged'],
    ['.bedroc\u212a-staged/x', '.bedroc\u212a-staged/x'],
  ])('%j resolves to %j', (path, resolved) => expect(resolvePath(path)).toBe(resolved))

  test.each(['', '/', '.', './', 'a/../b', '..', 'a\0b', '.bedrock-staged/x', './.BEDROCK-staged'])('%j names no file', (path) => {
    expect(codeOf(() => resolvePath(path))).toBe('invalid_path')
  })

  test.each(['a/x.bin', 'a/./x.bin', '/a/x.bin', 'a//x.bin', 'a/X.bin'].slice(1))('a/x.bin and %s are one file', (path) => {
    const files = ['a/x.bin', path].map((name) => ({ designator: 'orb_pkg' as const, path: name, checksum: '' }))
    expect(codeOf(() => resolvePaths({ files }))).toBe('duplicate_path')
  })

  test('a writer takes a normalised path and nothing that no reader could restore', () => {
    expect(codeOf(() => checkNewPath('docs/ü.bin'))).toBeUndefined()
    for (const path of ['./a', '/a', 'a//b', 'a/', 'root_secret.json', 'OXIDE_BACKUP_VERSION', 'a/\ud800', '..'])
      expect(codeOf(() => checkNewPath(path))).toBe('invalid_path')
  })
})
