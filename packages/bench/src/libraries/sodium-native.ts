/** sodium-native: libsodium itself, built for the machine. It writes to the caller's array. */
import { ARGON2ID, type Library, SCRYPT } from '../library'

/** @throws {Error} the package, which is optional, is not installed or has no binary for the machine. */
export async function loadSodiumNative(): Promise<Library> {
  const { default: sodium } = await import('sodium-native')
  let out = Buffer.alloc(0)
  const into = (length: number, write: (out: Uint8Array) => unknown): Uint8Array => {
    if (out.length !== length) out = Buffer.alloc(length)
    write(out)
    return out
  }
  return {
    name: 'sodium-native',
    contract: 'into',
    seal: (key, nonce, aad, plaintext) =>
      into(plaintext.length + 16, (to) => sodium.crypto_aead_chacha20poly1305_ietf_encrypt(to, plaintext, aad, null, nonce, key)),
    open: (key, nonce, aad, ciphertext) =>
      into(ciphertext.length - 16, (to) => sodium.crypto_aead_chacha20poly1305_ietf_decrypt(to, null, ciphertext, aad, nonce, key)),
    boxSeal: (publicKey, plaintext) => into(plaintext.length + 48, (to) => sodium.crypto_box_seal(to, plaintext, publicKey)),
    boxOpen: (publicKey, secretKey, box) => into(box.length - 48, (to) => sodium.crypto_box_seal_open(to, box, publicKey, secretKey)),
    derivePublicKey: (secretKey) => into(32, (to) => sodium.crypto_scalarmult_base(to, secretKey)),
    sharedSecret: (secretKey, publicKey) => into(32, (to) => sodium.crypto_scalarmult(to, secretKey, publicKey)),
    subkey: (key, context, id, length) => into(length, (to) => sodium.crypto_kdf_derive_from_key(to, id, Buffer.from(context), key)),
    scrypt: (password, salt) =>
      into(32, (to) => sodium.crypto_pwhash_scryptsalsa208sha256(to, password, salt, SCRYPT.opsLimit, SCRYPT.memLimit)),
    argon2id: (password, salt) =>
      into(32, (to) => sodium.crypto_pwhash(to, password, salt, ARGON2ID.opsLimit, ARGON2ID.memLimit, sodium.crypto_pwhash_ALG_ARGON2ID13)),
    blake2b: (message) => into(32, (to) => sodium.crypto_generichash(to, message)),
  }
}
