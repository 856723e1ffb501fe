import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DESIGNATORS, decodeManifest, EMPTY_MANIFEST_HASH, encodeManifest, hashManifest, type ManifestEntry } from '../../src/index'
import { describeOnEveryEngine } from '../every-engine'
import { codeOf } from '../refusal'

const checksum = '3ae7d805f6789a6402acb70ad4096a85a56bf6804eaf25c0493ac697548d30b5'
const entry = fc.record({
  designator: fc.constantFrom(...DESIGNATORS),
  path: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  checksum: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex')),
})
const manifest = fc.uniqueArray(entry, { selector: ({ path }) => path.toLowerCase(), maxLength: 8 }).map((files) => ({ files }))
const one = { designator: 'orb_pkg', path: 'a/b.bin', checksum } as const
const oneHash = (engine: Parameters<typeof hashManifest>[0], change: Partial<ManifestEntry>) =>
  hashManifest(engine, { files: [{ ...one, ...change }] })

describeOnEveryEngine('manifest (world-backup-client §4, §17)', (engine) => {
  test('without entries it has the published hash', () => expect(hashManifest(engine, { files: [] })).toBe(EMPTY_MANIFEST_HASH))

  test('decodes what it encodes', () => {
    fc.assert(
      fc.property(manifest, (value) => {
        expect(decodeManifest(encodeManifest(value))).toEqual(value)
      }),
    )
  })

  test('its hash does not depend on the order of entries', () => {
    fc.assert(
      fc.property(manifest, fc.nat(), (value, turn) => {
        const turned = [...value.files.slice(turn % 8), ...value.files.slice(0, turn % 8)].reverse()
        expect(hashManifest(engine, { files: turned })).toBe(hashManifest(engine, value))
      }),
    )
  })

  test('its hash depends on every member of an entry, and not on the case of the hex', () => {
    const hashes = [{}, { designator: 'face_pkg' as const }, { path: 'a/B.bin' }, { checksum: checksum.replace('3', '4') }]
    expect(new Set(hashes.map((change) => oneHash(engine, change))).size).toBe(4)
    expect(oneHash(engine, { checksum: checksum.toUpperCase() })).toBe(oneHash(engine, {}))
  })

  test('entries sort by code point, not by UTF-16 unit (§4.5, example 4)', () => {
    const files = [
      { designator: 'face_pkg', path: 'x/😀.bin', checksum: 'd63bd9a826af91c1fea371965a64e11ee20f13e46b5f52c59901136605b3a487' },
      { designator: 'credential_vault', path: 'x/～.bin', checksum: '813e9b729141e7f385afa0a2d0df3e6c3789e427ffe4aeef566a565bc8f2fe3d' },
    ] as const
    expect(hashManifest(engine, { files })).toBe('cced182dd27f5b0d516c995184f8c2e272628fa6002b0991bb4baea4a512f236')
  })

  test.each([
    ['PCP/FILE.bin', 'pcp/file.BIN'],
    ['docs/résumé.bin', 'DOCS/RÉSUMÉ.BIN'],
    ['ΑΣ.Α', 'ασ.α'],
    ['𐐀', '𐐨'],
    ['ẞ', 'ß'],
  ])('%s and %s are one path, whatever their checksums say', (a, b) => {
    const files = [a, b].map((path) => ({ ...one, path, checksum: 'zz' }))
    expect(codeOf(() => hashManifest(engine, { files }))).toBe('duplicate_path')
  })

  test('NFC and NFD spellings are two paths', () => {
    const files = ['r\u00e9', 're\u0301'].map((path) => ({ ...one, path }))
    expect(hashManifest(engine, { files })).toMatch(/^[0-9a-f]{64}$/)
  })

  test.each(['', 'zz'.repeat(32), checksum.slice(2), `${checksum}00`, `0x${checksum}`, checksum.slice(1)])(
    'checksum %j is refused',
    (text) => {
      expect(codeOf(() => oneHash(engine, { checksum: text }))).toBe('invalid_checksum_hex')
    },
  )

  const record = `{"designator":"orb_pkg","file_path":"p","checksum_hex":"${checksum}"}`
  test.each([
    ['unknown members at every level', `{"x":1,"version":"V0","manifest":{"y":[],"files":[${record.replace('{', '{"z":1e999,')}]}}`],
    ['the content before its tag', `{"manifest":{"files":[${record}]},"version":"V0"}`],
    ['arrays at every level', `["V0",[[["orb_pkg","p","${checksum}"]]]]`],
    ['a variant as an object', `{"version":{"V0":null},"manifest":{"files":[${record.replace('"orb_pkg"', '{"orb_pkg":null}')}]}}`],
    [
      'an empty object for null, in content before its tag',
      `{"manifest":{"files":[${record.replace('"orb_pkg"', '{"orb_pkg":{}}')}]},"version":"V0"}`,
    ],
  ])('its reader takes %s', (_, json) => {
    expect(decodeManifest(json)).toEqual({ files: [{ designator: 'orb_pkg', path: 'p', checksum }] })
  })

  test.each([
    ['another version', '{"version":"V1","manifest":{"files":[]}}'],
    ['no files', '{"version":"V0","manifest":{}}'],
    ['a duplicate member', '{"version":"V0","manifest":{"files":[],"files":[]}}'],
    ['an unknown designator', `{"version":"V0","manifest":{"files":[${record.replace('orb_pkg', 'ORB_PKG')}]}}`],
    ['an empty object for null, after the tag', `{"version":"V0","manifest":{"files":[${record.replace('"orb_pkg"', '{"orb_pkg":{}}')}]}}`],
    ['an entry too short', '{"version":"V0","manifest":{"files":[["orb_pkg","p"]]}}'],
    ['an infinite number in content before its tag', '{"manifest":{"files":[],"x":1e999},"version":"V0"}'],
    ['a lone surrogate in content before its tag', '{"manifest":{"files":[],"x":"\\ud800"},"version":"V0"}'],
    ['127 levels in content before its tag', `{"manifest":{"files":[],"x":${'['.repeat(126)}${']'.repeat(126)}},"version":"V0"}`],
    ['a list', '[]'],
  ])('its reader refuses %s', (_, json) => expect(codeOf(() => decodeManifest(json))).toBe('invalid_manifest'))
})
