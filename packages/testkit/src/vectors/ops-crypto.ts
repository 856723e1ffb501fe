import type { Aead, Engine } from '@holdfast/crypto'
import type { Input } from './input'

export type Operation = (engine: Engine, input: Input) => Promise<Record<string, unknown>>

const seal =
  (aead: (engine: Engine) => Aead): Operation =>
  async (engine, input) => ({
    ciphertext: aead(engine).seal(
      await input.bytes('key'),
      await input.bytes('nonce'),
      await input.optionalBytes('aad'),
      await input.bytes('plaintext'),
    ),
  })

const open =
  (aead: (engine: Engine) => Aead): Operation =>
  async (engine, input) => ({
    plaintext: aead(engine).open(
      await input.bytes('key'),
      await input.bytes('nonce'),
      await input.optionalBytes('aad'),
      await input.bytes('ciphertext'),
    ),
  })

const passwordHash = async (input: Input) => ({
  password: await input.bytes('password'),
  salt: await input.bytes('salt'),
  opsLimit: input.number('opsLimit'),
  memLimit: input.number('memLimit'),
  length: input.number('length'),
})

export const CRYPTO_OPERATIONS: Readonly<Record<string, Operation>> = {
  'aead.chacha20poly1305.seal': seal((engine) => engine.aead.chacha20poly1305),
  'aead.chacha20poly1305.open': open((engine) => engine.aead.chacha20poly1305),
  'aead.xchacha20poly1305.seal': seal((engine) => engine.aead.xchacha20poly1305),
  'aead.xchacha20poly1305.open': open((engine) => engine.aead.xchacha20poly1305),
  'x25519.public': async (engine, input) => ({ publicKey: engine.x25519.derivePublicKey(await input.bytes('secretKey')) }),
  'sealedbox.seal': async (engine, input) => ({
    box: engine.sealedBox.sealWithEphemeral(
      await input.bytes('publicKey'),
      await input.bytes('ephemeralSecret'),
      await input.bytes('plaintext'),
    ),
  }),
  'sealedbox.open': async (engine, input) => ({
    plaintext: engine.sealedBox.open(
      { publicKey: await input.bytes('publicKey'), secretKey: await input.bytes('secretKey') },
      await input.bytes('box'),
    ),
  }),
  'kdf.scryptsalsa208sha256': async (engine, input) => ({ key: engine.kdf.scrypt(await passwordHash(input)) }),
  'kdf.argon2id': async (engine, input) => ({ key: engine.kdf.argon2id(await passwordHash(input)) }),
  'kdf.cryptokdf': async (engine, input) => ({
    subkey: engine.kdf.subkey(
      await input.bytes('key'),
      new TextEncoder().encode(input.text('context')),
      BigInt(input.text('id')),
      input.number('length'),
    ),
  }),
  'hash.blake3': async (engine, input) => ({
    digest: engine.hash.blake3(await input.bytes('message'), input.has('length') ? { length: input.number('length') } : {}),
  }),
  'hash.blake2b': async (engine, input) => ({
    digest: engine.hash.blake2b(await input.bytes('message'), {
      ...(input.has('length') ? { length: input.number('length') } : {}),
      ...(input.has('key') ? { key: await input.bytes('key') } : {}),
    }),
  }),
}
