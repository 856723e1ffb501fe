/** Keys from passwords, at libsodium's interactive limits, and from keys. */
import { encodeUtf8, platformRandom } from '@holdfast/base'
import { engineContenders, type Lab, libraryContenders } from '../lab'
import { ARGON2ID, SCRYPT } from '../library'
import type { Contest } from '../measure'

const PASSWORD = encodeUtf8('correct horse battery staple')

export function scryptContest(lab: Lab): Contest {
  const salt = platformRandom(32)
  return {
    operation: 'scrypt, interactive',
    expected: lab.libsodium.scrypt(PASSWORD, salt),
    contenders: [
      ...libraryContenders(lab, ({ scrypt }) => scrypt && (() => scrypt(PASSWORD, salt))),
      ...engineContenders(lab, (engine) => engine.kdf.scrypt({ password: PASSWORD, salt, ...SCRYPT, length: 32 })),
    ],
  }
}

export function argon2idContest(lab: Lab): Contest {
  const salt = platformRandom(16)
  return {
    operation: 'Argon2id, interactive',
    expected: lab.libsodium.argon2id(PASSWORD, salt),
    contenders: [
      ...libraryContenders(lab, ({ argon2id }) => argon2id && (() => argon2id(PASSWORD, salt))),
      ...engineContenders(lab, (engine) => engine.kdf.argon2id({ password: PASSWORD, salt, ...ARGON2ID, length: 32 })),
    ],
  }
}

export function subkeyContest(lab: Lab): Contest {
  const key = platformRandom(32)
  const context = 'holdfast'
  const contextBytes = encodeUtf8(context)
  return {
    operation: 'crypto_kdf subkey',
    expected: lab.libsodium.subkey(key, context, 7, 32),
    contenders: [
      ...libraryContenders(lab, ({ subkey }) => subkey && (() => subkey(key, context, 7, 32))),
      ...engineContenders(lab, (engine) => engine.kdf.subkey(key, contextBytes, 7n, 32)),
    ],
  }
}
