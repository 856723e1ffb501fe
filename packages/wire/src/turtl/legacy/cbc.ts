import type { Bytes } from '@holdfast/base'

export const BLOCK_BYTES = 16

/**
 * AES-256-CBC without a say about the padding. WebCrypto insists on PKCS#7, so one more block is appended that decrypts to a
 * whole block of it: encrypting nothing, with the last block as IV, gives exactly that block.
 *
 * @param key 32 bytes.
 * @param iv 16 bytes.
 * @param ciphertext whole blocks, at least one.
 * @returns as many bytes as `ciphertext`, padding included; the caller wipes them.
 */
export async function decryptCbc(subtle: SubtleCrypto, key: Bytes, iv: Bytes, ciphertext: Bytes): Promise<Bytes> {
  const aes = await subtle.importKey('raw', key, 'AES-CBC', false, ['encrypt', 'decrypt'])
  const lastBlock = ciphertext.slice(-BLOCK_BYTES)
  const paddingBlock = await subtle.encrypt({ name: 'AES-CBC', iv: lastBlock }, aes, new Uint8Array(0))
  const padded = new Uint8Array(ciphertext.length + BLOCK_BYTES)
  padded.set(ciphertext)
  padded.set(new Uint8Array(paddingBlock), ciphertext.length)
  return new Uint8Array(await subtle.decrypt({ name: 'AES-CBC', iv }, aes, padded))
}
