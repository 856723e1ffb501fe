/**
 * The same random input to two engines, and the results compared: bytes by bytes, refusals by code. One seed determines
 * every input, in every runtime.
 */
import { concatBytes, decodeHex, encodeUtf8 } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { gunzipSync, gzipSync } from 'fflate'
import { seededRandom } from '../seeded-random'
import { CheckFailure, describeOutcome, outcomeOf, shorten } from './check'
import { createDraw, type Draw } from './draw'
import { NONCANONICAL_POINTS, SMALL_ORDER_POINTS } from './points'

export interface DifferentialOptions {
  /** Everything follows from it; it stands in the message of a failure. */
  readonly seed: string
  /** Each round gives every kind of input once. */
  readonly rounds: number
  /** Start here, to see one failure again. Default 0. */
  readonly firstRound?: number
  /** Called between rounds; return `true` to end early (a time limit, a yield to the page). */
  readonly stop?: () => boolean
}

export interface DifferentialReport {
  readonly rounds: number
  readonly comparisons: number
}

/** Draws an input and answers how to run it: called once a round, run once an engine. */
type Experiment = (draw: Draw, maker: Engine) => (engine: Engine) => unknown

const CAP = 2 ** 22
const EDGE_KEYS = [new Uint8Array(32), new Uint8Array(32).fill(0xff), new Uint8Array(32).fill(0x80)]
const EDGE_POINTS = [...SMALL_ORDER_POINTS, ...NONCANONICAL_POINTS.flat()].map((point) => decodeHex(point))

const drawKey = (draw: Draw) => (draw.chance(10) ? draw.pick(EDGE_KEYS) : draw.bytes(32))
const drawPoint = (draw: Draw) => (draw.chance(30) ? draw.pick(EDGE_POINTS) : draw.bytes(32))
const drawMessage = (draw: Draw, most = 3000) => draw.bytes(draw.length(most))
const sometimesDamaged = (draw: Draw, bytes: Uint8Array) => (draw.chance(70) ? draw.damage(bytes) : bytes)

const aead =
  (cipher: 'chacha20poly1305' | 'xchacha20poly1305'): Experiment =>
  (draw, maker) => {
    const subject = maker.aead[cipher]
    const [key, nonce, aad, plaintext] = [drawKey(draw), draw.bytes(subject.nonceLength), drawMessage(draw, 100), drawMessage(draw)]
    const ciphertext = sometimesDamaged(draw, subject.seal(key, nonce, aad, plaintext))
    return (engine) => [
      engine.aead[cipher].seal(key, nonce, aad, plaintext),
      describeOutcome(outcomeOf(() => engine.aead[cipher].open(key, nonce, aad, ciphertext))),
    ]
  }

const DESIGNATORS = ['orb_pkg', 'document_pkg', 'credential_vault', 'face_pkg', 'anonymized_third_party_analytics', 'orb-pkg', '']
const PATHS = [
  'a',
  'a/b.txt',
  './x/./y',
  'é/☃',
  '../up',
  '/root',
  'n\0l',
  '',
  '.',
  'dir/',
  'd'.repeat(99),
  'd'.repeat(100),
  'd'.repeat(101),
  'd'.repeat(600),
]

const drawFile = (draw: Draw) => ({
  designator: draw.chance(90) ? draw.pick(DESIGNATORS.slice(0, 5)) : draw.pick(DESIGNATORS),
  path: draw.chance(70) ? draw.pick(PATHS.slice(0, 4)) : draw.pick(PATHS),
  content: drawMessage(draw, 1500),
})

const drawGoodFiles = (draw: Draw) =>
  Array.from({ length: draw.integer(0, 4) }, (_, i) => ({
    designator: draw.pick(DESIGNATORS.slice(0, 5)),
    path: `f/${i}`,
    content: drawMessage(draw, 700),
  }))

