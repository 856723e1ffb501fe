import type { Bytes } from '@holdfast/base'
import { checkBytes, checkLength, checkPasswordHash, checkRange } from '../checks'
import type { Hash, Kdf, PasswordHashOptions } from '../engine'
import { refuse } from '../refusal'
import { type Core, SLOT } from './core'
import { checkKey, keyAt } from './handles'

export function createHash(core: Core): Hash {
  /** The area holds the output, up to 64 bytes of key, and the message. */
  function digest(message: Uint8Array, length: number, key: Uint8Array, run: (message: number, key: number, out: number) => number): Bytes {
    const keyAt = (length + 15) & ~15
    const needed = keyAt + 64 + message.length
    const out = core.reserve(needed, message, key)
    core.put(out + keyAt, key)
    core.put(out + keyAt + 64, message)
    const code = core.guard(() => run(out + keyAt + 64, out + keyAt, out))
    core.settle(0, 'the message')
    const result = core.take(out, length)
    core.wipe(out, needed)
    core.settle(code, 'the message')
    return result
  }

  const NO_KEY = new Uint8Array()
  return {
    blake2b(message, { length = 32, key = NO_KEY } = {}) {
      checkBytes('message', message)
      checkRange('digest length', length, 1, 64)
      checkBytes('key', key)
      checkRange('key length', key.length, 0, 64)
      return digest(message, length, key, (at, keyAt, out) => core.call.blake2b(at, message.length, keyAt, key.length, out, length))
    },
    blake3(message, { length = 32 } = {}) {
      checkBytes('message', message)
      checkRange('digest length', length, 1, 65536)
      return digest(message, length, NO_KEY, (at, _, out) => core.call.blake3(at, message.length, out, length))
    },
  }
}

export function createKdf(core: Core): Kdf {
  /** The area holds 32 bytes of salt, the output, and the password. */
  function hashPassword(
    { password, salt, length }: PasswordHashOptions,
    run: (password: number, salt: number, out: number) => number,
  ): Bytes {
    const needed = 32 + 1024 + password.length
    const at = core.reserve(needed, password, salt)
    core.put(at, salt)
    core.put(at + 1056, password)
    const code = core.guard(() => run(at + 1056, at, at + 32))
    core.settle(0, 'the limits')
    const key = core.take(at + 32, length)
    core.wipe(at, needed)
    core.settle(code, 'the limits')
    return key
  }

  return {
    subkey(key, context, id, length) {
      checkKey(core, key)
      checkLength('context', context, 8)
      checkRange('subkey length', length, 16, 64)
      if (id < 0n || id >= 1n << 64n) throw refuse('invalid_argument', 'subkey id')
      const at = core.reserve(64)
      const [contextAt, idAt] = [core.slots + SLOT.context, core.slots + SLOT.id]
      core.put(contextAt, context)
      new DataView(core.bytes.buffer).setBigUint64(idAt, id, true)
      const code = core.guard(() => core.call.subkey(keyAt(core, key), contextAt, idAt, at, length))
      core.settle(code, 'the key')
      const subkey = core.take(at, length)
      core.wipe(at, length)
      return subkey
    },
    scrypt(options) {
      checkPasswordHash(options, 32)
      const { opsLimit, memLimit, length } = options
      return hashPassword(options, (at, salt, out) => core.call.scrypt(at, options.password.length, salt, opsLimit, memLimit, out, length))
    },
    argon2id(options) {
      checkPasswordHash(options, 16)
      const { opsLimit, memLimit, length } = options
      return hashPassword(options, (at, salt, out) =>
        core.call.argon2id(at, options.password.length, salt, opsLimit, memLimit, out, length),
      )
    },
  }
}
