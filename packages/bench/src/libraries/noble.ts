/** noble: JavaScript alone. */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { x25519 } from '@noble/curves/ed25519.js'
import { argon2id } from '@noble/hashes/argon2.js'
import { blake2b } from '@noble/hashes/blake2.js'
import { blake3 } from '@noble/hashes/blake3.js'
import { scrypt } from '@noble/hashes/scrypt.js'
import { ARGON2ID, type Library } from '../library'

export const noble: Library = {
  name: 'noble',
  contract: 'api',
  seal: (key, nonce, aad, plaintext) => chacha20poly1305(key, nonce, aad).encrypt(plaintext),
  open: (key, nonce, aad, ciphertext) => chacha20poly1305(key, nonce, aad).decrypt(ciphertext),
  derivePublicKey: (secretKey) => x25519.getPublicKey(secretKey),
  sharedSecret: (secretKey, publicKey) => x25519.getSharedSecret(secretKey, publicKey),
  scrypt: (password, salt) => scrypt(password, salt, { N: 2 ** 14, r: 8, p: 1, dkLen: 32 }),
  argon2id: (password, salt) => argon2id(password, salt, { t: ARGON2ID.opsLimit, m: ARGON2ID.memLimit / 1024, p: 1, dkLen: 32 }),
  blake2b: (message) => blake2b(message, { dkLen: 32 }),
  blake3: (message) => blake3(message),
}
