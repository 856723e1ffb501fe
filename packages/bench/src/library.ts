/** What the other libraries of the field are asked for; each has what it has. */
export interface Library {
  readonly name: string
  /** Of everything it does: the result is a fresh array, or written to one that it is handed. */
  readonly contract: 'api' | 'into'
  /** ChaCha20-Poly1305 (RFC 8439): ciphertext and tag. */
  seal?(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array
  open?(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Uint8Array
  boxSeal?(publicKey: Uint8Array, plaintext: Uint8Array): Uint8Array
  boxOpen?(publicKey: Uint8Array, secretKey: Uint8Array, box: Uint8Array): Uint8Array
  derivePublicKey?(secretKey: Uint8Array): Uint8Array
  sharedSecret?(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array
  subkey?(key: Uint8Array, context: string, id: number, length: number): Uint8Array
  /** libsodium's interactive limits, 32 bytes of output. */
  scrypt?(password: Uint8Array, salt: Uint8Array): Uint8Array
  /** libsodium's interactive limits, 32 bytes of output. */
  argon2id?(password: Uint8Array, salt: Uint8Array): Uint8Array
  /** 32 bytes. */
  blake2b?(message: Uint8Array): Uint8Array
  blake3?(message: Uint8Array): Uint8Array
  /** Standard base64, padded. */
  decodeBase64?(text: string): Uint8Array
  /** UTF-8. */
  toText?(bytes: Uint8Array): string
}

/** libsodium's interactive limits. */
export const SCRYPT = { opsLimit: 524_288, memLimit: 16_777_216 } as const
export const ARGON2ID = { opsLimit: 2, memLimit: 67_108_864 } as const

/** The names of our two engines among the contenders. */
export const HOLDFAST = 'Holdfast'
export const FALLBACK = 'Holdfast on libsodium'
