/** The gated pipeline (world-backup-client §6.2, §6.3, §12): answered, lost, late or refused. */
import { encodeUtf8, HoldfastError, StructureError } from '@holdfast/base'
import { type Engine, init } from '@holdfast/crypto'
import { createFakeClock, seededRandom } from '@holdfast/testkit'
import { EMPTY_MANIFEST_HASH, hashManifest, type ManifestEntry } from '@holdfast/wire'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  createMemoryStore,
  EMPTY_BASE,
  Ledger,
  listFiles,
  push,
  type Remote,
  removeFile,
  replaceAllFilesForDesignator,
  scanFiles,
  storeFile,
} from '../src/index'

let engine: Engine
beforeAll(async () => {
  engine = await init()
})

const ROOT_KEY = `{"version":"V1","key":"${'11'.repeat(32)}"}`
const failure = (code: string) => new HoldfastError(code, `${code}: in a test; nothing to do`)

/** A remote that answers `script` in turn: `ok`, a code before the work, or `lost:` and a code after it. */
async function pushAgainst(script: readonly string[], { heads = [] as readonly string[] } = {}) {
  const store = createMemoryStore({ 'a.txt': encodeUtf8('a') })
  const ledger = new Ledger(store.state)
  const clock = createFakeClock(0)
  let head = EMPTY_MANIFEST_HASH
  let sent = 0
  let asked = 0
  const remote: Remote = {
    async sync({ currentManifestHash, newManifestHash }) {
      const [word = 'ok', code = ''] = (script[sent++] ?? 'ok').split(':')
      if (word === 'ok' || word === 'lost') {
        if (currentManifestHash !== head) throw failure('manifest_hash_mismatch')
        head = newManifestHash
      }
      if (word !== 'ok') throw failure(word === 'lost' ? code : word)
    },
    async fetchHead() {
      const answer = heads[asked++]
      if (answer === 'unreachable') throw failure('unreachable')
      return answer ?? head
    },
  }
  const snapshot = await scanFiles(engine, store.files, { files: [] }, () => 'document_pkg')
  const keyPair = engine.sealedBox.makeKeyPair()
  const outcome = await push({
    engine,
    clock,
    ledger,
    remote,
    backupPublicKey: keyPair.publicKey,
    rootKeyJson: ROOT_KEY,
    base: EMPTY_BASE,
    snapshot,
  }).catch((error) => error)
  return { outcome, ledger, next: hashManifest(engine, snapshot.manifest), sent, waited: clock.now() }
}

describe('a push', () => {
  test('moves head and ledger together', async () => {
    const { outcome, ledger, next } = await pushAgainst(['ok'])
    expect(outcome).toMatchObject({ kind: 'committed', head: next })
    expect((await ledger.loadBase())?.head).toBe(next)
  })

  test.each(['unreachable', 'service_failed', 'unexpected_answer', 'already_used'])(
    'whose answer is lost (%s) is settled by the head, not sent again',
    async (code) => {
      const { outcome, ledger, next, sent } = await pushAgainst([`lost:${code}`])
      expect(outcome).toMatchObject({ kind: 'committed', head: next })
      expect((await ledger.loadBase())?.head).toBe(next)
      expect(sent).toBe(1)
    },
  )

  test.each(['unreachable', 'service_failed', 'conflicting_lock', 'jwt_error', 'already_used'])(
    'that never arrived (%s) is sent again, later',
    async (code) => {
      const { outcome, sent, waited } = await pushAgainst([code, code, 'ok'])
      expect(outcome).toMatchObject({ kind: 'committed' })
      expect([sent, waited]).toEqual([3, 1500])
    },
  )

  test('gives up after five attempts, as unknown, with the base as it was', async () => {
    const { outcome, ledger, sent } = await pushAgainst(Array(9).fill('conflicting_lock'))
    expect(outcome).toMatchObject({ kind: 'unknown', cause: { code: 'conflicting_lock' } })
    expect([sent, await ledger.loadBase()]).toEqual([5, undefined])
  })

  test('whose head cannot be read either is unknown, and its attempt is remembered', async () => {
    const { outcome, ledger, next } = await pushAgainst(['lost:unreachable'], { heads: ['unreachable'] })
    expect(outcome).toMatchObject({ kind: 'unknown', cause: { code: 'unreachable' } })
    expect((await ledger.findPending(next))?.head).toBe(next)
  })

  test('that comes second is stale: 412 is not an error (§13, trap 11)', async () => {
    const other = 'ab'.repeat(32)
    const { outcome, ledger } = await pushAgainst(['manifest_hash_mismatch'], { heads: [other] })
    expect(outcome).toEqual({ kind: 'stale', head: other })
    expect(await ledger.loadBase()).toBeUndefined()
  })

  test.each(['unauthorized_factor', 'content_too_large', 'signature_verification_error'])(
    'that is refused (%s) throws the refusal, once',
    async (code) => {
      const { outcome, sent } = await pushAgainst([code])
      expect([outcome.code, sent]).toEqual([code, 1])
    },
  )

  test('above 15 MiB is refused before anything is sent or remembered', async () => {
    const store = createMemoryStore({ big: seededRandom('big')(16 * 2 ** 20) })
    const ledger = new Ledger(store.state)
    const refuse = async () => {
      throw new Error('nothing may be sent')
    }
    const snapshot = await scanFiles(engine, store.files, { files: [] }, () => 'document_pkg')
    const { publicKey } = engine.sealedBox.makeKeyPair()
    const pushing = push({
      engine,
      clock: createFakeClock(),
      ledger,
      remote: { sync: refuse, fetchHead: refuse },
      backupPublicKey: publicKey,
      rootKeyJson: ROOT_KEY,
      base: EMPTY_BASE,
      snapshot,
    })
    await expect(pushing).rejects.toSatisfy((error) => error instanceof StructureError && error.code === 'backup_too_large')
    expect(await ledger.findPending(hashManifest(engine, snapshot.manifest))).toBeUndefined()
  })
})

describe('manifest operations (§6.2)', () => {
  const entry = (path: string, designator: ManifestEntry['designator'] = 'orb_pkg', checksum = '00'.repeat(32)): ManifestEntry => ({
    path,
    designator,
    checksum,
  })
  const two = { files: [entry('a'), entry('b', 'face_pkg')] }

  test('storeFile appends, and is a no-op for a path that is listed, whatever its designator and content', () => {
    expect(storeFile(two, entry('./c')).files.map(({ path }) => path)).toEqual(['a', 'b', 'c'])
    expect(storeFile(two, entry('/b', 'orb_pkg', '11'.repeat(32)))).toBe(two)
    expect(storeFile(two, entry('A')).files).toHaveLength(3)
  })

  test('replaceAllFilesForDesignator drops the designator’s entries and appends the new one at the end', () => {
    expect(replaceAllFilesForDesignator(two, entry('./n')).files.map(({ path }) => path)).toEqual(['b', 'n'])
  })

  test('removeFile drops the entry of exactly that path, or fails', () => {
    expect(removeFile(two, './/a').files.map(({ path }) => path)).toEqual(['b'])
    expect(() => removeFile(two, 'A')).toThrow(expect.objectContaining({ code: 'invalid_file' }))
  })

  test('listFiles keeps the manifest’s order', () => {
    expect(listFiles({ files: [...two.files, entry('0')] }, 'orb_pkg')).toEqual(['a', '0'])
  })
})
