/** Arguments of the wrong kind or size are `invalid_argument` in every method, never a crash and never an answer. */
import { encodeUtf8 } from '@holdfast/base'
import type { Engine } from '@holdfast/crypto'
import { type Check, expectCode } from './check'
import { countingBytes } from './inputs'

type Arguments = Readonly<Record<string, unknown>>

interface Method {
  readonly name: string
  /** Arguments that are right. */
  readonly args: (engine: Engine) => Arguments
  readonly call: (engine: Engine, args: never) => unknown
  /** The arguments that are bytes, with their length where only one is right. */
  readonly bytes: Readonly<Record<string, number | 'any'>>
}

const key = () => countingBytes(32, 1)
const some = () => countingBytes(40, 2)

const AEADS: readonly Method[] = (['chacha20poly1305', 'xchacha20poly1305'] as const).flatMap((cipher) => {
  const nonce = () => countingBytes(cipher === 'chacha20poly1305' ? 12 : 24)
  const bytes = { key: 32, nonce: nonce().length, aad: 'any', message: 'any' } as const
  const args = () => ({ key: key(), nonce: nonce(), aad: some(), message: some() })
  type Args = ReturnType<typeof args>
  return [
    { name: `aead.${cipher}.seal`, args, bytes, call: ({ aead }, a: Args) => aead[cipher].seal(a.key, a.nonce, a.aad, a.message) },
    { name: `aead.${cipher}.open`, args, bytes, call: ({ aead }, a: Args) => aead[cipher].open(a.key, a.nonce, a.aad, a.message) },
  ] satisfies Method[]
})

interface Box {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
  readonly box: Uint8Array
}

const passwordHash = (saltLength: 16 | 32) => () => ({
  password: encodeUtf8('p'),
  salt: countingBytes(saltLength),
  opsLimit: saltLength === 16 ? 1 : 32_768,
  memLimit: saltLength === 16 ? 8192 : 2 ** 24,
  length: 32,
})