/** CBOR that is nearly a file record: the right keys in odd forms, and things between them that do not belong. */
function drawCbor(draw: Draw, depth = 0): Uint8Array {
  const head = (major: number, value: number) => {
    const form = draw.chance(80) ? (value < 24 ? 0 : 1) : draw.integer(1, 4)
    if (form === 0) return Uint8Array.of((major << 5) | value)
    const bytes = new Uint8Array(1 + 2 ** (form - 1))
    bytes[0] = (major << 5) | (23 + form)
    for (let i = bytes.length - 1, rest = value; i > 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256
    return bytes
  }
  const text = (value: string, major = 3) => concatBytes(head(major, encodeUtf8(value).length), encodeUtf8(value))
  const integers = (length: number) =>
    concatBytes(head(4, length), ...Array.from({ length }, () => head(0, draw.integer(0, draw.chance(95) ? 255 : 300))))
  const anything = (): Uint8Array => {
    switch (draw.integer(0, 8)) {
      case 0:
        return head(draw.integer(0, 1), draw.integer(0, 255))
      case 1:
        return text('x'.repeat(draw.integer(0, 30)), draw.integer(2, 3))
      case 2:
        return depth < 3 ? drawCbor(draw, depth + 1) : Uint8Array.of(0xf6)
      case 3:
        return integers(draw.integer(0, 5))
      case 4:
        return Uint8Array.of(draw.integer(0xe0, 0xff))
      case 5:
        return concatBytes(head(6, draw.integer(0, 40)), text('t', draw.integer(2, 3)))
      case 6:
        return concatBytes(Uint8Array.of(0x9f), integers(2), Uint8Array.of(0xff))
      case 7:
        return concatBytes(Uint8Array.of(draw.pick([0x5f, 0x7f])), text('ab', draw.integer(2, 3)), Uint8Array.of(0xff))
      default:
        return draw.bytes(draw.integer(0, 6))
    }
  }
  const members: Uint8Array[] = []
  for (const key of ['data', 'checksum', 'path', 'designator']) {
    if (draw.chance(10)) members.push(concatBytes(draw.chance(70) ? text('other') : anything(), anything()))
    if (draw.chance(4)) continue
    const value =
      key === 'data'
        ? integers(draw.integer(0, 40))
        : key === 'checksum'
          ? integers(draw.chance(90) ? 32 : draw.integer(0, 40))
          : text(key === 'path' ? draw.pick(PATHS) : draw.pick(DESIGNATORS))
    members.push(concatBytes(text(key, draw.chance(90) ? 3 : 2), draw.chance(85) ? value : anything()))
    if (draw.chance(3)) members.push(members.at(-1) ?? value)
  }
  if (draw.chance(15)) return concatBytes(Uint8Array.of(0xbf), ...members, draw.chance(90) ? Uint8Array.of(0xff) : new Uint8Array())
  return concatBytes(head(5, draw.chance(95) ? members.length : draw.integer(0, 6)), ...members)
}

/** A container damaged below its gzip: in the tar, and in the records in it. */
function drawContainer(draw: Draw, maker: Engine): Uint8Array {
  const packed = maker.container.pack('{"version":"V0","key":""}', drawGoodFiles(draw), draw.integer(0, 2 ** 31))
  if (draw.chance(20)) return packed
  let tar: Uint8Array = gunzipSync(packed)
  for (let times = draw.integer(0, 3); times > 0; times--) tar = draw.damage(tar)
  return gzipSync(tar, { mtime: 0, level: 6 })
}

const EXPERIMENTS: Readonly<Record<string, Experiment>> = {
  'ChaCha20-Poly1305': aead('chacha20poly1305'),
  'XChaCha20-Poly1305': aead('xchacha20poly1305'),
  X25519: (draw) => {
    const secretKey = drawKey(draw)
    return ({ x25519 }) => x25519.derivePublicKey(secretKey)
  },
  'sealing a box': (draw) => {
    const [publicKey, ephemeral, plaintext] = [drawPoint(draw), drawKey(draw), drawMessage(draw)]
    return ({ sealedBox }) => sealedBox.sealWithEphemeral(publicKey, ephemeral, plaintext)
  },
  'opening a box': (draw, maker) => {
    const secretKey = drawKey(draw)
    const pair = { secretKey: new Uint8Array(secretKey), publicKey: maker.x25519.derivePublicKey(secretKey) }
    const box = maker.sealedBox.sealWithEphemeral(pair.publicKey, draw.bytes(32), drawMessage(draw))
    if (draw.chance(20)) box.set(drawPoint(draw))
    const damaged = sometimesDamaged(draw, box)
    if (draw.chance(10)) pair.publicKey = draw.bytes(32)
    return ({ sealedBox }) => sealedBox.open(pair, damaged)
  },
  BLAKE2b: (draw) => {
    const [message, length, key] = [drawMessage(draw, 5000), draw.integer(0, 65), draw.bytes(draw.integer(0, 66))]
    return ({ hash }) => hash.blake2b(message, { length, key })
  },
  BLAKE3: (draw) => {
    const [message, length] = [drawMessage(draw, 20_000), draw.length(3000)]
    return ({ hash }) => hash.blake3(message, { length })
  },
  crypto_kdf: (draw) => {
    const [key, context, length] = [drawKey(draw), draw.bytes(8), draw.integer(14, 66)]
    const id = new DataView(draw.bytes(8).buffer).getBigUint64(0) >> BigInt(draw.integer(0, 63))
    return ({ kdf }) => kdf.subkey(key, context, id, length)
  },
  scrypt: (draw) => {
    const options = {
      password: drawMessage(draw, 200),
      salt: draw.bytes(32),
      opsLimit: draw.integer(32_000, 70_000),
      memLimit: 2 ** 24,
      length: draw.integer(14, 100),
    }
    return ({ kdf }) => kdf.scrypt(options)
  },
  Argon2id: (draw) => {
    const options = {
      password: drawMessage(draw, 200),
      salt: draw.bytes(16),
      opsLimit: draw.integer(0, 3),
      memLimit: draw.integer(8000, 100_000),
      length: draw.integer(14, 100),
    }
    return ({ kdf }) => kdf.argon2id(options)
  },
  envelopes: (draw, maker) => {
    const count = draw.integer(0, 6)
    const many = <Item>(make: () => Item) => Array.from({ length: count }, make)
    const [keys, nonces, plaintexts] = [many(() => drawKey(draw)), many(() => draw.bytes(12)), many(() => drawMessage(draw, 600))]
    const damaged = maker.envelopes.sealMany(keys, nonces, plaintexts).map((envelope) => {
      if (!draw.chance(30)) return sometimesDamaged(draw, envelope)
      envelope[draw.integer(0, 6)] = draw.integer(0, 13)
      return envelope
    })
    return ({ envelopes }) => [envelopes.sealMany(keys, nonces, plaintexts), envelopes.openMany(keys, damaged)]
  },
  'encoding a file record': (draw) => {
    const file = drawFile(draw)
    return ({ container }) => container.encodeRecord(file)
  },
  'decoding a damaged file record': (draw, maker) => {
    const [file] = [...drawGoodFiles(draw), { designator: 'orb_pkg', path: 'p', content: draw.bytes(9) }]
    const cbor = sometimesDamaged(draw, maker.container.encodeRecord(file as NonNullable<typeof file>))
    return ({ container }) => container.decodeRecord(cbor)
  },
  'decoding near-miss CBOR': (draw) => {
    const cbor = drawCbor(draw)
    return ({ container }) => container.decodeRecord(cbor)
  },
  'packing a container': (draw) => {
    const [files, mtime] = [Array.from({ length: draw.integer(0, 3) }, () => drawFile(draw)), draw.integer(0, 2 ** 31)]
    return ({ container }) => gunzipSync(container.pack('{"version":"V0","key":""}', files, mtime))
  },
  'unpacking a container damaged inside': (draw, maker) => {
    const [packed, cap] = [drawContainer(draw, maker), draw.chance(90) ? CAP : draw.integer(0, 6000)]
    return ({ container }) => container.unpack(packed, cap)
  },
  // Inflaters differ in the damage they see. Deflate data that point before their beginning are zeros to one and damage to
  // another, so the codes of a refusal may differ. And the one of the sodium engine does not ask whether a Huffman code is
  // complete: it may read what the other refuses, but then nothing else than what was packed.
  'unpacking a container damaged outside': (draw, maker) => {
    const whole = drawContainer(draw, maker)
    const packed = draw.damage(whole)
    const [original, strict] = [whole, packed].map((bytes) => outcomeOf(() => maker.container.unpack(bytes, CAP)))
    return ({ container }) => {
      const outcome = outcomeOf(() => container.unpack(packed, CAP))
      if (outcome.kind === 'crashed') throw outcome.error
      if (outcome.kind === 'refused') return 'refused'
      const isWhole = original !== undefined && describeOutcome(outcome) === describeOutcome(original)
      return strict?.kind === 'refused' && isWhole ? 'refused' : outcome.value
    }
  },
}

/**
 * Feeds both engines the same inputs. Inputs that need sealing first are made by `one`.
 *
 * @throws {CheckFailure} naming seed, round and experiment; run again with that seed and `firstRound` to see it alone.
 */
export function compareEngines(one: Engine, other: Engine, options: DifferentialOptions): DifferentialReport {
  const { seed, rounds, firstRound = 0, stop = () => false } = options
  let comparisons = 0
  let round = firstRound
  for (; round < firstRound + rounds && !stop(); round++) {
    for (const [name, experiment] of Object.entries(EXPERIMENTS)) {
      const run = experiment(createDraw(seededRandom(`${seed}/${round}/${name}`)), one)
      const [first, second] = [one, other].map((engine) => describeOutcome(outcomeOf(() => run(engine)))) as [string, string]
      comparisons++
      if (first !== second || first.startsWith('a crash')) {
        throw new CheckFailure(
          `seed ${JSON.stringify(seed)}, round ${round}, ${name}: ${one.backend} ${shorten(first)}; ${other.backend} ${shorten(second)}`,
        )
      }
    }
  }
  return { rounds: round - firstRound, comparisons }
}
