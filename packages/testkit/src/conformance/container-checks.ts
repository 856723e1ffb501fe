/** File records and the V0 container (world-backup-client §3, §17). */
import { concatBytes, decodeHex, encodeUtf8, HoldfastError } from '@holdfast/base'
import type { ContainerContents, Engine, FileRecord } from '@holdfast/crypto'
import { type Check, CheckFailure, describeOutcome, expectBytes, expectCode, expectSame, outcomeOf } from './check'
import { countingBytes, everyBitFlipped, everyTruncation, oneBitOfEveryByteFlipped } from './inputs'

const ROOT = '{"version":"V1","key":"2111111111111111111111111111111111111111111111111111111111111111"}'
const MTIME = 1_700_000_000
const CAP = 2 ** 24
const DESIGNATORS = ['orb_pkg', 'document_pkg', 'credential_vault', 'face_pkg', 'anonymized_third_party_analytics']

const LONG_NAME = `${'d'.repeat(120)}/é-${'n'.repeat(90)}.bin`

const FILES: readonly FileRecord[] = [
  { designator: 'orb_pkg', path: 'personal_custody/file1.txt', content: encodeUtf8('Hello, World!') },
  { designator: 'document_pkg', path: 'empty', content: new Uint8Array() },
  { designator: 'credential_vault', path: 'every/byte.bin', content: countingBytes(256) },
  { designator: 'face_pkg', path: 'Ünïcode/☃/файл', content: countingBytes(5000, 3) },
  { designator: 'anonymized_third_party_analytics', path: LONG_NAME, content: new Uint8Array(1500) },
  { designator: 'orb_pkg', path: `${'x'.repeat(96)}.bin`, content: countingBytes(511) },
  { designator: 'orb_pkg', path: `${'y'.repeat(97)}.bin`, content: countingBytes(512) },
]

function expectContents(got: ContainerContents, rootKeyJson: string, files: readonly FileRecord[]): void {
  expectSame(got.rootKeyJson, rootKeyJson, 'root key JSON')
  expectSame(got.files.length, files.length, 'files')
  for (const [i, file] of files.entries()) {
    expectSame(got.files[i]?.designator, file.designator, `designator of file ${i}`)
    expectSame(got.files[i]?.path, file.path, `path of file ${i}`)
    expectBytes(got.files[i]?.content as Uint8Array, file.content, `content of file ${i}`)
  }
}

/** Whatever the damage: an answer or a typed error, never a crash. */
function expectNoCrash(run: () => unknown, what: string): void {
  const outcome = outcomeOf(run)
  if (outcome.kind === 'crashed') throw new CheckFailure(`${what}: ${describeOutcome(outcome)}`)
}

const recipientOf = (engine: Engine) => {
  const secretKey = countingBytes(32, 0x21)
  return { secretKey, publicKey: engine.x25519.derivePublicKey(secretKey) }
}

