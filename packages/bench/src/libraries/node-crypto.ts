/** `node:crypto`: OpenSSL, native. It has neither sealed boxes nor a BLAKE2b of 32 bytes. */
import { createCipheriv, createDecipheriv, createPrivateKey, createPublicKey, diffieHellman, type KeyObject, scryptSync } from 'node:crypto'
import type { Library } from '../library'

const TAG = 16
const OPTIONS = { authTagLength: TAG } as const

/** RFC 8410: what stands before the 32 bytes of a key. */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex')
const PUBLIC_PREFIX = Buffer.from('302a300506032b656e032100', 'hex')

const privateKey = (raw: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, raw]), format: 'der', type: 'pkcs8' })
const publicKey = (raw: Uint8Array): KeyObject => createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, raw]), format: 'der', type: 'spki' })

export const nodeCrypto: Library = {
  name: 'node:crypto',
  contract: 'api',
  seal(key, nonce, aad, plaintext) {
    const cipher = createCipheriv('chacha20-poly1305', key, nonce, OPTIONS)
    cipher.setAAD(aad, { plaintextLength: plaintext.length })
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
  },
  open(key, nonce, aad, ciphertext) {
    const decipher = createDecipheriv('chacha20-poly1305', key, nonce, OPTIONS)
    const length = ciphertext.length - TAG
    decipher.setAAD(aad, { plaintextLength: length })
    decipher.setAuthTag(ciphertext.subarray(length))
    return Buffer.concat([decipher.update(ciphertext.subarray(0, length)), decipher.final()])
  },
  derivePublicKey: (secretKey) =>
    createPublicKey(privateKey(secretKey)).export({ format: 'der', type: 'spki' }).subarray(PUBLIC_PREFIX.length),
  sharedSecret: (secretKey, peer) => diffieHellman({ privateKey: privateKey(secretKey), publicKey: publicKey(peer) }),
  scrypt: (password, salt) => scryptSync(password, salt, 32, { N: 2 ** 14, r: 8, p: 1 }),
}
