/** The part of sodium-native that is raced; the package has no types of its own. */
declare module 'sodium-native' {
  // A CommonJS module: all of it is the default export.
  const sodium: Sodium
  export default sodium

  type In = Uint8Array

  interface Sodium {
    crypto_aead_chacha20poly1305_ietf_encrypt(out: In, plaintext: In, aad: In | null, nsec: null, nonce: In, key: In): number
    crypto_aead_chacha20poly1305_ietf_decrypt(out: In, nsec: null, ciphertext: In, aad: In | null, nonce: In, key: In): number
    crypto_box_seal(out: In, plaintext: In, publicKey: In): void
    crypto_box_seal_open(out: In, box: In, publicKey: In, secretKey: In): boolean
    crypto_scalarmult_base(out: In, secretKey: In): void
    crypto_scalarmult(out: In, secretKey: In, publicKey: In): void
    crypto_kdf_derive_from_key(out: In, id: number, context: In, key: In): void
    crypto_pwhash_scryptsalsa208sha256(out: In, password: In, salt: In, opsLimit: number, memLimit: number): void
    crypto_pwhash(out: In, password: In, salt: In, opsLimit: number, memLimit: number, algorithm: number): void
    crypto_generichash(out: In, message: In): void
    readonly crypto_pwhash_ALG_ARGON2ID13: number
  }
}
