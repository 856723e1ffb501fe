/** libsodium.js, called directly: what everything is measured against. */
import sodium from 'libsodium-wrappers-sumo'
import { ARGON2ID, type Library, SCRYPT } from '../library'

export async function loadLibsodium(): Promise<Required<Omit<Library, 'blake3'>>> {
  await sodium.ready
  return {
    name: 'libsodium.js',
    contract: 'api',
    seal: (key, nonce, aad, plaintext) => sodium.crypto_aead_chacha20poly1305_ietf_encrypt(plaintext, aad, null, nonce, key),
    open: (key, nonce, aad, ciphertext) => sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, ciphertext, aad, nonce, key),
    boxSeal: (publicKey, plaintext) => sodium.crypto_box_seal(plaintext, publicKey),
    boxOpen: (publicKey, secretKey, box) => sodium.crypto_box_seal_open(box, publicKey, secretKey),
    derivePublicKey: (secretKey) => sodium.crypto_scalarmult_base(secretKey),
    sharedSecret: (secretKey, publicKey) => sodium.crypto_scalarmult(secretKey, publicKey),
    subkey: (key, context, id, length) => sodium.crypto_kdf_derive_from_key(length, id, context, key),
    scrypt: (password, salt) => sodium.crypto_pwhash_scryptsalsa208sha256(32, password, salt, SCRYPT.opsLimit, SCRYPT.memLimit),
    argon2id: (password, salt) =>
      sodium.crypto_pwhash(32, password, salt, ARGON2ID.opsLimit, ARGON2ID.memLimit, sodium.crypto_pwhash_ALG_ARGON2ID13),
    blake2b: (message) => sodium.crypto_generichash(32, message, null),
    decodeBase64: (text) => sodium.from_base64(text, sodium.base64_variants.ORIGINAL),
    toText: (bytes) => sodium.to_string(bytes),
  }
}