export const CONTAINER_CHECKS: readonly Check[] = [
  {
    name: 'file record: encodes the worked example of world-backup-client §3.3',
    run({ container }) {
      const record = { designator: 'orb_pkg', path: 'personal_custody/file1.txt', content: encodeUtf8('Hello, World!') }
      expectBytes(
        container.encodeRecord(record),
        'a464646174618d18481865186c186c186f182c18201857186f1872186c1864182168636865636b73756d98201828188a188618a7189f182018a318d618dc18cd18ca18771318be18ae18d1187818791882189618bd18fa18791318fa182a186218d91872187b18f818f86470617468781a706572736f6e616c5f637573746f64792f66696c65312e7478746a64657369676e61746f72676f72625f706b67',
      )
    },
  },
  {
    name: 'file record: decodes to what was encoded, for every designator and every length form of CBOR',
    run({ container }) {
      for (const designator of DESIGNATORS) {
        for (const length of [0, 1, 23, 24, 25, 255, 256, 257, 65_535, 65_536]) {
          const record = { designator, path: 'p'.repeat(length === 0 ? 1 : Math.min(length, 300)), content: countingBytes(length) }
          const decoded = container.decodeRecord(container.encodeRecord(record))
          expectSame(decoded.designator, designator, 'designator')
          expectSame(decoded.path, record.path, 'path')
          expectBytes(decoded.content, record.content, 'content')
        }
      }
    },
  },
  {
    name: 'file record: refuses designators outside the closed set of §4.1',
    run({ container }) {
      for (const designator of ['', 'ORB_PKG', 'orb-pkg', 'other', 'orb_pkg\0']) {
        expectCode('invalid_file_record', () => container.encodeRecord({ designator, path: 'p', content: new Uint8Array() }), designator)
      }
    },
  },
  {
    name: 'file record: refuses every truncation, and changed content by its checksum',
    run({ container }) {
      const cbor = container.encodeRecord({ designator: 'orb_pkg', path: 'p', content: encodeUtf8('abc') })
      for (const cut of everyTruncation(cbor)) expectCode('invalid_file_record', () => container.decodeRecord(cut), `${cut.length} bytes`)
      const changed = new Uint8Array(cbor)
      changed[8] = (changed[8] ?? 0) ^ 1
      expectCode('invalid_checksum', () => container.decodeRecord(changed))
      expectSame(container.decodeRecord(concatBytes(cbor, countingBytes(3))).path, 'p', 'bytes after the map are ignored')
    },
  },
  {
    name: 'file record: no flipped bit crashes the decoder',
    run({ container }) {
      const cbor = container.encodeRecord({ designator: 'face_pkg', path: 'a/b', content: countingBytes(40) })
      for (const damaged of everyBitFlipped(cbor)) expectNoCrash(() => container.decodeRecord(damaged), 'a flipped bit')
    },
  },
  {
    name: 'file record: a length that promises more than there is is refused without allocating it',
    run({ container }) {
      const promises = ['9bffffffffffffffff', '9affffffff', '9b0000000100000000', '5affffffff', '7bffffffffffffffff']
      for (const head of promises) {
        const cbor = concatBytes(decodeHex('a46464617461'), decodeHex(head))
        expectCode('invalid_file_record', () => container.decodeRecord(cbor), head)
      }
    },
  },
  {
    name: 'container: unpacks to what was packed, in order, long and non-ASCII names included',
    run({ container }) {
      expectContents(container.unpack(container.pack(ROOT, FILES, MTIME), CAP), ROOT, FILES)
      expectContents(container.unpack(container.pack(ROOT, [], MTIME), CAP), ROOT, [])
      expectContents(container.unpack(container.pack('', FILES.slice(0, 1), 0), CAP), '', FILES.slice(0, 1))
    },
  },
  {
    name: 'container: the same input packs to the same bytes',
    run({ container }) {
      expectBytes(container.pack(ROOT, FILES, MTIME), container.pack(ROOT, FILES, MTIME))
    },
  },
  {
    name: 'container: is gzip without name and time, operating system 255 (§3.2)',
    run({ container }) {
      const packed = container.pack(ROOT, FILES, MTIME)
      expectBytes(packed.subarray(0, 4), '1f8b0800')
      expectBytes(packed.subarray(4, 10), '0000000000ff')
    },
  },
  {
    name: 'container: refuses paths that a tar cannot name or nothing could restore',
    run({ container }) {
      for (const path of ['', '/a', 'a/../b', '..', 'a\0b', `${'d'.repeat(120)}/..`]) {
        expectCode('invalid_path', () => container.pack(ROOT, [{ designator: 'orb_pkg', path, content: new Uint8Array() }], MTIME), path)
      }
    },
  },
  {
    name: 'container: names a path of nothing but dots and slashes as the reference does (§17)',
    run({ container }) {
      for (const path of ['.', './', './.', './/'])
        container.pack(ROOT, [{ designator: 'orb_pkg', path, content: new Uint8Array() }], MTIME)
    },
  },
  {
    name: 'container: judges one file whole before the next',
    run({ container }) {
      const [badPath, badDesignator] = [
        { designator: 'orb_pkg', path: '..', content: new Uint8Array() },
        { designator: 'no_such', path: 'p', content: new Uint8Array() },
      ]
      expectCode('invalid_path', () => container.pack(ROOT, [badPath, badDesignator], MTIME))
      expectCode('invalid_file_record', () => container.pack(ROOT, [badDesignator, badPath], MTIME))
    },
  },
  {
    name: 'container: caps what it decompresses',
    run({ container }) {
      const packed = container.pack(ROOT, [{ designator: 'orb_pkg', path: 'zeros', content: new Uint8Array(200_000) }], MTIME)
      expectCode('container_too_large', () => container.unpack(packed, 100_000))
      expectCode('container_too_large', () => container.unpack(packed, 0))
      expectSame(container.unpack(packed, CAP).files[0]?.content.length, 200_000, 'content within the cap')
    },
  },
  {
    name: 'container: what is not gzip is damaged',
    run({ container }) {
      const inputs = ['', '1f', '1f8b', '504b0304', '1f8b08000000000000ff', '1f8b09000000000000ff0300', '1f8b08e0000000000000ff']
      for (const input of inputs) expectCode('container_damaged', () => container.unpack(decodeHex(input), CAP), input)
      expectCode('container_damaged', () => container.unpack(encodeUtf8('<!doctype html><title>Not found</title>'), CAP), 'HTML')
    },
  },
  {
    name: 'container: no truncation and no damaged byte crashes the reader, and none changes a file unnoticed',
    run({ container }) {
      const files = [{ designator: 'orb_pkg', path: 'p', content: countingBytes(30) }]
      const packed = container.pack(ROOT, files, MTIME)
      for (const damaged of [...everyTruncation(packed), ...oneBitOfEveryByteFlipped(packed)]) {
        try {
          for (const file of container.unpack(damaged, CAP).files) expectBytes(file.content, countingBytes(30), 'content')
        } catch (error) {
          if (!(error instanceof HoldfastError)) throw new CheckFailure(`damage gave ${String(error)}`)
        }
      }
    },
  },
  {
    name: 'sealed container: opens with its key pair to what was packed, and is pack and seal in one',
    run(engine) {
      const recipient = recipientOf(engine)
      const sealed = engine.container.packSealed(recipient.publicKey, ROOT, FILES, MTIME)
      expectContents(engine.container.unpackSealed(recipient, sealed, CAP), ROOT, FILES)
      expectBytes(engine.sealedBox.open(recipient, sealed), engine.container.pack(ROOT, FILES, MTIME), 'the container inside')
      const again = engine.sealedBox.seal(recipient.publicKey, engine.container.pack(ROOT, FILES, MTIME))
      expectContents(engine.container.unpackSealed(recipient, again, CAP), ROOT, FILES)
    },
  },
  {
    name: 'sealed container: damage is unauthentic, a good seal around a bad container is judged as that container',
    run(engine) {
      const recipient = recipientOf(engine)
      const sealed = engine.container.packSealed(recipient.publicKey, ROOT, FILES.slice(0, 1), MTIME)
      for (const cut of [0, 31, 47, 48, sealed.length - 1]) {
        expectCode('auth_failed', () => engine.container.unpackSealed(recipient, sealed.subarray(0, cut), CAP), `${cut} bytes`)
      }
      expectCode('auth_failed', () => engine.container.unpackSealed(engine.sealedBox.makeKeyPair(), sealed, CAP))
      expectCode('container_too_large', () => engine.container.unpackSealed(recipient, sealed, 1000))
      const nonsense = engine.sealedBox.seal(recipient.publicKey, encodeUtf8('not a container'))
      expectCode('container_damaged', () => engine.container.unpackSealed(recipient, nonsense, CAP))
      expectCode('weak_public_key', () => engine.container.packSealed(new Uint8Array(32), ROOT, [], MTIME))
      const climbing = [{ designator: 'orb_pkg', path: '../up', content: new Uint8Array() }]
      expectCode('invalid_path', () => engine.container.packSealed(recipient.publicKey, ROOT, climbing, MTIME))
    },
  },
]
