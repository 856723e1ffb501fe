/** `crypto_kdf`, `crypto_pwhash_scryptsalsa208sha256` and `crypto_pwhash` (Argon2id), as libsodium has them. */
import { encodeHex, encodeUtf8 } from '@holdfast/base'
import type { Engine, PasswordHashOptions } from '@holdfast/crypto'
import { type Check, expectBytes, expectCode, expectSame } from './check'
import { countingBytes } from './inputs'

const CONTEXT = encodeUtf8('KDF test')

interface PasswordHash {
  readonly name: string
  readonly of: (engine: Engine) => (options: PasswordHashOptions) => Uint8Array
  readonly cheapest: PasswordHashOptions
}

const PASSWORD_HASHES: readonly PasswordHash[] = [
  {
    name: 'scrypt',
    of: (engine) => (options) => engine.kdf.scrypt(options),
    cheapest: { password: encodeUtf8('password'), salt: countingBytes(32), opsLimit: 32_768, memLimit: 2 ** 24, length: 32 },
  },
  {
    name: 'Argon2id',
    of: (engine) => (options) => engine.kdf.argon2id(options),
    cheapest: { password: encodeUtf8('password'), salt: countingBytes(16), opsLimit: 1, memLimit: 8192, length: 32 },
  },
]

export const KDF_CHECKS: readonly Check[] = [
  {
    name: 'crypto_kdf: gives libsodium’s own test answers',
    run({ kdf }) {
      const key = countingBytes(32)
      expectBytes(
        kdf.subkey(key, CONTEXT, 0n, 64),
        'a0c724404728c8bb95e5433eb6a9716171144d61efb23e74b873fcbeda51d8071b5d70aae12066dfc94ce943f145aa176c055040c3dd73b0a15e36254d450614',
      )
      expectBytes(
        kdf.subkey(key, CONTEXT, 1n, 64),
        '02507f144fa9bf19010bf7c70b235b4c2663cc00e074f929602a5e2c10a780757d2a3993d06debc378a90efdac196dd841817b977d67b786804f6d3cd585bab5',
      )
    },
  },
  {
    name: 'crypto_kdf: every length from 16 to 64 is another key, no prefix of a longer one',
    run({ kdf }) {
      const starts = new Set<string>()
      for (let length = 16; length <= 64; length++) {
        const subkey = kdf.subkey(countingBytes(32), CONTEXT, 7n, length)
        expectSame(subkey.length, length, 'subkey length')
        starts.add(encodeHex(subkey.subarray(0, 16)))
      }
      expectSame(starts.size, 49, 'distinct subkeys')
    },
  },
  {
    name: 'crypto_kdf: ids are 64-bit: those beyond 2^53 are told apart, those outside are refused',
    run({ kdf }) {
      const ids = [0n, 1n, 255n, 256n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]
      const subkeys = new Set(ids.map((id) => encodeHex(kdf.subkey(countingBytes(32), CONTEXT, id, 32))))
      expectSame(subkeys.size, ids.length, 'distinct subkeys')
      for (const id of [-1n, 2n ** 64n]) expectCode('invalid_argument', () => kdf.subkey(countingBytes(32), CONTEXT, id, 32), `id ${id}`)
    },
  },
  {
    name: 'crypto_kdf: refuses lengths below 16 and over 64',
    run({ kdf }) {
      for (const length of [0, 15, 65, -1, 16.5, Number.NaN]) {
        expectCode('invalid_argument', () => kdf.subkey(countingBytes(32), CONTEXT, 0n, length), `length ${length}`)
      }
    },
  },
  ...PASSWORD_HASHES.flatMap(passwordHashChecks),
]

function passwordHashChecks({ name, of, cheapest }: PasswordHash): Check[] {
  const range = name === 'scrypt' ? { ops: 32_768, memory: 2 ** 24 } : { ops: 1, memory: 8192 }
  return [
    {
      name: `${name}: is deterministic, and depends on every argument`,
      run(engine) {
        const hash = of(engine)
        const key = encodeHex(hash(cheapest))
        expectSame(encodeHex(hash(cheapest)), key, 'the same again')
        const others = [
          { ...cheapest, password: encodeUtf8('Password') },
          { ...cheapest, password: new Uint8Array() },
          { ...cheapest, salt: new Uint8Array(cheapest.salt.length) },
          { ...cheapest, opsLimit: cheapest.opsLimit * 4 },
        ]
        expectSame(new Set([key, ...others.map((options) => encodeHex(hash(options)))]).size, 5, 'distinct keys')
      },
    },
    {
      name: `${name}: gives 16 to 1,024 bytes`,
      run(engine) {
        for (const length of [16, 17, 64, 1024]) expectSame(of(engine)({ ...cheapest, length }).length, length, 'output length')
        for (const length of [0, 15, 1025, 32.5, Number.NaN, 2 ** 32 + 32]) {
          expectCode('invalid_argument', () => of(engine)({ ...cheapest, length }), `length ${length}`)
        }
      },
    },
    {
      name: `${name}: refuses costs outside its limits before anything is allocated`,
      run(engine) {
        for (const opsLimit of [0, range.ops - 1, 2 ** 32, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
          expectCode('invalid_argument', () => of(engine)({ ...cheapest, opsLimit }), `opsLimit ${opsLimit}`)
        }
        for (const memLimit of [0, range.memory - 1, 2 ** 30 + 1, 2 ** 40, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
          expectCode('invalid_argument', () => of(engine)({ ...cheapest, memLimit }), `memLimit ${memLimit}`)
        }
      },
    },
    {
      name: `${name}: wants a salt of exactly ${cheapest.salt.length} bytes`,
      run(engine) {
        for (const length of [0, 8, cheapest.salt.length - 1, cheapest.salt.length + 1, 64]) {
          expectCode('invalid_argument', () => of(engine)({ ...cheapest, salt: new Uint8Array(length) }), `a salt of ${length} bytes`)
        }
      },
    },
  ]
}
