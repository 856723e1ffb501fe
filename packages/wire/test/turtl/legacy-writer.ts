/** Writes Turtl's formats before 0.7 (turtl appendix A) with node:crypto: what the reader is held against, made without it. */
import { createCipheriv, createHmac, pbkdf2Sync } from 'node:crypto'

export interface LegacyMessage {
  readonly key: Uint8Array
  readonly iv: Uint8Array
  /** With the marker byte of versions 4 and 5. */
  readonly plaintext: Uint8Array
}

export type Padding = 'ansi-x923' | 'pkcs7'

export function pad(plaintext: Uint8Array, padding: Padding): Buffer {
  const count = 16 - (plaintext.length % 16)
  const filler = Buffer.alloc(count, padding === 'pkcs7' ? count : 0)
  filler[count - 1] = count
  return Buffer.concat([plaintext, filler])
}

function encryptBlocks(key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  return Buffer.concat([cipher.update(blocks), cipher.final()])
}

/** @param blocks the plaintext and its padding. */
export function writeVersion0({ key, iv }: Omit<LegacyMessage, 'plaintext'>, blocks: Uint8Array): Buffer {
  return Buffer.from(`${encryptBlocks(key, iv, blocks).toString('base64')}:i${Buffer.from(iv).toString('hex')}`)
}

/**
 * @param description its length and bytes go in as they are.
 * @param blocks the plaintext and its padding.
 */
export function writeWithMac(
  version: number,
  { key, iv }: Omit<LegacyMessage, 'plaintext'>,
  description: readonly number[],
  blocks: Uint8Array,
): Buffer {
  const keys = pbkdf2Sync(key, '', 2, 64, 'sha256')
  const ciphertext = encryptBlocks(keys.subarray(0, 32), iv, blocks)
  const [digit = ''] = `${version + description.length}`
  const mac = createHmac('sha256', keys.subarray(32)).update(digit).update(Buffer.from(description)).update(iv).update(ciphertext).digest()
  return Buffer.concat([Buffer.from([0, version]), mac, Buffer.from([description.length, ...description]), iv, ciphertext])
}

export function writeVersion5({ key, iv, plaintext }: LegacyMessage, description: readonly number[] = [0, 1]): Buffer {
  const header = Buffer.concat([Buffer.from([0, 5, description.length, ...description]), iv])
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(header)
  return Buffer.concat([header, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}
