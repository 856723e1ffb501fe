import { decodeHex, encodeHex } from '@holdfast/base'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  DESIGNATORS,
  decodeContainer,
  encodeRootKey,
  hashManifest,
  openBackup,
  openBackupSecret,
  sealBackup,
  sealBackupSecret,
} from '../../src/index'
import { describeOnEveryEngine } from '../every-engine'
import { codeOf } from '../refusal'

const rootKeyJson = encodeRootKey({ version: 'V1', key: '11'.repeat(32) })

describeOnEveryEngine('sealed backup (world-backup-client §2, §3, §7)', (engine) => {
  const keyPair = engine.sealedBox.makeKeyPair()
  const factorSecret = decodeHex('67a9b25d7cd2e11cba781af1d4be91c73d3561e5a8fbc2904cb6c2f274acae37')
  const factorPublicKey = engine.x25519.derivePublicKey(factorSecret)
  const seal = (files: Parameters<typeof sealBackup>[2]['files'], json = rootKeyJson) =>
    sealBackup(engine, keyPair.publicKey, { rootKeyJson: json, files, mtime: 1_700_000_000 })

  test('opens to what was sealed, with the manifest rebuilt in the order of the files', () => {
    const file = fc.record({
      designator: fc.constantFrom(...DESIGNATORS),
      path: fc.stringMatching(/^[a-z]{1,8}\/[a-z]{1,120}$/),
      content: fc.uint8Array({ maxLength: 600 }),
    })
    fc.assert(
      fc.property(fc.uniqueArray(file, { selector: ({ path }) => path, maxLength: 4 }), (files) => {
        const opened = openBackup(engine, keyPair, seal(files))
        expect(opened.rootKeyJson).toBe(rootKeyJson)
        expect(opened.files).toEqual(files.map(({ content, ...rest }) => ({ ...rest, content: new Uint8Array(content) })))
        expect(opened.manifest.files.map(({ path }) => path)).toEqual(files.map(({ path }) => path))
      }),
      { numRuns: 40 },
    )
  })

  test('without files it rebuilds the default manifest (§4.4)', () => {
    const { manifest } = openBackup(engine, keyPair, seal([]))
    expect(hashManifest(engine, manifest)).toBe('85c9d3437fbd13e892674f14603650fff5cb32db314d375722f39f84f501036f')
  })

  test('the root key is re-serialised canonically (§2.3)', () => {
    const json = ` {"x":1,"key":"${'AB'.repeat(32)}","version":"V1"}`
    expect(openBackup(engine, keyPair, seal([], json)).rootKeyJson).toBe(`{"version":"V1","key":"${'ab'.repeat(32)}"}`)
  })

  test('a root key that does not parse is refused after the container was read', () => {
    expect(codeOf(() => openBackup(engine, keyPair, seal([], 'x')))).toBe('invalid_root_key')
  })

  test('nothing at all is truncated; another key or a changed bit is one opaque failure', () => {
    const sealed = seal([])
    expect(codeOf(() => openBackup(engine, keyPair, new Uint8Array()))).toBe('truncated')
    expect(codeOf(() => openBackup(engine, engine.sealedBox.makeKeyPair(), sealed))).toBe('auth_failed')
    for (const at of [0, 31, 32, 47, 48, sealed.length - 1]) {
      const damaged = new Uint8Array(sealed)
      damaged[at] = (damaged[at] ?? 0) ^ 1
      expect(codeOf(() => openBackup(engine, keyPair, damaged))).toBe('auth_failed')
    }
  })

  test('it is not decompressed beyond the cap', () => {
    const sealed = seal([{ designator: 'orb_pkg', path: 'zeros', content: new Uint8Array(1_000_000) }])
    expect(codeOf(() => openBackup(engine, keyPair, sealed, { maxBytes: 100_000 }))).toBe('container_too_large')
  })

  test('what is no gzip is damaged, before a version is looked for', () => {
    expect(codeOf(() => decodeContainer(engine, new Uint8Array(40)))).toBe('container_damaged')
  })

  test('a factor opens the backup secret it was sealed to: 160 hex digits, read in either case', () => {
    const sealed = sealBackupSecret(engine, factorPublicKey, keyPair.secretKey)
    expect(sealed).toMatch(/^[0-9a-f]{160}$/)
    expect(openBackupSecret(engine, factorSecret, sealed.toUpperCase())).toEqual(keyPair)
  })

  test('the published pair opens (§14)', () => {
    const encrypted =
      'a4e09292b651c278b9772c569f5fa9bb13d906b46ab68c9df9dc2b4409f8a2096c28813bfd2227d2c3dc1e4faf7d4543453305b6dd14ad7dbf187e7a30492a941ec79ded167011c0cde72b50ed84e5b5'
    const { publicKey, secretKey } = openBackupSecret(engine, factorSecret, encrypted)
    expect(encodeHex(secretKey)).toBe('02'.repeat(32))
    expect(encodeHex(publicKey)).toBe('ce8d3ad1ccb633ec7b70c17814a5c76ecd029685050d344745ba05870e587d59')
  })

  test('refusals come in the order of the reference: the secret’s length, hex, the box, the length inside (§2.3, §17)', () => {
    const inside31 = encodeHex(engine.sealedBox.seal(factorPublicKey, new Uint8Array(31)))
    expect(codeOf(() => openBackupSecret(engine, new Uint8Array(), 'zz'))).toBe('invalid_argument')
    expect(codeOf(() => openBackupSecret(engine, factorSecret, '0x00'))).toBe('invalid_hex')
    expect(codeOf(() => openBackupSecret(engine, factorSecret, ''))).toBe('auth_failed')
    expect(codeOf(() => openBackupSecret(engine, factorSecret, inside31))).toBe('invalid_backup_key_pair')
    expect(codeOf(() => sealBackupSecret(engine, factorPublicKey, new Uint8Array(31)))).toBe('invalid_argument')
  })
})