const METHODS: readonly Method[] = [
  ...AEADS,
  {
    name: 'x25519.derivePublicKey',
    args: () => ({ secretKey: key() }),
    bytes: { secretKey: 32 },
    call: ({ x25519 }, a: { secretKey: Uint8Array }) => x25519.derivePublicKey(a.secretKey),
  },
  {
    name: 'sealedBox.seal',
    args: () => ({ publicKey: key(), plaintext: some() }),
    bytes: { publicKey: 32, plaintext: 'any' },
    call: ({ sealedBox }, a: { publicKey: Uint8Array; plaintext: Uint8Array }) => sealedBox.seal(a.publicKey, a.plaintext),
  },
  {
    name: 'sealedBox.sealWithEphemeral',
    args: () => ({ publicKey: key(), ephemeral: key(), plaintext: some() }),
    bytes: { publicKey: 32, ephemeral: 32, plaintext: 'any' },
    call: ({ sealedBox }, a: { publicKey: Uint8Array; ephemeral: Uint8Array; plaintext: Uint8Array }) =>
      sealedBox.sealWithEphemeral(a.publicKey, a.ephemeral, a.plaintext),
  },
  {
    name: 'sealedBox.open',
    args: () => ({ publicKey: key(), secretKey: key(), box: countingBytes(60) }),
    bytes: { publicKey: 32, secretKey: 32, box: 'any' },
    call: ({ sealedBox }, a: Box) => sealedBox.open({ publicKey: a.publicKey as never, secretKey: a.secretKey as never }, a.box),
  },
  {
    name: 'hash.blake2b',
    args: () => ({ message: some(), key: key() }),
    bytes: { message: 'any' },
    call: ({ hash }, a: { message: Uint8Array; key: Uint8Array }) => hash.blake2b(a.message, { key: a.key }),
  },
  {
    name: 'hash.blake3',
    args: () => ({ message: some() }),
    bytes: { message: 'any' },
    call: ({ hash }, a: { message: Uint8Array }) => hash.blake3(a.message),
  },
  {
    name: 'kdf.subkey',
    args: () => ({ key: key(), context: encodeUtf8('KDF test') }),
    bytes: { key: 32, context: 8 },
    call: ({ kdf }, a: { key: Uint8Array; context: Uint8Array }) => kdf.subkey(a.key, a.context, 1n, 32),
  },
  {
    name: 'kdf.scrypt',
    args: passwordHash(32),
    bytes: { password: 'any', salt: 32 },
    call: ({ kdf }, a: Parameters<typeof kdf.scrypt>[0]) => kdf.scrypt(a),
  },
  {
    name: 'kdf.argon2id',
    args: passwordHash(16),
    bytes: { password: 'any', salt: 16 },
    call: ({ kdf }, a: Parameters<typeof kdf.argon2id>[0]) => kdf.argon2id(a),
  },
  {
    name: 'envelopes.sealMany',
    args: () => ({ key: key(), nonce: countingBytes(12), plaintext: some() }),
    bytes: { key: 32, nonce: 12, plaintext: 'any' },
    call: ({ envelopes }, a: { key: Uint8Array; nonce: Uint8Array; plaintext: Uint8Array }) =>
      envelopes.sealMany([key(), a.key], [countingBytes(12), a.nonce], [some(), a.plaintext]),
  },
  {
    name: 'envelopes.openMany',
    args: () => ({ key: key(), envelope: some() }),
    bytes: { key: 32, envelope: 'any' },
    call: ({ envelopes }, a: { key: Uint8Array; envelope: Uint8Array }) => envelopes.openMany([key(), a.key], [some(), a.envelope]),
  },
  {
    name: 'container.encodeRecord',
    args: () => ({ content: some() }),
    bytes: { content: 'any' },
    call: ({ container }, a: { content: Uint8Array }) => container.encodeRecord({ designator: 'orb_pkg', path: 'p', content: a.content }),
  },
  {
    name: 'container.decodeRecord',
    args: () => ({ cbor: some() }),
    bytes: { cbor: 'any' },
    call: ({ container }, a: { cbor: Uint8Array }) => container.decodeRecord(a.cbor),
  },
  {
    name: 'container.pack',
    args: () => ({ content: some() }),
    bytes: { content: 'any' },
    call: ({ container }, a: { content: Uint8Array }) =>
      container.pack('{}', [{ designator: 'orb_pkg', path: 'p', content: a.content }], 0),
  },
  {
    name: 'container.unpack',
    args: () => ({ container: some() }),
    bytes: { container: 'any' },
    call: ({ container }, a: { container: Uint8Array }) => container.unpack(a.container, 1000),
  },
  {
    name: 'container.packSealed',
    args: () => ({ publicKey: key(), content: some() }),
    bytes: { publicKey: 32, content: 'any' },
    call: ({ container }, a: { publicKey: Uint8Array; content: Uint8Array }) =>
      container.packSealed(a.publicKey, '{}', [{ designator: 'orb_pkg', path: 'p', content: a.content }], 0),
  },
  {
    name: 'container.unpackSealed',
    args: () => ({ publicKey: key(), secretKey: key(), box: some() }),
    bytes: { publicKey: 32, secretKey: 32, box: 'any' },
    call: ({ container }, a: Box) =>
      container.unpackSealed({ publicKey: a.publicKey as never, secretKey: a.secretKey as never }, a.box, 1000),
  },
]

/** What callers in plain JavaScript pass by mistake. */
const NOT_BYTES: readonly unknown[] = [undefined, null, 32, 'c0ffee', true, [1, 2, 3], {}, new ArrayBuffer(32), new Uint16Array(16)]

export const ARGUMENT_CHECKS: readonly Check[] = METHODS.flatMap(({ name, args, call, bytes }) =>
  Object.entries(bytes).map(
    ([argument, length]): Check => ({
      name: `${name}: ${argument} is ${length === 'any' ? 'bytes' : `exactly ${length} bytes`}, or an invalid argument`,
      run(engine) {
        const attempt = (value: unknown, what: string) =>
          expectCode('invalid_argument', () => call(engine, { ...args(engine), [argument]: value } as never), what)
        for (const wrong of NOT_BYTES) attempt(wrong, `${argument} = ${describe(wrong)}`)
        if (length === 'any') return
        for (const wrong of [0, 1, length - 1, length + 1, 2 * length]) attempt(new Uint8Array(wrong), `${argument} of ${wrong} bytes`)
      },
    }),
  ),
)

function describe(value: unknown): string {
  return value === null || typeof value !== 'object' ? String(value) : Object.prototype.toString.call(value)
}
